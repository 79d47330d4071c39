"""record_id: bound to an identity, and what happens when it stands for somebody else; old numbers in an outage."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.config import Config
from enrichcore.model import PhoneResult, Status

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

GRACE = "grace@engines.example"


def test_a_record_that_is_somebody_else_now_is_looked_up_anew_and_says_so(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE, GRACE: lab.OTHER_PHONE})
    first = lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL))
    moved = lab.enrich(vendor, contact=lab.contact(email=GRACE))
    again = lab.enrich(vendor, contact=lab.contact(email=GRACE))
    assert [(r.phone, r.changed) for r in (first, moved, again)] == [
        (lab.PHONE, False), (lab.OTHER_PHONE, True), (lab.OTHER_PHONE, True),
    ]  # fmt: skip
    assert len(vendor.calls) == 2


def test_whoever_comes_back_costs_nothing(lab: "Lab") -> None:
    """Answers already bought are found by the question, not by the record."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE, GRACE: lab.OTHER_PHONE})
    for email in (lab.EMAIL, GRACE):
        lab.enrich(vendor, contact=lab.contact(email=email))
    back = lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL))
    assert (back.phone, back.changed, back.cached) == (lab.PHONE, True, True)
    assert len(vendor.calls) == 2


def test_another_spelling_is_the_same_person(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL))
    assert not lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL.upper())).changed


@pytest.mark.parametrize("refresh", [False, True])
def test_a_changed_record_can_be_refused(lab: "Lab", *, refresh: bool) -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE, GRACE: lab.OTHER_PHONE})
    config = Config(on_changed_record="reject")
    lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL), config=config)
    with pytest.raises(errors.RecordChanged, match="on_changed_record"):
        lab.enrich(vendor, contact=lab.contact(email=GRACE), config=config, refresh=refresh)
    [result] = lab.bulk(vendor, rows=[lab.contact(email=GRACE)], config=config)
    assert result.status is Status.INVALID
    assert lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL), config=config).cached
    assert len(vendor.calls) == 1


def outage(lab: "Lab", **options: Any) -> PhoneResult:
    """What a lookup gives a hundred days after the number was found, while the vendor is down."""
    lab.enrich(lab.by_email({lab.EMAIL: lab.PHONE}), contact=lab.contact(email=lab.EMAIL))
    lab.runtime.skew += 91 * 86_400
    down = lab.by_email(lab.script(errors.Unsent("refused")))
    return lab.enrich(down, contact=lab.contact(email=lab.EMAIL), **options)


def test_an_old_number_is_given_in_an_outage_if_that_is_wanted_and_says_so(lab: "Lab") -> None:
    result = outage(lab, config=Config(serve_stale=True))
    assert (result.status, result.phone, result.stale, result.cached) == (Status.FOUND, lab.PHONE, True, True)
    assert result.retry_at is not None
    assert [a.reason for a in result.attempts if a.outcome == "error"] == ["unsent"]


def test_without_asking_for_it_nobody_gets_an_old_number(lab: "Lab") -> None:
    assert outage(lab).status is Status.INCOMPLETE


def test_an_old_number_is_not_given_to_who_says_how_old_it_may_be(lab: "Lab") -> None:
    assert outage(lab, config=Config(serve_stale=True), max_age="30d").status is Status.INCOMPLETE


def test_an_old_number_is_not_kept_as_a_new_one(lab: "Lab") -> None:
    """It comes to nothing that is stored: the next lookup asks again."""
    outage(lab, config=Config(serve_stale=True))
    result = lab.enrich(lab.by_email({lab.EMAIL: lab.OTHER_PHONE}), contact=lab.contact(email=lab.EMAIL))
    assert (result.phone, result.stale) == (lab.OTHER_PHONE, False)


def test_two_callers_of_a_changed_record_meet(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(2, lab.script(lab.PHONE)))

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor) as engine:
            asked = [engine.enrich_phone(lab.contact(email=GRACE)) for _ in range(20)]
            return list(await asyncio.gather(*asked))

    lab.enrich(lab.by_email({lab.EMAIL: lab.PHONE}), contact=lab.contact(email=lab.EMAIL))
    assert {r.changed for r in lab.play(work)} == {True}
    assert len(vendor.calls) == 1
