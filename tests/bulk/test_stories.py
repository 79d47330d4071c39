"""What is kept of rows: sums that never grow with a file, that can be written down, and that parts add up to."""

import json
import random
from typing import Any

import pytest

from enrichcore.bulk import Report, stories
from enrichcore.bulk.stories import Stories, country_of
from enrichcore.model import Attempt, Method, Outcome, PhoneResult, SkipReason, Status

NAMES = ("alpha", "bravo", "charlie")


def attempt(provider: str, outcome: Outcome, reason: str | None = None, method: Method = Method.EMAIL) -> Attempt:
    return Attempt(provider=provider, method=method, outcome=outcome, reason=reason)


def result(status: Status, *attempts: Attempt, provider: str | None = None) -> PhoneResult:
    method = next((a.method for a in attempts if a.provider == provider and a.outcome is Outcome.HIT), None)
    return PhoneResult(record_id="1", status=status, provider=provider, method=method, attempts=attempts)


def told(*results: PhoneResult, country: str | None = None) -> Stories:
    made = Stories()
    for each in results:
        made.add(each, country)
    return made.close()


HIT, MISS, ERROR, SKIPPED = Outcome.HIT, Outcome.MISS, Outcome.ERROR, Outcome.SKIPPED
RESCUED = result(Status.FOUND, attempt("alpha", MISS), attempt("bravo", HIT), provider="bravo")
FIRST = result(Status.FOUND, attempt("alpha", HIT), attempt("bravo", SKIPPED, SkipReason.NOT_REACHED), provider="alpha")
BOTH = result(Status.FOUND, attempt("alpha", HIT), attempt("bravo", HIT), provider="alpha")
OPEN = result(
    Status.INCOMPLETE, attempt("alpha", ERROR, "server_error"), attempt("bravo", SKIPPED, SkipReason.OVER_BUDGET)
)


def test_a_number_is_rescued_when_everybody_else_who_was_asked_had_none() -> None:
    found = told(RESCUED, RESCUED, FIRST, BOTH)
    assert found.accepted == {"alpha": 2, "bravo": 2}
    assert found.rescued == {"bravo": 2}
    assert found.first == {"alpha": 1}


def test_overlap_is_counted_where_both_were_asked() -> None:
    found = told(RESCUED, RESCUED, FIRST, BOTH)
    assert found.both == {"alpha": {"bravo": 3}}
    assert found.after == {"alpha": {"bravo": 2}}


def test_a_row_counts_once_for_a_provider_whatever_the_number_of_methods() -> None:
    """The best of what it answered stands for the row; a row that never came to it has the reason that says most."""
    twice = result(
        Status.FOUND,
        attempt("alpha", MISS, method=Method.NAME),
        attempt("alpha", HIT),
        attempt("bravo", SKIPPED, SkipReason.NOT_APPLICABLE, Method.NAME),
        attempt("bravo", SKIPPED, SkipReason.PARKED),
        provider="alpha",
    )
    found = told(twice)
    assert found.reached == {"alpha": {"hit": 1}, "bravo": {}}
    assert list(found.reached) == ["alpha", "bravo"]
    assert found.skipped == {"bravo": {"parked": 1}}
    assert found.methods == {"name": {"tried": 1, "found": 0}, "email": {"tried": 1, "found": 1}}


def test_open_ends_are_those_of_incomplete_rows() -> None:
    assert told(OPEN, OPEN, RESCUED).ends == {"alpha": {"server_error": 2}, "bravo": {"over_budget": 2}}


def test_rows_that_were_not_tried_are_in_no_share() -> None:
    found = told(result(Status.INVALID), result(Status.SUPPRESSED), FIRST, country="GB")
    assert found.countries == {"GB": {"tried": 1, "found": 1}}


def some(rows: int, seed: int) -> list[tuple[PhoneResult, str | None]]:
    rng = random.Random(seed)
    made: list[tuple[PhoneResult, str | None]] = []
    for _ in range(rows):
        attempts = [
            attempt(name, rng.choice(list(Outcome)), rng.choice((None, "parked", "x")), rng.choice(list(Method)))
            for name in NAMES
        ]
        finder = next((a for a in attempts if a.outcome is HIT), None)
        status = Status.FOUND if finder else rng.choice((Status.NOT_FOUND, Status.INCOMPLETE))
        made.append(
            (result(status, *attempts, provider=finder.provider if finder else None), rng.choice((None, "GB", "US")))
        )
    return made


def test_the_sums_do_not_depend_on_when_they_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = some(500, 1)
    whole, early = Stories(), Stories()
    for each, country in rows:
        whole.add(each, country)
    monkeypatch.setattr(stories, "_MOST", 3)
    for each, country in rows:
        early.add(each, country)
        assert len(early._waiting) < 3
    assert early.to_dict() == whole.to_dict()


def test_parts_of_a_run_add_up_to_it_and_it_survives_being_written_down() -> None:
    rows = some(300, 2)
    whole, first, second = Report(), Report(), Report()
    for n, (each, country) in enumerate(rows):
        for report in (whole, second if n >= 120 else first):
            report.add(each, country)
    first.merge(second)

    def plain(report: Report) -> Any:
        return json.loads(json.dumps(report.to_dict()))

    assert plain(first) == plain(whole)
    read = Report.from_dict(plain(whole))
    assert read == whole
    assert plain(read) == plain(whole)


@pytest.mark.parametrize(
    ("contact", "country"),
    [
        ({"country": "Germany", "email": "a@x.fr"}, "DE"),
        ({"country": "Atlantis", "domain": "engines.co.uk"}, "GB"),
        ({"domain": "engines.io", "email": "ada@engines.fr"}, None),
        ({"email": " ada@engines.FR "}, "FR"),
        ({"email": "ada@engines.example"}, None),
        ({"country": 7, "email": None}, None),
        ({"email": "a@x.<b>"}, None),
        ({}, None),
    ],
)
def test_the_country_of_a_row_is_the_one_that_it_names_else_that_of_its_domain(
    contact: dict[str, Any], country: str | None
) -> None:
    assert country_of(contact) == country
