"""What the exit code of `enrichcore` says."""

from typing import Final

DONE: Final = 0
"""Done; also when nothing was found."""
FAILED: Final = 1
"""It could not be done; standard error says why."""
USAGE: Final = 2
"""The command, the configuration or the input asks for something that cannot be; nothing was asked or written."""
INCOMPLETE: Final = 3
"""Done, but some rows wait for another run."""
INTERRUPTED: Final = 130
"""Stopped by Ctrl-C."""
