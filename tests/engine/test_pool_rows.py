"""The rows of a bulk run through the engine: whatever is in them, each has its result."""

from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.errors import ConfigError
from enrichcore.model import Contact, Status

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


# --- through the engine -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("concurrency", [0, -1])
def test_a_pool_needs_a_place(lab: "Lab", concurrency: int) -> None:
    with pytest.raises(ConfigError, match="concurrency must be 1 or more"):
        lab.bulk(lab.free({}), rows=[], concurrency=concurrency)


BAD_ROWS: list[tuple[Any, str]] = [
    ({"record_id": "x" * 10_000, "email": "a@b.example"}, "record_id: expected at most 1,024 characters, got 10,000"),
    ({"record_id": "1", "first_name": "A\0da"}, "first_name: expected text without NUL characters"),
    ({"record_id": "1", "email": 7}, "email: expected text or None, got a value of type int"),
    ({"record_id": "1", "last_name": "\ud800"}, "last_name: expected valid Unicode, got a lone surrogate"),
    ({"record_id": "1", "company": "x" * 3_000_000}, "company: expected at most 10,000 characters, got 3,000,000"),
    (None, "contact: expected a mapping"),
    ("ada@engines.example", "contact: expected a mapping"),
    (["ada"], "contact: expected a mapping"),
    (7, "contact: expected a mapping"),
]


@pytest.mark.parametrize("ordered", [False, True])
def test_a_row_that_cannot_be_a_contact_is_invalid_and_the_rest_goes_on(lab: "Lab", ordered: bool) -> None:
    good = {"record_id": "good", "email": lab.EMAIL}
    rows = [row for bad, _ in BAD_ROWS for row in (bad, good)]
    results = lab.bulk(lab.free({lab.EMAIL: lab.PHONE}), rows=rows, ordered=ordered, concurrency=4)
    assert len(results) == len(rows)
    assert sum(result.found for result in results) == len(BAD_ROWS)
    reasons = [str(result.reason) for result in results if result.status is Status.INVALID]
    expected = [reason for _, reason in BAD_ROWS]
    if not ordered:
        reasons, expected = sorted(reasons), sorted(expected)
    assert all(got.startswith(said) for got, said in zip(reasons, expected, strict=True))


PEOPLE: list[dict[str, str]] = [
    {"first_name": "Zoë", "last_name": "Müller-Lüdenscheidt", "company": "Bücher GmbH"},
    {"first_name": "👩‍🚀", "last_name": "🚀", "company": "🛰️ Orbit"},
    {"first_name": "שרה", "last_name": "כהן", "company": "ספרים בע״מ"},
    {"first_name": "\u202eعائشة", "last_name": "الفهرية", "company": "شركة"},  # noqa: RUF001 - on purpose
    {"first_name": "李", "last_name": "小龍", "company": "龍有限公司"},
    {"first_name": "A" * 5_000, "last_name": "B" * 5_000, "company": "C" * 5_000},
    {"email": "a@" + "x" * 9_000 + ".example"},
    {"email": "ada@engines.example\r\nBcc: all@engines.example"},
    {"linkedin_id": "https://www.linkedin.com/in/%00%ff/../../../"},
    {"company": " ", "first_name": "\t"},
]


def test_emoji_right_to_left_and_very_long_names_each_get_their_row(lab: "Lab") -> None:
    results = lab.bulk(lab.free({}), rows=PEOPLE, ordered=True)
    assert len(results) == len(PEOPLE)
    for sent, result in zip(PEOPLE, results, strict=True):
        assert result.status in (Status.NOT_FOUND, Status.INVALID)
        blank = (sent.get("first_name") or "").isspace()
        assert result.first_name == (None if blank else sent.get("first_name"))
        assert result.email == sent.get("email")


def test_contacts_and_mappings_may_be_mixed(lab: "Lab") -> None:
    rows = [Contact(record_id="1", email=lab.EMAIL), {"record_id": "2", "email": lab.EMAIL, "unknown": 1}]
    assert [result.record_id for result in lab.bulk(lab.free({}), rows=rows, ordered=True)] == ["1", "2"]


def test_the_same_person_twice_in_one_run_is_asked_for_once(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(1.0, lab.PHONE))
    row = {"record_id": "1", "email": lab.EMAIL}
    results = lab.bulk(vendor, rows=[row] * 20 + [{**row, "record_id": "2"}] * 20, concurrency=8)
    assert [result.found for result in results] == [True] * 40
    assert len(vendor.calls) == 1
