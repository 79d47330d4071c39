"""What somebody outside this repository does: copy the echo provider, rename it, install it, and run its tests.

The steps are those of `providers/echo/README.md`, taken from there and carried out in an environment of their own that
has nothing of this tree on its path. No package index is asked: what enrichcore depends on is lent by the environment
that runs these tests.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from importlib.metadata import distribution
from importlib.util import find_spec
from pathlib import Path
from typing import NoReturn

import attrs
import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
LENT = ("enrichcore[cli]", "pytest", "hatchling")


@attrs.frozen
class Outside:
    """A folder and an environment that know nothing of this tree."""

    folder: Path
    wheels: Path

    @property
    def commands(self) -> Path:
        return self.folder / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def run(self, command: str, *, within: str = ".") -> str:
        """Run a command line as a person would who has activated the environment; the answer is what it said."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("ENRICHCORE_", "PYTHON", "PYTEST_"))}
        environment |= {
            "PATH": os.pathsep.join([str(self.commands), os.environ["PATH"]]),
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
            "PIP_NO_BUILD_ISOLATION": "0",  # pip's way to say: build with the hatchling that is here
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        done = subprocess.run(
            command, shell=True, cwd=self.folder / within, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout


def needed(wanted: str, seen: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """The distributions, each with an extra or none, that `wanted` needs here, itself included, added to `seen`."""
    requirement = Requirement(wanted)
    for extra in requirement.extras or {""}:
        if (requirement.name, extra) not in seen:
            seen.add((requirement.name, extra))
            for line in distribution(requirement.name).requires or []:
                marker = Requirement(line).marker
                if marker is None or marker.evaluate({"extra": extra}):
                    needed(line, seen)
    return seen


def lend(folder: Path) -> None:
    """Link what `LENT` needs into a site-packages folder, except for our own distributions."""
    seen: set[tuple[str, str]] = set()
    for wanted in LENT:
        needed(wanted, seen)
    for name in {name for name, _ in seen if not name.startswith("enrichcore")}:
        for file in distribution(name).files or ():
            top = file.parts[0]
            if top not in ("..", "__pycache__") and not (folder / top).exists():
                (folder / top).symlink_to(Path(str(distribution(name).locate_file(top))).resolve())
    script = folder.parents[2] / "bin" / "pytest"
    script.write_text(f"#!{script.with_name('python')}\nimport pytest\nraise SystemExit(pytest.console_main())\n")
    script.chmod(0o755)


@pytest.fixture
def outside(tmp_path: Path, require: Callable[[str], NoReturn]) -> Outside:
    """An environment with pip and what enrichcore depends on, and a shelf with the wheel of enrichcore."""
    for module in ("hatchling", "ensurepip"):
        if find_spec(module) is None:
            require(f"{module} is not installed")
    made = Outside(tmp_path / "outside", tmp_path / "wheels")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made.wheels)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    venv.create(made.folder / "venv", with_pip=True, symlinks=True)
    [packages] = (made.folder / "venv").glob("lib/python3*/site-packages")
    lend(packages)
    return made


def test_a_copy_of_echo_is_a_provider_of_its_own(outside: Outside) -> None:
    """Copied, renamed and installed as the README says, it passes its tests and is listed, with no other edit."""
    readme = (ROOT / "providers" / "echo" / "README.md").read_text("utf-8")
    copy, install = re.findall(r"^```sh\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)[1:]
    [rename] = re.findall(r"^```python\n(.*?)^```$", readme, re.MULTILINE | re.DOTALL)
    rubbish = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(ROOT / "providers" / "echo", outside.folder / "providers" / "echo", ignore=rubbish)
    outside.run(copy)
    (outside.folder / "rename.py").write_text(rename)
    outside.run("python rename.py")
    folder, *commands = install.splitlines()
    within = folder.removeprefix("cd ")
    said = {command: outside.run(command, within=within) for command in commands}

    assert re.search(r"\b[1-9]\d* passed in", said["pytest"])
    listed = next(line for line in said["enrichcore providers list"].splitlines() if line.startswith("parrot"))
    assert "enrichcore-parrot 0.1.0" in listed
    found = outside.run("python -c 'import enrichcore, enrichcore_parrot as p; print(enrichcore.__file__, p.__file__)'")
    assert all("site-packages" in path and str(ROOT) not in path for path in found.split())
    words = [path for path in (outside.folder / within).rglob("*.*") if path.is_file() and path.suffix != ".pyc"]
    assert not [path for path in words if "echo" in path.name or "echo" in path.read_text("utf-8").lower()]


def test_a_new_provider_is_one_of_its_own(outside: Outside) -> None:
    """Written by the command, installed without an index: its tests pass, and so does the contract suite."""
    outside.run("pip install 'enrichcore[cli]'")
    written = outside.run("enrichcore providers new acme --method email --method linkedin --auth header")
    assert len(written.splitlines()) == 5
    within = "enrichcore-acme"
    outside.run("pip install .", within=within)
    assert re.search(r"\b9 passed in", outside.run("pytest", within=within))
    said = outside.run("enrichcore providers test acme")
    assert re.search(r"^acme: [45]\d passed, 0 failed, \d+ skipped in", said, re.MULTILINE)
    assert "acme" in outside.run("enrichcore providers list")


def test_a_provider_from_the_tutorial_is_one_of_its_own(outside: Outside) -> None:
    """What somebody wrote who knew only the tutorial installs, is listed, and keeps the contract."""
    outside.run("pip install 'enrichcore[cli]'")
    shutil.copytree(ROOT / "tests" / "testing" / "trial", outside.folder / "trial")
    outside.run("pip install .", within="trial")
    said = outside.run("enrichcore providers test bellwether")
    assert re.search(r"^bellwether: 5\d passed, 0 failed, \d+ skipped in", said, re.MULTILINE)
    assert "not used: set BELLWETHER_API_KEY" in outside.run("enrichcore providers list")
