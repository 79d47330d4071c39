"""`enrichcore providers new` and `providers test`: from nothing to a provider that keeps the contract."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from enrichcore.testing import CHECKS

Cli = Callable[..., Result]
SHAPES: dict[str, tuple[str, ...]] = {
    "acme": (),
    "big_one": ("--method", "name", "--method", "email", "--method", "linkedin", "--auth", "header",
                "--key-name", "X-KEY", "--per", "match", "--credits", "2.5"),
    "later": ("--job", "--auth", "query", "--per", "attempt", "--method", "name", "--base-url", "https://l.example/v9/"),
    "gratis": ("--auth", "none", "--per", "free"),
    "hit": ("--method", "linkedin"),
}  # fmt: skip
"""New providers of all kinds; the last one is called like a class that it uses."""


@pytest.fixture(autouse=True)
def no_module_stays() -> Iterator[None]:
    """A provider that was written here would otherwise be taken for another one of its name in later tests."""
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("enrichcore_"):
            del sys.modules[name]


def made(cli: Cli, here: Path, name: str) -> Path:
    result = cli("providers", "new", name, *SHAPES[name])
    assert result.exit_code == 0, result.output
    folder = here / f"enrichcore-{name.replace('_', '-')}"
    assert sorted(result.stdout.split()) == sorted(
        str(path.relative_to(here)) for path in folder.rglob("*") if path.is_file()
    )
    return folder


def installed(folder: Path, name: str) -> None:
    """What an installer leaves behind, without one: the entry point beside the modules."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    info = folder / f"enrichcore_{name}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "".join(f"{key} = {value}\n" for key, value in project["entry-points"]["enrichcore"].items())
    (info / "entry_points.txt").write_text(f"[enrichcore]\n{points}")


@pytest.mark.parametrize("name", ["acme", "later", "gratis"])
def test_a_new_provider_passes_its_own_tests_and_the_contract_at_once(
    cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = made(cli, here, name)
    installed(folder, name)
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", "tests"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"\b9 passed\b", done.stdout)

    monkeypatch.syspath_prepend(folder)
    whole = name == "acme"  # its tests have tried everything already
    result = cli("providers", "test", name, *([] if whole else ["--only", "facts"]))
    assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    assert re.fullmatch(rf"{name}: \d+ passed, 0 failed, \d+ skipped in [\d.]+ s", last)
    if whole:
        assert {line.split()[0] for line in result.stdout.splitlines()[1:-2]} == CHECKS.keys()
    assert not (here / ".hypothesis").exists()


@pytest.mark.parametrize("name", ["big_one", "hit"])
def test_other_new_providers_keep_the_contract(
    cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = made(cli, here, name)
    installed(folder, name)
    monkeypatch.syspath_prepend(folder)
    result = cli("providers", "test", name, *(f"--only={part}" for part in ("facts", "request", "answer", "status")))
    assert result.exit_code == 0, result.output


def test_what_is_written_is_formatted_and_typed(cli: Cli, here: Path) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    options = ["--isolated", "--no-cache", "--line-length", "120"]
    for name in SHAPES:
        folder = made(cli, here, name)
        for command in (["format", "--check", *options], ["check", "--select", "E,F,I,B,UP,SIM,RUF", *options]):
            done = subprocess.run([*ruff, *command, "."], cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
        types = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", f"enrichcore_{name}.py"]
        if name == "later":
            done = subprocess.run(types, cwd=folder, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    text = (here / "enrichcore-later" / "enrichcore_later.py").read_text("utf-8")
    assert 'base_url = "https://l.example/v9"' in text
    assert "price = Price.per_attempt(1)" in text
    [kind] = [node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    assert kind == "Later"
    assert "class HitProvider(Provider)" in (here / "enrichcore-hit" / "enrichcore_hit.py").read_text("utf-8")
    assert "@" not in re.sub(r"@(hookimpl|engines|pytest)", "", text)


def test_a_folder_that_exists_is_left_alone(cli: Cli, here: Path) -> None:
    folder = made(cli, here, "acme")
    (folder / "README.md").write_text("mine")
    result = cli("providers", "new", "acme")
    assert (result.exit_code, "was left as it is" in result.stderr) == (2, True)
    assert (folder / "README.md").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("Acme",), "lower-case letters"),
        (("a/b",), "lower-case letters"),
        (("acme", "--base-url", "http://api.acme.example"), "an https address"),
        (("acme", "--base-url", 'https://a.example/"+x'), "an https address"),
        (("acme", "--credits", "many"), "a number above 0"),
        (("acme", "--credits", "-1"), "a number above 0"),
        (("acme", "--key-name", 'X")'), "the name of a header"),
        (("acme", "--method", "phone"), "phone"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(
    cli: Cli, here: Path, arguments: tuple[str, ...], says: str
) -> None:
    before = set(here.iterdir())
    result = cli("providers", "new", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert set(here.iterdir()) == before


def test_a_person_is_asked_for_what_is_not_given(cli: Cli, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrichcore.cli.providers_new.is_terminal", lambda: True)
    answers = "name email\nhttps://api.acme.example/v7\nheader\nmatch\n3\ny\n"
    result = cli("providers", "new", "acme", "--key-name", "X-Token", stdin=answers)
    assert result.exit_code == 0, result.output
    text = (here / "enrichcore-acme" / "enrichcore_acme.py").read_text("utf-8")
    for line in ('Header("X-Token")', "Price.per_match(3)", "https://api.acme.example/v7", "-> Job"):
        assert line in text
    assert ("phone_by_name" in text, "phone_by_email" in text, "phone_by_linkedin" in text) == (True, True, False)


def test_all_five_providers_of_the_tree_keep_the_contract_by_this_command(cli: Cli) -> None:
    """By their names, with the cases that they ship; as JSON."""
    for name in ("echo", "directory"):
        result = cli("providers", "test", name, "--json")
        told = json.loads(result.stdout)
        assert (result.exit_code, told["ok"], told["provider"]) == (0, True, name)
        assert [one["check"] for one in told["results"]] == list(CHECKS)
        assert {one["status"] for one in told["results"]} == {"passed", "skipped"}
    for name in ("prospeo", "peopledatalabs", "fullenrich"):
        assert cli("providers", "test", name, "--only", "facts", "--only", "answer").exit_code == 0


def test_a_check_that_fails_is_exit_code_1_and_says_what_was_expected(cli: Cli, here: Path) -> None:
    cases = here / "cases.py"
    cases.write_text(
        "from enrichcore.testing import Case, Cases, reply\n"
        "CASES = Cases(Case('email', reply(200, {'error': False, 'person': None}), reply(503)))\n"
    )
    result = cli("providers", "test", "prospeo", "--cases", str(cases), "--only", "answer", "--only", "facts.methods")
    assert result.exit_code == 1
    rows = {line.split()[0]: line for line in result.stdout.splitlines() if line}
    assert re.search("failed +expected a hit by email, got miss", rows["answer.found"])
    assert "expected a case for each of email, linkedin, name" in rows["facts.methods"]
    assert "docs/how-to/write-a-provider.md#" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("prospero",), "Did you mean 'prospeo'?"),
        (("clitest_broken",), "is broken"),
        (("clitest_known",), "ships no cases"),
        (("prospeo", "--only", "speed"), "names of checks"),
        (("prospeo", "--cases", "nowhere.py"), "cannot read"),
    ],
)
def test_what_cannot_be_tested_is_exit_code_2(cli: Cli, arguments: tuple[str, ...], says: str) -> None:
    result = cli("providers", "test", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
