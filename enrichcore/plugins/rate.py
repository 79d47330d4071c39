"""Rate: at most so many calls in a window of time, written as `5/s`, `300/min` or `5000/day`."""

import re
from typing import Self

import attrs

_SECONDS = {
    "s": 1.0, "sec": 1.0, "second": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0,
    "h": 3600.0, "hour": 3600.0,
    "d": 86400.0, "day": 86400.0,
}  # fmt: skip
_FORM = re.compile(r"\s*([1-9][0-9]{0,8})\s*/\s*([1-9][0-9]{0,4})?\s*([a-z]+)\s*", re.ASCII)


@attrs.frozen
class Rate:
    """At most `calls` calls in any `seconds` seconds."""

    calls: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `5/s`, `300/min`, `20/2s`, `5000/day`.

        Raises:
            ValueError: the text has another form; the message says which forms there are.
        """
        match = _FORM.fullmatch(str(text))
        if match is None or match[3] not in _SECONDS:
            raise ValueError(f"expected a rate such as '5/s', '300/min' or '5000/day', got {text!r}")
        return cls(int(match[1]), int(match[2] or 1) * _SECONDS[match[3]])
