"""The public API is typed as its users need it."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_typed_use_of_the_public_api_is_accepted() -> None:
    """With mypy in strict mode, under the project's own settings."""
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "tests/typing/api.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_the_package_says_that_it_is_typed() -> None:
    assert (ROOT / "enrichcore" / "py.typed").is_file()
