"""Keeps the compiled patterns of the `phonenumbers` library alive.

The library compiles a pattern from its metadata at every use and leaves it to `re` to remember it. `re` remembers 512,
the world's plans need more than a thousand, and then every use compiles: a number costs ten times as much. The patterns
come from the library's fixed metadata, so keeping all of them is bounded (1,900 patterns, 1 MiB).

Since 9.0.43 the library can do that itself (`enable_pattern_cache`, off unless asked for). For an older one a stand-in
for the module `re` is put where the library looks for it. Both are seen by every user of the library in this process,
whose answers they do not change.
"""

import re
from types import ModuleType
from typing import Any


class RememberingRe:
    """A stand-in for the module `re` whose `compile` never forgets. Everything else is `re`'s own."""

    def __init__(self) -> None:
        self._patterns: dict[tuple[str, int], re.Pattern[str]] = {}

    def compile(self, pattern: str, flags: int = 0) -> re.Pattern[str]:
        """The compiled `pattern`, the same object every time."""
        found = self._patterns.get((pattern, flags))
        if found is None:
            found = self._patterns[pattern, flags] = re.compile(pattern, flags)
        return found

    def __getattr__(self, name: str) -> Any:
        """Whatever else `re` has."""
        return getattr(re, name)


def keep_patterns(phonenumbers: ModuleType) -> None:
    """Make the library keep every pattern that it compiles from now on; a second call changes nothing."""
    enable = getattr(phonenumbers, "enable_pattern_cache", None)
    if enable is not None:
        enable()
        return
    util = phonenumbers.phonenumberutil
    if not isinstance(util.re, RememberingRe):
        util.re = RememberingRe()
