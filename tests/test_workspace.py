"""The workspace holds together: every provider is a distribution of its own, and a wheel is enough to run the demo."""

import itertools
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

import pytest
from packaging.requirements import Requirement

from enrichcore.version import __version__

ROOT = Path(__file__).resolve().parents[1]
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
EXTRAS = {"cli", "demo", "fast", "postgres", "files", "service", "dask", "crypto", "otel", "all"}


def read(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))


def distribution(folder: Path) -> str:
    return f"enrichcore-{folder.name.replace('_', '-')}"


WHOLE = read(ROOT)
PROVIDERS = sorted(path for path in (ROOT / "providers").iterdir() if path.is_dir() and path.name[0] not in "._")
each_provider = pytest.mark.parametrize("folder", PROVIDERS, ids=lambda folder: folder.name)


def test_there_are_the_providers_of_the_workspace() -> None:
    """Every folder below `providers` is a member, and these five are among them."""
    assert WHOLE["tool"]["uv"]["workspace"]["members"] == ["providers/*"]
    names = {folder.name for folder in PROVIDERS}
    assert names >= {"echo", "directory", "peopledatalabs", "prospeo", "fullenrich"}


@each_provider
def test_a_provider_is_a_distribution_of_its_own(folder: Path) -> None:
    """Named after its folder, with one entry point of that name, a README that says something, and tests."""
    project = read(folder)["project"]
    assert project["name"] == distribution(folder)
    assert list(project["entry-points"]) == ["enrichcore"]
    [(name, target)] = project["entry-points"]["enrichcore"].items()
    assert name == folder.name
    assert target.startswith(f"enrichcore_{folder.name}:")
    assert "provider" in project["description"]
    assert project["readme"] == "README.md"
    text = (folder / "README.md").read_text("utf-8")
    assert text.startswith(f"# {distribution(folder)}\n")
    assert len(text.split()) >= 50
    assert list((folder / "tests").glob("test_*.py"))
    assert not list((folder / "tests").glob("__init__.py"))


@each_provider
def test_a_provider_says_which_versions_of_enrichcore_it_works_with(folder: Path) -> None:
    """The range includes the present version and ends before the next that may break it; Python's is the same."""
    project = read(folder)["project"]
    core = next(r for r in map(Requirement, project["dependencies"]) if r.name == "enrichcore")
    assert core.specifier.contains(__version__)
    assert not core.specifier.contains("1.0")
    assert {spec.operator for spec in core.specifier} == {">=", "<"}
    assert project["requires-python"] == WHOLE["project"]["requires-python"]
    assert project["license"] == WHOLE["project"]["license"]


@each_provider
def test_a_provider_is_set_up_and_type_checked_with_the_rest(folder: Path) -> None:
    """It comes from the workspace, is installed for development, and mypy finds it."""
    name = distribution(folder)
    assert WHOLE["tool"]["uv"]["sources"][name] == {"workspace": True}
    assert name in {requirement.name for requirement in developed(f"enrichcore[{','.join(EXTRAS)}]")}
    assert f"$MYPY_CONFIG_FILE_DIR/providers/{folder.name}" in WHOLE["tool"]["mypy"]["mypy_path"]


def developed(core: str) -> list[Requirement]:
    """What the dev group installs, with the extras of enrichcore that it names in place of enrichcore."""
    requirements = [Requirement(line) for line in WHOLE["dependency-groups"]["dev"]]
    extras = next(r for r in requirements if r.name == "enrichcore").extras
    assert extras <= Requirement(core).extras
    for extra in extras:
        requirements += map(Requirement, WHOLE["project"]["optional-dependencies"][extra])
    return requirements


def test_sources_and_members_are_named_in_the_root_only() -> None:
    """Away from the workspace a provider is an ordinary distribution."""
    assert WHOLE["tool"]["uv"]["sources"].keys() == {"enrichcore", *(distribution(f) for f in PROVIDERS)}
    for folder in PROVIDERS:
        assert "uv" not in read(folder).get("tool", {})


def test_the_extras_are_there_and_all_holds_all() -> None:
    """One extra for each kind of user."""
    extras = WHOLE["project"]["optional-dependencies"]
    assert extras.keys() == EXTRAS
    [everything] = map(Requirement, extras["all"])
    assert everything.name == "enrichcore"
    assert everything.extras == EXTRAS - {"all"}
    demo = {requirement.name for requirement in map(Requirement, extras["demo"])}
    assert demo == {"enrichcore", "enrichcore-directory", "enrichcore-echo"}


def test_no_requirement_names_a_place() -> None:
    """Versions are pinned by constraints; nothing records where a package was loaded from."""
    for folder in (ROOT, *PROVIDERS):
        project = read(folder)["project"]
        extras = project.get("optional-dependencies", {}).values()
        for requirement in map(Requirement, itertools.chain(project["dependencies"], *extras)):
            assert requirement.url is None
            assert requirement.specifier or requirement.name.startswith("enrichcore")
        assert "index" not in read(folder).get("tool", {}).get("uv", {})
    assert "uv.lock" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True)
        assert not {"uv.lock", "poetry.lock", "requirements.txt"} & {Path(f).name for f in listed.stdout.splitlines()}


def test_the_supported_pythons_are_said_once_each() -> None:
    """The classifiers name the versions from the lowest that is required."""
    named = [line.rpartition(" :: ")[2] for line in WHOLE["project"]["classifiers"] if ":: Python :: 3." in line]
    assert tuple(named) == PYTHONS
    assert WHOLE["project"]["requires-python"] == f">={PYTHONS[0]}"
    assert WHOLE["tool"]["ruff"]["target-version"] == f"py{PYTHONS[0].replace('.', '')}"
    assert WHOLE["project"]["version"] == __version__


@pytest.fixture
def installed(tmp_path: Path, require: Callable[[str], NoReturn]) -> Path:
    """A folder with the built wheels of enrichcore and of what the demo needs, unpacked as an installer does it."""
    if find_spec("hatchling") is None:
        require("hatchling is not installed")
    for source in (ROOT, ROOT / "providers" / "echo", ROOT / "providers" / "directory"):
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheels")]
        subprocess.run(build, cwd=source, check=True, capture_output=True)
    for wheel in (tmp_path / "wheels").glob("*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(tmp_path / "installed")
    return tmp_path / "installed"


def test_the_demo_runs_from_the_wheels_alone(installed: Path, tmp_path: Path) -> None:
    """Outside the tree, offline and without a key: the wheel holds the contacts and the customer list."""
    for name in ("contacts.csv", "crm.csv"):
        packed = (installed / "enrichcore" / "examples" / name).read_bytes()
        assert packed == (ROOT / "docs" / "examples" / name).read_bytes()
    assert (installed / "enrichcore" / "py.typed").exists()
    program = f"""
        import socket, sys
        def refuse(*_): raise AssertionError("the demo opened a connection")
        socket.socket.connect = socket.getaddrinfo = refuse
        import enrichcore, enrichcore_directory, enrichcore_echo
        for module in (enrichcore, enrichcore_directory, enrichcore_echo):
            assert module.__file__.startswith({str(installed)!r}), module.__file__
        from enrichcore.cli import main
        sys.argv[1:] = ["demo"]
        sys.exit(main())
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ENRICHCORE_") and not k.endswith("_KEY")}
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(line[8:] for line in program.splitlines())],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(installed), "HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fill rate" in done.stdout
    assert not (tmp_path / "home").exists()
