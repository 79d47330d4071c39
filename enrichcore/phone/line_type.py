"""LineType: what kind of line a number is."""

from enum import StrEnum


class LineType(StrEnum):
    """What kind of line a number is; `unknown` where nobody can tell (always so for North American plans)."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    VOIP = "voip"
    UNKNOWN = "unknown"
