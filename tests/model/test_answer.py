"""Answers: what a provider hands over, as the vendor said it; nothing of it is shown."""

from decimal import Decimal

import attrs
import pytest

from enrichcore.model import Acceptance, Credits, Hit, Job, LineType, Miss, Number, Person, Price
from enrichcore.model.price import Per


def test_a_hit_takes_numbers_and_what_was_learned() -> None:
    one, other = Number("+1 202-555-0143"), Number("0143", country="GB")
    hit = Hit(one, other, person=Person(name="Ada"), credits=Decimal(2))
    assert hit.numbers == (one, other)
    assert (hit.person, hit.credits) == (Person(name="Ada"), Decimal(2))
    assert hit == Hit(one, other, person=Person(name="Ada"), credits=Decimal(2))
    assert (Hit().numbers, Hit().person, Hit().credits) == ((), None, None)


def test_a_miss_may_still_teach_something() -> None:
    assert (Miss().person, Miss().credits) == (None, None)
    assert Miss(Person(email="ada@engines.example")).person == Person(email="ada@engines.example")
    assert Miss() == Miss()


def test_a_job_has_an_id_and_a_hint() -> None:
    assert (Job("17").id, Job("17").ready_in, Job("17", ready_in=3).ready_in) == ("17", None, 3)


def test_a_number_stays_as_the_vendor_wrote_it() -> None:
    number = Number(" (202) 555 0143 ", type="Handy", country="us", score=0.5, do_not_call=True, company_line=True)
    assert number.raw == " (202) 555 0143 "
    assert (number.type, number.country, number.score) == ("Handy", "us", 0.5)
    assert (number.do_not_call, number.company_line) == (True, True)
    plain = Number("x")
    assert (plain.type, plain.country, plain.score, plain.do_not_call, plain.company_line) == (None,) * 4 + (False,)


@pytest.mark.parametrize(
    "value", [Hit(), Miss(), Job("1"), Number("1"), Person(), Price.free(), Credits(remaining=None), Acceptance()]
)
def test_values_are_frozen(value: object) -> None:
    field = attrs.fields(type(value))[0].name  # type: ignore[arg-type]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(value, field, None)


def test_nothing_of_a_person_or_number_is_shown() -> None:
    person = Person(name="Ada Lovelace", email="ada@engines.example", score=0.9)
    hit = Hit(Number("+1 202-555-0143", type="mobile", country="US"), person=person)
    for shown in (repr(hit), str(hit), repr(person), repr(Miss(person))):
        assert "0143" not in shown
        assert "Ada" not in shown
        assert "ada@" not in shown
    assert repr(person) == "Person(name, email, score)"
    assert repr(hit.numbers[0]) == "Number(type='mobile', country='US')"


@pytest.mark.parametrize(
    ("price", "per", "credits", "paid", "errors_billed"),
    [
        (Price.free(), Per.FREE, 0, False, False),
        (Price.per_hit(5), Per.HIT, 5, True, False),
        (Price.per_match("0.5"), Per.MATCH, Decimal("0.5"), True, False),
        (Price.per_attempt(0.1), Per.ATTEMPT, Decimal("0.1"), True, True),
        (Price.per_attempt(1, errors_billed=False), Per.ATTEMPT, 1, True, False),
        (Price.per_hit(1, errors_billed=True, repeats_free_days=30), Per.HIT, 1, True, True),
    ],
)
def test_a_price_says_what_is_billed(
    price: Price, per: Per, credits: Decimal, *, paid: bool, errors_billed: bool
) -> None:
    assert price.per is per
    assert price.credits == credits
    assert isinstance(price.credits, Decimal)
    assert price.paid is paid
    assert price.errors_billed is errors_billed


def test_repeats_are_not_free_unless_said() -> None:
    assert Price.per_hit(1).repeats_free_days == Price.per_match(1).repeats_free_days == 0
    assert Price.per_attempt(1, repeats_free_days=7).repeats_free_days == 7


def test_credits_written_as_a_float_are_what_they_look_like() -> None:
    """0.1 is a tenth, not its binary neighbour."""
    assert Price.per_hit(0.1).credits == Decimal("0.1")


def test_the_kinds_of_line_that_are_wanted_are_words_or_values() -> None:
    assert Acceptance(line_types=["mobile"]).line_types == frozenset({LineType.MOBILE})
    assert Acceptance(line_types={LineType.VOIP}).line_types == frozenset({LineType.VOIP})
    with pytest.raises(ValueError, match="mobil"):
        Acceptance(line_types=["mobil"])


def test_countries_are_upper_case_and_the_default_takes_everything_but_fiction_and_switchboards() -> None:
    assert Acceptance(countries=["us", "Gb"]).countries == frozenset({"US", "GB"})
    policy = Acceptance()
    assert (policy.line_types, policy.countries, policy.min_score) == (None, None, 0.0)
    assert not policy.company_lines
    assert not policy.allow_fictional
    assert len({Acceptance(), Acceptance(min_score=0.0), Acceptance(min_score=0.5)}) == 2
