"""The keys of `[providers.website]`."""

import os
from typing import Any

import attrs

from enrichcore.errors import ConfigError

_MOST_PAGES = 20


def _fail(key: str, expected: str, got: object) -> ConfigError:
    return ConfigError(f"[providers.website] {key}: expected {expected}, got {got!r}")


def _folder(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise _fail("saved", "the path of a folder", value)
    return str(value)


def _pages(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST_PAGES:
        raise _fail("pages", f"a whole number from 1 to {_MOST_PAGES}", value)
    return value


@attrs.frozen(kw_only=True)
class WebsiteSettings:
    """How much is read, and from where.

    `pages`: the most pages of a site for one lookup. `saved`: a folder of pages that were saved before, as
    `engines.example/index.html`, `engines.example/contact.html`; they are read in place of the network.
    """

    pages: int = attrs.field(default=6, converter=_pages)
    saved: str | None = attrs.field(default=None, converter=_folder)
