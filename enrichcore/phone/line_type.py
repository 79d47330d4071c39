"""LineType: what kind of line a number is."""

from enum import StrEnum


class LineType(StrEnum):
    """What kind of line a number is; `unknown` where nobody can tell.

    The numbering plan never can in the United States and Canada.
    """

    MOBILE = "mobile"
    LANDLINE = "landline"
    VOIP = "voip"
    UNKNOWN = "unknown"
