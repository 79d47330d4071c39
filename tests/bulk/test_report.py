"""What a run came to, and which incomplete rows another run could finish."""

from decimal import Decimal

import pytest

from enrichcore.bulk import Report
from enrichcore.bulk.report import is_only_unresolved
from enrichcore.model import Attempt, Billed, Method, Outcome, PhoneResult, SkipReason, Status


def attempt(outcome: Outcome, reason: str | None = None, **more: object) -> Attempt:
    return Attempt(provider="acme", method=Method.EMAIL, outcome=outcome, reason=reason, **more)  # type: ignore[arg-type]


def incomplete(*attempts: Attempt) -> PhoneResult:
    return PhoneResult(record_id="1", status=Status.INCOMPLETE, reason=attempts[-1].reason, attempts=attempts)


UNRESOLVED = attempt(Outcome.SKIPPED, SkipReason.UNRESOLVED)


@pytest.mark.parametrize(
    ("attempts", "only"),
    [
        ((UNRESOLVED,), True),
        ((attempt(Outcome.MISS), UNRESOLVED, UNRESOLVED), True),
        ((attempt(Outcome.SKIPPED, SkipReason.NOT_APPLICABLE), UNRESOLVED), True),
        ((attempt(Outcome.SKIPPED, SkipReason.IN_DOUBT),), False),
        ((UNRESOLVED, attempt(Outcome.ERROR, "server_error")), False),
        ((UNRESOLVED, attempt(Outcome.SKIPPED, SkipReason.PARKED)), False),
    ],
)
def test_a_row_that_only_waits_for_an_unresolved_attempt_does_not_ask_for_another_run(
    attempts: tuple[Attempt, ...], *, only: bool
) -> None:
    result = incomplete(*attempts)
    assert is_only_unresolved(result) is only
    report = Report()
    report.add(result)
    assert report.unfinished == (0 if only else 1)
    assert report.status[Status.INCOMPLETE] == 1


def test_costs_are_summed_by_provider_and_what_has_no_price_is_said() -> None:
    report = Report()
    priced = attempt(Outcome.HIT, billed=Billed.YES, credits=Decimal(2), cost=Decimal("0.1"))
    unpriced = attempt(Outcome.HIT, billed=Billed.YES, credits=Decimal(3), cost=None)
    found = PhoneResult(record_id="1", status=Status.FOUND, provider="acme", method=Method.EMAIL, attempts=(priced,))
    report.add(found)
    report.add(found)
    assert report.cost == Decimal("0.2")
    assert [tally.cost for tally in report.providers.values()] == [Decimal("0.2")]
    report.add(PhoneResult(record_id="2", status=Status.NOT_FOUND, cost=None, attempts=(unpriced,)))
    assert report.unpriced
    assert report.cost == Decimal("0.2")
    assert report.providers["acme"].cost is None
    assert report.providers["acme"].credits == 7
    assert report.fill_rate == pytest.approx(2 / 3)


def test_invalid_and_suppressed_rows_are_no_contacts_that_were_tried() -> None:
    report = Report()
    for status in (Status.INVALID, Status.SUPPRESSED):
        report.add(PhoneResult(record_id="1", status=status))
    assert report.rows == 2
    assert report.fill_rate is None


def test_errors_are_counted_by_provider_and_code_and_skips_and_stored_ones_are_not() -> None:
    report = Report()
    failed = attempt(Outcome.ERROR, "server_error")
    stored = attempt(Outcome.ERROR, "unreadable", cached=True)
    for attempts in ((failed, attempt(Outcome.HIT)), (failed,), (attempt(Outcome.ERROR, "unsent"), UNRESOLVED, stored)):
        report.add(PhoneResult(record_id="1", status=Status.NOT_FOUND, attempts=attempts))
    assert report.providers["acme"].errors == {"server_error": 2, "unsent": 1}
    assert report.providers["acme"].asked == 4
