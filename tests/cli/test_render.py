"""What is shown is safe for a terminal and lines up."""

from decimal import Decimal

import pytest

from enrichcore.bulk import Report
from enrichcore.cli.render import clean, count, doubts, duration, headline, money, story, summary, table
from enrichcore.model import Attempt, LineType, Method, Outcome, PhoneResult, Status
from enrichcore.store import Row


def test_what_drives_a_terminal_is_replaced() -> None:
    assert clean("a\x1b[31mb\x07\x00\x9b\u202ec\ud800") == "a\ufffd[31mb\ufffd\ufffd\ufffd\ufffdc\ufffd"


def test_scripts_tabs_and_line_breaks_stay() -> None:
    assert clean("\u05d0\u05d1 Zoë 🦊\n\tx") == "\u05d0\u05d1 Zoë 🦊\n\tx"


def test_columns_line_up_with_wide_and_combining_characters() -> None:
    lines = table(("name", "x"), [("日本", "1"), ("Zoe\u0308", "2"), ("a\nb", "3")]).split("\n")
    assert lines == ["name  x", "日本  1", "Zoe\u0308   2", "a b   3"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (42.4, "42 s"), (65.0, "1 min 05 s"), (7800.0, "2 h 10 min")],
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_money_has_a_currency_and_an_unknown_price_is_a_dash() -> None:
    assert money(Decimal("1.20"), "EUR") == "1.2 EUR"
    assert money(Decimal(100), "USD") == "100 USD"
    assert money(None, "USD") == "-"


def test_one_is_singular() -> None:
    assert [count(n, "row") for n in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]


def test_a_summary_names_errors_that_other_answers_hide() -> None:
    report = Report()
    codes = ["server_error", "server_error", "unsent"]
    attempts = [
        Attempt(provider="acme", method=Method.EMAIL, outcome=Outcome.ERROR, reason=code, tries=1) for code in codes
    ]
    report.add(PhoneResult(record_id="1", status=Status.FOUND, provider="bee", attempts=tuple(attempts)))
    text = summary(report, 1.0, "USD")
    assert "acme had errors: server_error 2, unsent 1" in text
    assert "bee had errors" not in text


def test_a_result_is_told_in_one_line_with_what_a_caller_must_know() -> None:
    found = PhoneResult(
        record_id="1", status=Status.FOUND, phone="+12025550143", provider="acme", method=Method.EMAIL,
        line_type=LineType.MOBILE, extension="12", do_not_call=True,
    )  # fmt: skip
    assert headline(found) == ("found +12025550143 ext. 12 (mobile) by acme, method email, on a do-not-call list")
    assert headline(PhoneResult(record_id="1", status=Status.NOT_FOUND)) == "not found"
    assert headline(PhoneResult(record_id="1", status=Status.INCOMPLETE, reason="parked")) == "incomplete: parked"


def test_a_refused_number_is_told_as_refused_and_never_as_the_answer() -> None:
    made = Attempt(
        provider="acme", method=Method.EMAIL, outcome=Outcome.REJECTED, reason="unparsable",
        refused_phone="+12025550143", refused_reason="country_not_wanted",
    )  # fmt: skip
    result = PhoneResult(
        record_id="1", status=Status.NOT_FOUND, reason="refused: unparsable", attempts=(made,),
        refused_phone="+12025550143", refused_reason="country_not_wanted",
    )  # fmt: skip
    lines = [line for line in story(result, "USD").splitlines() if "2025550143" in line]
    assert lines == ["refused +12025550143 by acme, method email: country_not_wanted"]
    assert headline(result) == "not found: refused: unparsable"


def test_doubtful_calls_are_listed_up_to_ten() -> None:
    row = Row(
        id=1, key=b"", tenant="default", record=b"", provider="acme", method="email", owner=1, started_at=0.0,
        credits=Decimal(2),
    )  # fmt: skip
    assert doubts([row]).startswith("1 call may have been billed without an answer")
    many = doubts([row] * 12)
    assert many.startswith("12 calls")
    assert many.count("1970-01-01") == 10
    assert many.endswith("and 2 more")
