"""A provider written from the tutorial alone, for another vendor, is short, works, and keeps the contract.

The folder `trial` holds what its author had beside the tutorial, `VENDOR.md`, and what came of it.
"""

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from enrichcore import Acceptance, Engine
from enrichcore.testing import Act, VendorServer, check_provider, reply

TRIAL = Path(__file__).parent / "trial"
TUTORIAL = Path(__file__).parents[2] / "docs" / "tutorial" / "your-first-provider.md"
FILES = ("enrichcore_bellwether.py", "enrichcore_bellwether_cases.py", "pyproject.toml")


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(TRIAL))
    return importlib.import_module("enrichcore_bellwether")


@pytest.fixture
def cases(provider: ModuleType) -> ModuleType:
    return importlib.import_module("enrichcore_bellwether_cases")


def shown() -> set[str]:
    """All words in the code and the tables of the tutorial."""
    return set(re.findall(r"[A-Za-z_]\w*", TUTORIAL.read_text("utf-8")))


def used(source: str) -> Iterator[str]:
    """Everything of enrichcore that a module uses: what it imports, attributes, facts, keyword arguments."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg
        elif isinstance(node, ast.ClassDef):
            yield from (
                t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name)
            )
            yield from (s.name for s in node.body if isinstance(s, ast.AsyncFunctionDef))


def test_it_is_short() -> None:
    assert len((TRIAL / FILES[0]).read_text("utf-8").splitlines()) <= 40


@pytest.mark.parametrize("name", FILES[:2])
def test_it_uses_nothing_that_the_tutorial_does_not_show(name: str) -> None:
    """Whoever has read only that page could have written it."""
    words = set(used((TRIAL / name).read_text("utf-8")))
    assert len(words) > 2
    assert words - shown() == set()


def test_it_keeps_the_contract(provider: ModuleType, cases: ModuleType) -> None:
    report = check_provider(provider.Bellwether, cases.CASES)
    report.assert_ok()
    assert len(report.of("passed")) >= 50


@pytest.mark.parametrize(
    ("says", "status", "phone", "reason"),
    [
        ("FOUND", "found", "+12025550143", None),
        ("NOBODY", "not_found", None, None),
        (402, "incomplete", None, "out_of_credits"),
        (401, "incomplete", None, "key_refused"),
    ],
)
def test_it_works_over_a_real_connection(
    provider: ModuleType, cases: ModuleType, says: str | int, status: str, phone: str | None, reason: str | None
) -> None:
    acts = reply(says, {}) if isinstance(says, int) else getattr(cases, says)
    act: Act = acts[0] if isinstance(acts, list) else acts
    with (
        VendorServer(act) as server,
        Engine(
            providers=[provider.Bellwether],
            settings={"bellwether": {"base_url": server.url, "credit_price": "0.01"}},
            credentials={"bellwether": "a-key"},
            acceptance=Acceptance(allow_fictional=True),
            store="memory",
        ) as engine,
    ):
        ada = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"}
        result = engine.enrich_phone({"record_id": "1", **ada, "linkedin_id": "ada-lovelace"})
    assert (result.status, result.phone, result.reason) == (status, phone, reason)
    assert server.asked[0].headers["x-api-token"] == "a-key"
