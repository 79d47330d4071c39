"""Where a key goes, and how often a vendor may be asked."""

import pytest

from enrichcore.plugins import Bearer, Header, Query, Rate


@pytest.mark.parametrize(
    ("auth", "headers", "params"),
    [
        (Header("X-Key"), {"X-Key": "s3cret"}, {}),
        (Header("Authorization", "Token "), {"Authorization": "Token s3cret"}, {}),
        (Bearer(), {"Authorization": "Bearer s3cret"}, {}),
        (Query("apiId"), {}, {"apiId": "s3cret"}),
    ],
)
def test_a_key_goes_where_the_vendor_wants_it(
    auth: Header | Query, headers: dict[str, str], params: dict[str, str]
) -> None:
    assert auth.headers("s3cret") == headers
    assert auth.params("s3cret") == params
    assert "s3cret" not in repr(auth)


@pytest.mark.parametrize(
    ("text", "calls", "seconds"),
    [
        ("5/s", 5, 1),
        ("300/min", 300, 60),
        ("20/2s", 20, 2),
        ("5000/day", 5000, 86400),
        (" 1 / hour ", 1, 3600),
        ("7/10m", 7, 600),
        ("9/d", 9, 86400),
        ("999999999/sec", 999_999_999, 1),
    ],
)
def test_a_rate_is_calls_in_a_window(text: str, calls: int, seconds: float) -> None:
    assert Rate.parse(text) == Rate(calls, seconds)


@pytest.mark.parametrize(
    "text",
    ["", "fast", "5", "0/s", "-1/s", "5/", "/s", "5/fortnight", "5/0s", "1.5/s", "5/s/s", "5 per s", "\u0665/s", None],
)
def test_what_is_no_rate_is_answered_with_the_forms_there_are(text: str) -> None:
    with pytest.raises(ValueError, match="expected a rate such as '5/s', '300/min' or '5000/day', got"):
        Rate.parse(text)
