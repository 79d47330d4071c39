"""The table of rules in the documentation names tests that exist, and leaves out no field and no status."""

import ast
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "reference" / "http.md").read_text("utf-8")
ROWS = re.findall(r"^\| (\w+) \| (.+?) \| `(test_\w+\.py)::(test_\w+)` \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("of", "rule", "module", "name"), ROWS, ids=[f"{of}: {rule}" for of, rule, _, _ in ROWS])
def test_a_rule_has_a_test(of: str, rule: str, module: str, name: str) -> None:
    tree = ast.parse((HERE / module).read_text("utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_no_rule_of_the_table_is_overlooked() -> None:
    """Every line of the table that names a test was read by this module."""
    assert len(ROWS) == PAGE.count("::test_") > 50


def test_every_field_and_every_status_is_in_the_table() -> None:
    described = json.loads((files("enrichcore.service") / "openapi.json").read_text("utf-8"))
    schemas = described["components"]["schemas"]
    rules = " ".join(rule for _, rule, _, _ in ROWS)
    story = {"status", "line_type", "provider", "method", "cached", "cost", "attempts"}
    for field in [*schemas["PhoneRequest"]["properties"], *(schemas["PhoneResult"]["properties"].keys() - story)]:
        assert f"`{field}`" in rules
    statuses = {status for path in described["paths"].values() for o in path.values() for status in o["responses"]}
    assert statuses - {"503"} <= {of for of, _, _, _ in ROWS}


def test_every_code_is_on_the_page() -> None:
    described = json.loads((files("enrichcore.service") / "openapi.json").read_text("utf-8"))
    codes = described["components"]["schemas"]["Error"]["properties"]["details"]["properties"]["code"]["enum"]
    assert set(re.findall(r"^\| \d{3} \| `(\w+)` \|", PAGE, re.MULTILINE)) == set(codes)
