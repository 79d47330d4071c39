"""The `enrichcore` command."""

import sys

_PARTS = frozenset({"click", "platformdirs", "rich"})


def main() -> int:
    """Run the command line; the answer is the exit code."""
    try:
        from enrichcore.cli.app import run
    except KeyboardInterrupt:
        return 130
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PARTS:
            raise
        sys.stderr.write(
            f"enrichcore: the command line needs the package {error.name!r}, which is not installed: "
            "pip install 'enrichcore[cli]'\n"
        )
        return 1
    return run()
