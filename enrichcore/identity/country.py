"""Countries: from an ISO code or an English name to ISO 3166-1 alpha-2."""

import re

from enrichcore.identity.country_names import ALIASES, COUNTRIES, NATIVE
from enrichcore.identity.name import name_key

_MAX_TEXT = 100
_STATE = re.compile(
    r"(?:(?:democratic|federal|federative|islamic|socialist|people s|united|hashemite|independent|arab) )*"
    r"(?:republic|kingdom|commonwealth|principality|sultanate|union|federation|grand duchy) of (?:the )?"
)
# Two countries each: which of them is meant stands in the words before.
_SHARED = frozenset({"korea", "congo", "china"})


def _key(text: str) -> str:
    words = name_key(text.replace("&", " and ")).split()
    if words and words[0] == "the":
        del words[0]
    return " ".join("saint" if word == "st" else word for word in words)


def _tables() -> tuple[dict[str, str], dict[str, str]]:
    codes: dict[str, str] = {}
    names: dict[str, str] = {}
    for entry in COUNTRIES.strip().replace("\n", "|").split("|"):
        alpha2, alpha3, name = entry.split(" ", 2)
        codes[alpha2] = codes[alpha3] = alpha2
        names[_key(alpha2)] = names[_key(alpha3)] = names[_key(name)] = alpha2
    for alpha2, aliases in (*ALIASES.items(), *NATIVE.items()):
        for alias in aliases:
            names.setdefault(_key(alias), alpha2)
    return codes, names


_CODES, _NAMES = _tables()


def clean_country(text: object) -> str | None:
    """The alpha-2 code for an alpha-2 or alpha-3 code, an English or a native name, in any case; else None."""
    if not isinstance(text, str):
        return None
    code = _CODES.get(text)
    if code is not None or len(text) > _MAX_TEXT:
        return code
    key = _key(text)
    code = _NAMES.get(key)
    if code is None and "," in text:
        before, _, after = text.partition(",")
        key = _key(f"{after} {before}")
        code = _NAMES.get(key)
    if code is None:
        short = _STATE.sub("", key, count=1)
        if short != key and short not in _SHARED:
            code = _NAMES.get(short)
    return code
