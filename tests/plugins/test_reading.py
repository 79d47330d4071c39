"""What providers share: reading a vendor's JSON, and the meanings of statuses."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from enrichcore import plugins
from enrichcore.errors import KeyRefused, MaybeSent, RateLimited, RequestRefused, ServerError, Unreadable
from enrichcore.plugins import Basic, ContactSettings

ODD: list[Any] = [None, True, False, 7, 1.5, [], ["a"], {}, {"a": 1}, b"a"]


@pytest.mark.parametrize(("value", "text", "shown"), [
    ("Ada", "Ada", "Ada"), (" Ada ", " Ada ", " Ada "), ("A***", "A***", None), ("", None, None), (" \n", None, None),
    *((odd, None, None) for odd in ODD),
])  # fmt: skip
def test_a_text_is_text_that_is_not_blank(value: Any, text: str | None, shown: str | None) -> None:
    assert plugins.text_of(value) == text
    assert plugins.shown_text(value) == shown


@pytest.mark.parametrize(("raw", "masked"), [
    ("+1 202-555-0123", False), ("+1 202 555 0123 x7", False), ("#31#2025550123", False), ("", False),
    ("+1 202-555-****", True), ("+1 202 555 XXXX", True), ("+1 202 555 ##", True), ("+1 202 555 01\u2026", True),
    ("+1 202 555 \u2022\u2022", True), ("+1 202 555 ____", True), ("???", True),
])  # fmt: skip
def test_a_masked_number_hides_digits(raw: str, masked: bool) -> None:
    """An extension after one `x` hides nothing."""
    assert plugins.is_masked(raw) is masked


@pytest.mark.parametrize(("value", "amount"), [
    (0, "0"), (12, "12"), (1.5, "1.5"), (0.1 + 0.2, "0.30000000000000004"), ("12", "12"), ("12.50", "12.50"),
    (-1, None), ("-1", None), ("", None), ("1e5", None), ("12 credits", None), ("\u0661", None), (float("nan"), None),
    (float("inf"), None), ("9" * 13, None), (True, None), (None, None), ([1], None), ({}, None),
])  # fmt: skip
def test_an_amount_is_a_number_from_0_up(value: Any, amount: str | None) -> None:
    wanted = None if amount is None else Decimal(amount)
    assert plugins.amount_of(value, as_text=True) == wanted
    assert plugins.amount_of(value) == (None if isinstance(value, str) else wanted)


def test_an_object_is_an_object_or_an_empty_one() -> None:
    assert [plugins.object_of(odd) for odd in ODD] == [{"a": 1} if odd == {"a": 1} else {} for odd in ODD]


@pytest.mark.parametrize(("body", "job"), [
    ({"id": "j1"}, "j1"), ({"id": 7}, "7"), ({"id": ""}, None), ({"id": None}, None), ({"id": True}, None),
    ({"id": 1.5}, None), ({}, None), ([], None), (None, None), ("id", None),
])  # fmt: skip
def test_a_job_is_a_text_or_a_whole_number(body: Any, job: str | None) -> None:
    """Whatever else stands there is unreadable: the job may run, and was paid for."""
    if job is None:
        with pytest.raises(Unreadable, match="'id'"):
            plugins.job_of(body, "id")
    else:
        assert plugins.job_of(body, "id").id == job


def answer(status: int, method: str = "POST", **headers: str) -> httpx.Response:
    return httpx.Response(status, headers=headers, request=httpx.Request(method, "https://api.acme.example/v1/jobs"))


Meaning = Callable[[httpx.Response], Any]


@pytest.mark.parametrize(("meaning", "submitted", "polled"), [
    (plugins.job_gateway, MaybeSent, ServerError), (plugins.job_unknown, RequestRefused, type(None)),
    (plugins.blocked("shut out"), KeyRefused, KeyRefused),
])  # fmt: skip
def test_a_status_means_another_thing_of_a_poll(meaning: Meaning, submitted: type, polled: type) -> None:
    """A job that a gateway may have let through is in doubt; an answer to a poll costs nothing."""
    assert type(meaning(answer(502))) is submitted
    assert type(meaning(answer(502, "GET"))) is polled


def test_a_window_of_the_documentation_gives_way_to_a_header() -> None:
    meaning: Any = plugins.paced("used up", 60.0)
    told, silent = meaning(answer(429, **{"Retry-After": "5"})), meaning(answer(429))
    assert (type(told), told.retry_after) == (RateLimited, None)
    assert (type(silent), silent.retry_after) == (RateLimited, 60.0)


@pytest.mark.parametrize(("key", "header"), [
    ("ada:secret", "Basic YWRhOnNlY3JldA=="), ("ada", "Basic YWRhOg=="), ("ada:a:b", "Basic YWRhOmE6Yg=="),
])  # fmt: skip
def test_basic_sends_user_and_password(key: str, header: str) -> None:
    assert Basic().headers(key) == {"Authorization": header}
    assert Basic().params(key) == {}


@pytest.mark.parametrize(
    "contact", ["", "nobody", "a b@engines.example", "http://engines.example", "ad\u00e9@x", 7, None]
)
def test_a_contact_is_an_address_where_somebody_is(contact: Any) -> None:
    with pytest.raises(ValueError, match="contact: expected"):
        ContactSettings(contact=contact)


def test_a_contact_goes_into_the_user_agent() -> None:
    settings = ContactSettings(contact="ops@engines.example")
    assert settings.agent("sec_edgar") == {"User-Agent": "enrichcore-sec-edgar/0.1 (ops@engines.example)"}
