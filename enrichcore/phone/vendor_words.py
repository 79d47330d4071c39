"""What a vendor's own word says about a line."""

import re
from functools import lru_cache

from enrichcore.phone.line_type import LineType

_NOT_A_LETTER = re.compile(r"[^a-z]+")
_MOBILE = frozenset(
    {"mobile", "mobiles", "cell", "cellular", "cellphone", "wireless", "gsm", "handy", "mobil", "portable"}
)
_LANDLINE = frozenset({"landline", "fixed", "fixedline", "land", "direct", "directdial", "dd", "deskphone", "pstn"})
_VOIP = frozenset({"voip", "nonfixedvoip", "fixedvoip"})


# Vendors have a handful of words each, and no person is in them.
@lru_cache(maxsize=256)
def line_of(word: str) -> LineType:
    """The line a vendor's word means; `unknown` for a word that says nothing, or two things at once."""
    words = set(_NOT_A_LETTER.split(word.lower()[:100]))
    if words & _VOIP:
        return LineType.VOIP
    mobile, landline = bool(words & _MOBILE), bool(words & _LANDLINE)
    if mobile == landline:
        return LineType.UNKNOWN
    return LineType.MOBILE if mobile else LineType.LANDLINE
