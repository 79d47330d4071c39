"""The shape of the house, as facts about the source tree."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "enrichcore"
MODULES = sorted(PACKAGE.rglob("*.py"))

LAYERS: dict[str, set[str]] = {
    "version": set(),
    "draft": set(),
    "runtime": set(),
    "errors": {"model"},  # for a type annotation only
    "log": set(),
    "phone": {"draft", "errors"},
    "identity": {"errors"},
    "model": {"draft", "errors", "identity", "phone"},
    "plugins": {"errors", "model"},
    "store": {"draft", "errors", "model", "runtime"},
    "config": {"errors", "model", "plugins"},
    "engine": {
        "config", "errors", "identity", "log", "model", "phone", "plugins", "runtime", "store", "version",
    },
    "testing": {"engine", "errors", "identity", "model", "plugins", "runtime"},
    "sync": {"engine", "errors", "model"},
    "bulk": {"config", "engine", "errors", "model", "sync", "identity", "log"},
    "service": {"config", "engine", "errors", "log", "model", "plugins", "runtime", "store", "version"},
    "cli": {
        "bulk", "config", "engine", "errors", "log", "model", "plugins", "runtime", "service", "store", "sync",
        "testing", "version",
    },
}  # fmt: skip
"""What each part may import besides itself. Imports go one way."""


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module is not None and node.level == 0:
            found += [node.module] if node.module != "enrichcore" else [f"enrichcore.{a.name}" for a in node.names]
        elif isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    """A module imports only its own part and the parts below it."""
    part = _part(path)
    if part == "__init__":
        return
    allowed = LAYERS[part] | {part}
    used = {name.split(".")[1] for name in _imports(path) if name.startswith("enrichcore.")}
    assert used <= allowed, f"{part} may not import {sorted(used - allowed)}"


TAKEN_DIRECTLY = {
    "time": {"time", "monotonic", "sleep", "perf_counter", "process_time"},
    "datetime": {"now", "utcnow", "today"},
    "random": {"random", "choice", "uniform", "randint", "shuffle", "Random", "SystemRandom"},
    "uuid": {"uuid1", "uuid4"},
    "os": {"urandom"},
    "secrets": {"token_bytes", "token_hex", "randbits"},
}
ALLOWED_DIRECTLY = {"runtime", "store", "sync", "service"}
TEMPORARY_NAMES = {"bulk/output.py"}
"""What takes random names for temporary files from the operating system: two processes must never agree on one."""


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_clocks_and_randomness_are_passed_in(path: Path) -> None:
    """Outside the one module that supplies them, and the named exceptions, nobody reads a clock or rolls dice."""
    if _part(path) in ALLOWED_DIRECTLY or path.relative_to(PACKAGE).as_posix() in TEMPORARY_NAMES:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            taken = node.attr in TAKEN_DIRECTLY.get(node.value.id, set())
            assert not taken, f"line {node.lineno}: {node.value.id}.{node.attr} is taken directly"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_is_one_idea(path: Path) -> None:
    """No module is longer than 400 lines, data tables apart."""
    lines = path.read_text("utf-8").splitlines()
    data = sum(line.lstrip().startswith(('"', "(", "'")) for line in lines)
    assert len(lines) - data <= 400


def test_httpx_is_imported_where_the_seam_is() -> None:
    """Only the plugin door and the HTTP modules of the engine know httpx."""
    users = {p.relative_to(PACKAGE).as_posix() for p in MODULES if "httpx" in {n.split(".")[0] for n in _imports(p)}}
    assert users <= {
        "plugins/provider.py",
        "plugins/statuses.py",
        "engine/http.py",
        "engine/channel.py",
        "engine/transport.py",
        "engine/transport_plain.py",
        "engine/transport_fast.py",
        "engine/reply.py",
        "engine/statuses.py",
    }


def test_providers_import_only_what_a_third_party_may() -> None:
    """Our own providers have no back door into the engine; their cases, which no engine loads, use the kit."""
    for path in sorted((ROOT / "providers").glob("*/enrichcore_*.py")) + sorted(
        (ROOT / "providers").glob("*/enrichcore_*/*.py")
    ):
        for name in _imports(path):
            if name.startswith("enrichcore."):
                allowed = {"errors", "identity", "model", "plugins", "phone"}
                allowed |= {"testing"} if path.stem.endswith("cases") else set()
                assert name.split(".")[1] in allowed, f"{path.name} imports {name}"


def test_the_tree_has_no_unfinished_words() -> None:
    """Nothing is left for later in the code."""
    words = ("TO" + "DO", "FIX" + "ME", "NotImplemented" + "Error", "pragma: no " + "cover")
    for path in [*MODULES, *(ROOT / "providers").rglob("*.py")]:
        if ".venv" in path.parts:
            continue
        text = path.read_text("utf-8")
        for word in words:
            assert word not in text, f"{path}: {word}"
