"""Names of one origin that are two people's, and what tells two relatives apart whose names share every word."""

import pytest

from enrichcore.identity import Match, Traits, match_person
from enrichcore.identity.nicknames import same_name
from enrichcore.identity.two_names import OTHERS, one_gender_turns, two_names


def _colleague(first: str, last: str, said: str, country: str | None = None, **ids: str) -> Match:
    sent = Traits(first_name=first, last_name=last, company="Engines", country=country, **ids)
    return match_person(method="name", sent=sent, said=Traits(name=said, company="Engines", country=country, **ids))


def test_what_is_held_apart_is_held_apart_both_ways() -> None:
    for name, others in OTHERS.items():
        assert name not in others
        assert all(two_names(other, name) and not same_name(name, other) for other in others)


ORIGINS = [
    ("Julie", "Julia"), ("Anna", "Anne"), ("Marie", "Maria"), ("Christine", "Christina"), ("Sean", "Ian"),
    ("Marco", "Marcus"), ("Liz", "Beth"),
]  # fmt: skip
NO_ORIGIN = [
    ("Christopher", "Christine"), ("Christian", "Christopher"), ("Artur", "Artem"), ("Andrea", "Andrew"),
    ("Ren\u00e9", "Ren\u00e9e"), ("Anna", "Hannah"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "said"), [*ORIGINS, *NO_ORIGIN, ("Simone", "Simona"), ("Jo", "John")])
def test_neighbouring_names_are_two_people(first: str, said: str) -> None:
    assert _colleague(first, "Byron", f"{said} Byron").reason == "other_person"
    assert _colleague(said, "Byron", f"{first} Byron", country="RU").reason == "other_person"


@pytest.mark.parametrize(("first", "said"), ORIGINS)
def test_an_id_makes_of_two_names_of_one_origin_a_slip_of_the_pen(first: str, said: str) -> None:
    assert _colleague(first, "Byron", f"{said} Byron", linkedin_id="byron-1815").accepted


@pytest.mark.parametrize(("first", "said"), NO_ORIGIN)
def test_no_id_makes_one_of_two_names(first: str, said: str) -> None:
    assert not _colleague(first, "Byron", f"{said} Byron", email="byron@engines.example").accepted


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("Olek", "Aleksander"), ("Jocke", "Joakim"), ("Cadu", "Carlos Eduardo"), ("Malu", "Maria Luiza"),
        ("Malu", "Maria Lourdes"), ("Fons", "Alphonsus"), ("Chr.", "Christopher"), ("Chr.", "Christine"),
        ("Majo", "Mar\u00eda Jos\u00e9"), ("Gerg\u0151", "Gergely"), ("Liz", "Elizabeth"), ("Beth", "Elizabeth"),
    ],
)  # fmt: skip
def test_a_short_form_stands_for_each_of_its_names(first: str, said: str) -> None:
    assert _colleague(first, "Byron", f"{said} Byron").accepted
    assert _colleague(said, "Byron", f"{first} Byron").accepted


@pytest.mark.parametrize(
    ("first", "said", "country"),
    [
        ("Xiao", "Xiaoming", "CN"), ("Jian", "Jianguo", "CN"), ("Seung", "Seunghoon", "KR"), ("Yana", "Anna", "RU"),
        ("Maria", "Mara", "RU"), ("Daria", "Dara", "RU"),
    ],
)  # fmt: skip
def test_a_part_of_a_name_and_a_letter_less_are_other_names(first: str, said: str, country: str) -> None:
    """A syllable is no short form of two, and a Russian ya is no a."""
    assert not _colleague(first, "Byron", f"{said} Byron", country=country).accepted


@pytest.mark.parametrize("said", ["Tatiana Iakovleva", "Tatjana Yakovleva"])
def test_a_russian_ya_is_written_in_three_ways(said: str) -> None:
    assert _colleague("Tatyana", "Yakovleva", said, country="RU").accepted


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Jos\u00e9", "Garc\u00eda", "Mar\u00eda Jos\u00e9 Garc\u00eda"), ("Maria", "Hofer", "Rainer Maria Hofer"),
        ("Jean-Marie", "Le Gall", "Marie Le Gall"), ("Sasha", "Petrov", "Aleksandra Petrova"),
        ("A.", "Petrov", "Anna Petrova"),
        ("Ana", "Garc\u00eda L\u00f3pez", "Ana L\u00f3pez Garc\u00eda"),
        ("Pedro", "Souza Lima", "Pedro Lima Souza"),
    ],
)  # fmt: skip
def test_relatives_may_share_every_word(first: str, last: str, said: str) -> None:
    """The word before makes it another gender, the surname has a man's form, or the two surnames are turned."""
    assert _colleague(first, last, said).reason == "other_person"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("Mar\u00eda", "Garc\u00eda", "Mar\u00eda Jos\u00e9 Garc\u00eda"), ("Anna Maria", "Hofer", "Maria Hofer"),
        ("Anna", "Petrov", "Anna Petrova"), ("Sasha", "Petrov", "Aleksandr Petrov"),
        ("Suhartoyo", "Suhartoyo", "Suhartoyo"),
    ],
)  # fmt: skip
def test_one_person_may_be_written_with_more_or_less(first: str, last: str, said: str) -> None:
    assert _colleague(first, last, said).accepted


def test_one_name_alone_is_not_a_whole_name_where_it_is_a_given_name() -> None:
    assert not _colleague("Thomas", "Thomas", "Thomas").accepted


def test_a_name_before_another_turns_its_gender() -> None:
    assert one_gender_turns(("jose", "maria", "cano"), ("maria", "cano"))
    assert not one_gender_turns(("anna", "maria"), ("maria",))
    assert not one_gender_turns(("jose", "maria"), ("jose", "maria"))


@pytest.mark.parametrize(
    ("last", "said", "accepted"),
    [
        ("Byron III", "Ada Byron, Jr.", False),
        ("Byron Sr.", "Byron, Ada Jr.", False),
        ("Byron Jr.", "Byron, Ada Jr.", True),
        ("Byron", "Byron, Dr. Ada", True),
        ("Byron", "Ada Byron, Ph.D.", True),
        ("ifj. Byron", "id. Byron Ada", False),
    ],
)
def test_a_generation_is_seen_wherever_the_comma_stands(last: str, said: str, *, accepted: bool) -> None:
    assert _colleague("Ada", last, said, country="HU").accepted is accepted


def test_an_article_may_be_glued_in_another_spelling() -> None:
    assert _colleague("Mohammed", "Al-Harthy", "Muhammad Alharthi", country="OM").accepted
    assert not _colleague("Mohammed", "Al-Harthy", "Muhammad Alharbi", country="OM").accepted
