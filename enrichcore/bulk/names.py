"""A whole name as first and last name: nameparser, which knows titles, suffixes, particles and commas."""

import importlib.util
from functools import cache, lru_cache
from typing import Final

from enrichcore.errors import ConfigError

MOST: Final = 200
"""Characters of a name that is worth reading."""


@cache
def has_parser() -> bool:
    """Whether whole names can be split here."""
    return importlib.util.find_spec("nameparser") is not None


def need_parser() -> None:
    """Refuse a file whose names nobody could split.

    Raises:
        ConfigError: the library is not installed.
    """
    if not has_parser():
        raise ConfigError(
            "this file has whole names, which nameparser splits: pip install 'enrichcore[files]', or give the file "
            "two columns, first_name and last_name"
        )


@lru_cache(maxsize=1024)
def split_name(name: str) -> tuple[str, str]:
    """First and last name, each empty where the name has none; middle names, titles and suffixes are left out."""
    if len(name) > MOST or not has_parser():
        return "", ""
    from nameparser import HumanName  # noqa: PLC0415 - only files with whole names need it

    read = HumanName(name)
    return str(read.first), str(read.last)
