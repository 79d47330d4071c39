"""Finished results: when a stored one still stands, when it is judged again, and when somebody is asked."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine.acceptance import judge
from enrichcore.engine.channel import moment
from enrichcore.engine.results import as_cached, invalid_result
from enrichcore.model import Acceptance, Billed, Contact, Hit, Number, Outcome, Person, PhoneResult, Status

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0
FICTION: dict[str, Any] = {"allow_fictional": True}


def ada(lab: "Lab", **more: str) -> Contact:
    return lab.contact(email=lab.EMAIL, **more)


def test_a_result_is_used_again_for_nothing(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    first = lab.enrich(vendor, contact=ada(lab), settings={"paid": {"credit_price": "0.10"}})
    again = lab.enrich(vendor, contact=ada(lab), settings={"paid": {"credit_price": "0.10"}})
    assert (first.cached, str(first.cost)) == (False, "0.20")
    assert (again.cached, again.cost, again.processing_time_ms) == (True, Decimal(0), 0)
    assert (again.status, again.phone, again.provider, again.found_at) == (
        first.status, first.phone, first.provider, first.found_at,
    )  # fmt: skip
    assert lab.story(again) == lab.story(first)
    assert again.attempts[0].billed is Billed.NO
    assert len(vendor.calls) == 1


def test_within_a_process_the_result_comes_from_memory(lab: "Lab") -> None:
    store = lab.store()

    async def work() -> list[bool]:
        async with lab.engine(lab.by_email({lab.EMAIL: lab.PHONE}), store=store) as engine:
            told = [(await engine.enrich_phone(ada(lab))).cached]
            store.operations.clear()
            told += [(await engine.enrich_phone(ada(lab))).cached for _ in range(3)]
            return told

    assert lab.play(work) == [False, True, True, True]
    assert store.operations == []


def test_other_data_under_the_same_record_id_is_another_person(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE, "bob@engines.example": lab.OTHER_PHONE})

    async def work() -> list[str | None]:
        async with lab.engine(vendor) as engine:
            asked = [ada(lab), lab.contact(email="bob@engines.example"), ada(lab)]
            return [(await engine.enrich_phone(contact)).phone for contact in asked]

    assert lab.play(work) == [lab.PHONE, lab.OTHER_PHONE, lab.PHONE]
    assert len(vendor.calls) == 2


def test_the_echo_is_what_this_caller_sent(lab: "Lab") -> None:
    vendor = lab.free({"Ada Lovelace": lab.PHONE})
    lab.enrich(vendor, contact={"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"})
    sent = {"first_name": "ADA ", "last_name": "LOVELACE", "company": "ENGINES LTD."}
    again = lab.enrich(vendor, contact=sent)
    assert (again.cached, again.first_name, again.last_name, again.company) == (True, *sent.values())
    assert len(vendor.calls) == 1


# --- the policy changes -----------------------------------------------------------------------------------------------


def test_another_policy_judges_again_without_asking(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: Hit(Number(lab.MOBILE, type="mobile"))})
    assert lab.enrich(vendor, contact=ada(lab)).found
    mobile = lab.enrich(vendor, contact=ada(lab), acceptance=Acceptance(line_types=["mobile"], **FICTION))
    assert (mobile.found, mobile.cached) == (True, True)
    landline = lab.enrich(vendor, contact=ada(lab), acceptance=Acceptance(line_types=["landline"], **FICTION))
    assert (landline.status, landline.reason) == ("not_found", "refused: line_type_not_wanted")
    assert lab.enrich(vendor, contact=ada(lab)).found
    assert len(vendor.calls) == 1


def test_a_refused_number_is_kept_and_judged_by_the_next_policy_without_buying(lab: "Lab") -> None:
    """Strict, strict again, loose and strict: one call, and `phone` is never the refused one."""
    vendor = lab.by_email({lab.EMAIL: Hit(Number(lab.MOBILE), Number(lab.PHONE))})
    strict = Acceptance(countries=["FR"], **FICTION)
    loose = Acceptance(refused_countries=["US"], **FICTION)
    told = [lab.enrich(vendor, contact=ada(lab), acceptance=policy) for policy in (strict, strict, loose, strict)]
    assert [(r.phone, r.refused_phone, r.refused_reason) for r in told] == [
        (None, lab.MOBILE, "country_not_wanted"),
        (None, lab.MOBILE, "country_not_wanted"),
        (lab.MOBILE, None, None),
        (None, lab.MOBILE, "country_not_wanted"),
    ]
    assert [(r.status.value, r.cached) for r in told] == [
        ("not_found", False), ("not_found", True), ("found", True), ("not_found", True),
    ]  # fmt: skip
    assert told[0].attempts[0].refused_phone == lab.MOBILE
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("wanted", ["GB", "FR"])
def test_the_same_policy_neither_buys_nor_judges_twice(
    lab: "Lab", monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    """A found and a refused number alike: by the cache of the process, and by the stored result in the next one."""
    from enrichcore.engine import numbers

    judgements = []

    def counted(*args: Any, **more: Any) -> Any:
        judgements.append(args)
        return judge(*args, **more)

    monkeypatch.setattr(numbers, "judge", counted)
    vendor = lab.by_email({lab.EMAIL: lab.MOBILE})
    policy = Acceptance(countries=[wanted], **FICTION)

    async def work() -> list[PhoneResult]:
        async with lab.engine(vendor, acceptance=policy) as engine:
            return [await engine.enrich_phone(ada(lab)) for _ in range(3)]

    for _ in range(2):
        told = lab.play(work)
        assert {(r.phone, r.refused_phone) for r in told} == {
            (lab.MOBILE, None) if wanted == "GB" else (None, lab.MOBILE)
        }
    assert len(judgements) == 1
    assert len(vendor.calls) == 1


def test_of_several_refused_numbers_the_one_with_the_best_score_is_reported(lab: "Lab") -> None:
    """The highest score, of equals the first asked; none at all where a number was found."""
    sure = Person(name="Ada Lovelace", email=lab.EMAIL)
    vendors = [
        lab.by_email({lab.EMAIL: Hit(Number("+12025550111"))}, name="a"),
        lab.by_email({lab.EMAIL: Hit(Number("+12025550122"), person=sure)}, name="b"),
        lab.by_email({lab.EMAIL: Hit(Number("+12025550133"), person=sure)}, name="c"),
        lab.by_email({lab.EMAIL: Hit(Number("+12025550144"), person=Person(name="Grace Hopper"))}, name="d"),
    ]
    told = lab.enrich(*vendors, contact=lab.contact(), acceptance=Acceptance(countries=["GB"], **FICTION))
    assert (told.phone, told.refused_phone, told.refused_reason) == (None, "+12025550122", "country_not_wanted")
    assert [a.refused_phone for a in told.attempts] == ["+12025550111", "+12025550122", "+12025550133", None]
    last = lab.by_email({lab.EMAIL: lab.MOBILE}, name="e")
    found = lab.enrich(*vendors, last, contact=lab.contact(), acceptance=Acceptance(countries=["GB"], **FICTION))
    assert (found.phone, found.refused_phone, found.refused_reason) == (lab.MOBILE, None, None)


def test_a_refused_number_is_in_no_event(lab: "Lab", caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    vendor = lab.by_email({lab.EMAIL: lab.MOBILE})
    told = lab.enrich(vendor, contact=ada(lab), acceptance=Acceptance(countries=["US"], **FICTION))
    assert told.refused_phone == lab.MOBILE
    assert "enrichcore.attempt_finished" in caplog.text
    assert lab.MOBILE[1:] not in caplog.text


def test_a_policy_that_wants_more_goes_on_to_those_who_were_not_reached(lab: "Lab") -> None:
    first = lab.by_email({lab.EMAIL: Hit(Number("+442079460123"))}, name="a")
    second = lab.by_email({lab.EMAIL: Hit(Number(lab.MOBILE))}, name="b")
    assert lab.enrich(first, second, contact=ada(lab)).provider == "a"
    wanted = lab.enrich(first, second, contact=ada(lab), acceptance=Acceptance(line_types=["mobile"], **FICTION))
    assert (wanted.provider, wanted.phone) == ("b", lab.MOBILE)
    assert (len(first.calls), len(second.calls)) == (1, 1)


def test_a_known_number_that_still_pleases_is_recalled_before_anybody_is_asked(lab: "Lab") -> None:
    known, new = lab.by_email({lab.EMAIL: lab.PHONE}, name="b"), lab.by_email({lab.EMAIL: lab.OTHER_PHONE}, name="a")
    lab.enrich(known, contact=ada(lab))
    again = lab.enrich(new, known, contact=ada(lab), acceptance=Acceptance(countries=["US"], **FICTION))
    assert (again.provider, again.phone, again.cached) == ("b", lab.PHONE, True)
    assert new.calls == []


def test_a_known_number_is_recalled_past_providers_that_cannot_be_asked_now(lab: "Lab") -> None:
    """A named provider without a key has no channel, and must not stand in the way."""
    vendor = lab.by_email({lab.EMAIL: lab.PHONE}, name="b")
    keyless = lab.by_email({}, name="a", key_env="NO_SUCH_KEY", price=None)
    lab.enrich(vendor, contact=ada(lab))
    again = lab.enrich(keyless, vendor, contact=ada(lab), acceptance=Acceptance(countries=["US"], **FICTION))
    assert (again.found, again.provider, again.cached) == (True, "b", True)
    assert len(vendor.calls) == 1


# --- the providers change ---------------------------------------------------------------------------------------------


def test_a_provider_added_since_a_miss_is_asked_and_only_that_one(lab: "Lab") -> None:
    old = lab.by_email({}, name="a")
    assert lab.enrich(old, contact=ada(lab)).status == "not_found"
    new = lab.by_email({lab.EMAIL: lab.PHONE}, name="b")
    result = lab.enrich(old, new, contact=ada(lab))
    assert (result.found, result.provider) == (True, "b")
    assert (len(old.calls), len(new.calls)) == (1, 1)


def test_a_provider_added_since_a_hit_is_not_asked(lab: "Lab") -> None:
    old = lab.by_email({lab.EMAIL: lab.PHONE}, name="b")
    lab.enrich(old, contact=ada(lab))
    new = lab.by_email({}, name="a")
    assert lab.enrich(new, old, contact=ada(lab)).provider == "b"
    assert new.calls == []


def test_a_number_stands_when_its_provider_has_lost_its_key(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE}, key_env="K")
    lab.enrich(vendor, contact=ada(lab), env={"K": "k"})
    again = lab.enrich(vendor, contact=ada(lab), env={})
    assert (again.found, again.cached) == (True, True)


# --- never downgraded -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", ["found", "not_found"])
def test_an_incomplete_run_overwrites_nothing(lab: "Lab", known: str) -> None:
    answer = lab.PHONE if known == "found" else None
    vendor = lab.by_email(lab.script(answer, errors.RequestRefused()))
    assert lab.enrich(vendor, contact=ada(lab)).status == known

    async def work() -> list[str]:
        async with lab.engine(vendor) as engine:
            refreshed = await engine.enrich_phone(ada(lab), refresh=True)
            explained = await engine.explain("1")
            assert explained is not None
            return [refreshed.status, explained.status, (await engine.enrich_phone(ada(lab))).status]

    assert lab.play(work) == ["incomplete", "incomplete", known]
    assert lab.enrich(vendor, contact=ada(lab)).status == known
    assert len(vendor.calls) == 2


def test_an_incomplete_result_is_never_an_answer(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.RequestRefused(), lab.PHONE))
    assert lab.enrich(vendor, contact=ada(lab)).status == "incomplete"
    assert lab.enrich(vendor, contact=ada(lab)).found


def test_an_incomplete_result_leaves_what_was_bought_to_the_next_run(lab: "Lab") -> None:
    good, bad = lab.by_email({}, name="a"), lab.by_email(lab.script(errors.RequestRefused(), None), name="b")
    assert lab.enrich(good, bad, contact=ada(lab)).status == "incomplete"
    assert lab.enrich(good, bad, contact=ada(lab)).status == "not_found"
    assert (len(good.calls), len(bad.calls)) == (1, 2)


# --- how long a result stands -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "facts", "days"),
    [
        ("+12025550143", {}, 90),
        (None, {}, 14),
        ("nonsense", {}, 14),
        ("+12025550143", {"retention": 30}, 30),
        (None, {"retention": 7}, 7),
    ],
)
def test_a_result_stands_as_long_as_its_outcome_and_the_terms_allow(
    lab: "Lab", answer: str | None, facts: dict[str, Any], days: int
) -> None:
    vendor = lab.by_email({lab.EMAIL: answer}, **facts)
    lab.enrich(vendor, contact=ada(lab))
    [stored] = (last for _, last in lab.tables.results.values())
    assert stored.fresh_until == lab.WALL + 60 + days * DAY
    lab.runtime.skew += days * DAY - 3600
    assert lab.enrich(vendor, contact=ada(lab)).cached
    lab.runtime.skew += 3600
    lab.enrich(vendor, contact=ada(lab))
    asked_again = answer != "nonsense"  # the rejected answer itself is good for as long as a hit
    assert len(vendor.calls) == 1 + asked_again


def test_a_result_is_as_fresh_as_its_oldest_attempt(lab: "Lab") -> None:
    old = lab.by_email({}, name="a")
    lab.enrich(old, contact=ada(lab, record_id="other"))
    lab.runtime.skew += 10 * DAY
    result = lab.enrich(old, lab.by_email({}, name="b"), contact=ada(lab))
    assert result.status == "not_found"
    _, (_, stored) = lab.tables.results.values()
    assert stored.fresh_until == lab.WALL + 60 + 14 * DAY


def test_a_miss_is_kept_as_long_as_the_strictest_provider_allows(lab: "Lab") -> None:
    lab.enrich(lab.by_email({}, name="a", retention=3), lab.by_email({}, name="b"), contact=ada(lab))
    [stored] = (last for _, last in lab.tables.results.values())
    assert stored.fresh_until == lab.WALL + 60 + 3 * DAY


@pytest.mark.parametrize("answer", ["+12025550143", None])
def test_an_age_limit_of_the_caller_counts_from_the_oldest_answer(lab: "Lab", answer: str | None) -> None:
    """A result that was put together today from an answer of last week is a week old."""
    vendor = lab.by_email({lab.EMAIL: answer})
    lab.enrich(vendor, contact=ada(lab, record_id="other"))
    lab.runtime.skew += 7 * DAY
    assert lab.enrich(vendor, contact=ada(lab)).attempts[0].cached
    assert lab.enrich(vendor, contact=ada(lab), max_age="8d").cached
    assert len(vendor.calls) == 1
    assert not lab.enrich(vendor, contact=ada(lab), max_age="6d").cached
    assert len(vendor.calls) == 2


def test_an_age_limit_never_makes_an_answer_older_than_the_terms_allow(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE}, retention=7)
    lab.enrich(vendor, contact=ada(lab))
    lab.runtime.skew += 8 * DAY
    assert not lab.enrich(vendor, contact=ada(lab), max_age="365d").cached


def test_refresh_bypasses_results_and_attempts(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(lab.PHONE, lab.OTHER_PHONE, lab.MOBILE))

    async def work() -> list[str | None]:
        async with lab.engine(vendor) as engine:
            phones = []
            for refresh in (False, False, True, False, True, False):
                lab.runtime.skew += 1
                phones.append((await engine.enrich_phone(ada(lab), refresh=refresh)).phone)
            return phones

    old, new, newest = lab.PHONE, lab.OTHER_PHONE, lab.MOBILE
    assert lab.play(work) == [old, old, new, new, newest, newest]
    assert len(vendor.calls) == 3


def test_a_journal_that_cannot_be_read_is_said_and_not_bought_over(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    lab.enrich(vendor, contact=ada(lab))
    [(definite, last)] = lab.tables.results.values()
    assert definite is last
    last.payload, last.result = b"damaged", None
    with pytest.raises(errors.StoreError, match="cannot be read"):
        lab.enrich(vendor, contact=ada(lab))
    assert len(vendor.calls) == 1


# --- the forms --------------------------------------------------------------------------------------------------------


def test_as_cached_keeps_the_story_and_forgets_the_bill(lab: "Lab") -> None:
    result = lab.enrich(lab.by_email({lab.EMAIL: lab.PHONE}), lab.paid({}, name="z"), contact=ada(lab))
    again = as_cached(result)
    assert [(a.outcome, a.cached, a.credits, a.tries) for a in again.attempts if a.outcome is not Outcome.SKIPPED] == [
        (Outcome.HIT, True, Decimal(0), 0)
    ]
    assert lab.story(again) == lab.story(result)
    assert again.attempts[1] is result.attempts[1]


def test_an_incomplete_result_is_not_called_cached() -> None:
    assert as_cached(PhoneResult(record_id="1", status=Status.INCOMPLETE)).cached is False


@pytest.mark.parametrize(
    ("item", "echo"),
    [
        ({"record_id": "7", "email": 5, "first_name": "Ada"}, ("7", "Ada", None)),
        ({"record_id": None}, ("", None, None)),
        ("text", ("", None, None)),
        (None, ("", None, None)),
    ],
)
def test_an_invalid_contact_is_echoed_as_far_as_it_is_text(item: Any, echo: tuple[Any, ...]) -> None:
    result = invalid_result(item, "why")
    assert (result.record_id, result.first_name, result.email) == echo
    assert (result.status, result.reason, result.attempts, result.cached) == (Status.INVALID, "why", (), False)


def test_when_a_number_was_found_is_when_the_vendor_gave_it(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    first = lab.enrich(vendor, contact=ada(lab))
    lab.runtime.skew += 30 * DAY
    again = lab.enrich(vendor, contact=ada(lab, record_id="2"))
    assert again.found_at == first.found_at == moment(lab.WALL + 60)
