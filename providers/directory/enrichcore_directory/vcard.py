"""The people of a vCard file, read card by card by vobject."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from enrichcore.identity import clean_linkedin
from enrichcore_directory.columns import Columns
from enrichcore_directory.entry import Reader
from enrichcore_directory.extras import need
from enrichcore_directory.files import NOBODY, Rows, open_text
from enrichcore_directory.text import MOST, Lines, TooLong

_ROLES: Final = (
    "first_name", "last_name", "name", "company", "domain", "email", "linkedin_id", "title", "country", "mobile",
    "direct", "phone", "company_phone",
)  # fmt: skip
_COLUMNS: Final = Columns({role: (place,) for place, role in enumerate(_ROLES)})
_NO_VOICE: Final = frozenset({"fax", "pager", "modem", "video", "bbs", "text-only"})


def vcard_rows(path: Path, encoding: str) -> Rows:
    """The people of a file with vCards of version 2.1, 3.0 or 4.0.

    Raises:
        ConfigError: vobject is not installed.
    """
    vobject = need("vobject", extra="vcard")
    read = Reader(_COLUMNS).read
    for line, card in _cards(path, encoding):
        if card is None:
            yield f"the card at line {line} is cut off, or longer than {MOST:,} characters"
            continue
        try:
            cells = _cells(vobject.readOne(card, allowQP="quoted-printable" in card.lower()).contents)
        except Exception as error:  # noqa: BLE001 - vobject lets errors of many kinds out
            yield f"the card at line {line} is not readable ({type(error).__name__})"
            continue
        yield read(cells) or f"the card at line {line} {NOBODY}"


def _cards(path: Path, encoding: str) -> Iterator[tuple[int, str | None]]:
    """The first line and the text of each card; None for one that does not end."""
    with open_text(path, encoding) as file:
        lines = Lines(file)
        card: list[str] = []
        first = 0
        while True:
            try:
                line = next(lines)
            except StopIteration:
                if card:
                    yield first, None
                return
            except TooLong:
                if card:
                    yield first, None
                card = []
                continue
            word = line.strip().upper()
            if word == "BEGIN:VCARD":
                if card:
                    yield first, None
                lines.begin()
                first, card = lines.number, [line]
            elif card and word == "END:VCARD":
                yield first, "".join([*card, line])
                card = []
            elif card:
                # vobject knows no 4.0; where the two differ does not matter here.
                card.append("VERSION:3.0\r\n" if word == "VERSION:4.0" else line)


def _cells(contents: dict[str, list[Any]]) -> list[str]:
    found: dict[str, str] = {}
    for part in contents.get("n", [])[:1]:
        found["first_name"], found["last_name"] = _words(part.value.given), _words(part.value.family)
    for part in contents.get("adr", [])[:1]:
        found["country"] = _words(part.value.country)
    for role, key in (("name", "fn"), ("title", "title"), ("email", "email"), ("company", "org")):
        for part in contents.get(key, [])[:1]:
            found[role] = _words(part.value[0] if key == "org" and isinstance(part.value, list) else part.value)
    for part in [*contents.get("url", []), *contents.get("x-socialprofile", [])]:
        address = _words(part.value)
        linkedin = "linkedin." in address.lower() and clean_linkedin(address) is not None
        if linkedin or part.name == "URL":
            found.setdefault("linkedin_id" if linkedin else "domain", address)
    numbers: dict[str, list[str]] = {}
    for part in contents.get("tel", []):
        kinds = {kind.lower() for text in part.params.get("TYPE", []) for kind in text.split(",")}
        kinds |= {kind.lower() for kind in part.singletonparams}
        if kinds & _NO_VOICE and "voice" not in kinds:
            continue
        role = "mobile" if kinds & {"cell", "mobile", "iphone"} else "company_phone" if "main" in kinds else "phone"
        numbers.setdefault(role, []).append(_words(part.value).removeprefix("tel:"))
    found |= {role: "|".join(texts) for role, texts in numbers.items()}
    return [found.get(role, "") for role in _ROLES]


def _words(value: Any) -> str:
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value or "")
