"""FakeProvider: says what it is told, and remembers what it was asked."""

from typing import Any

import pytest

from enrichcore.errors import RateLimited
from enrichcore.model import EmailQuery, Hit, Job, Miss, Number, Person, Price, Query
from enrichcore.plugins.registry import Registry
from enrichcore.testing import FakeProvider, run

EMAIL = "ada@engines.example"


@pytest.mark.parametrize(
    ("key", "fields"),
    [
        (EMAIL, {"email": EMAIL}),
        ("ada-lovelace", {"linkedin_id": "https://www.linkedin.com/in/Ada-Lovelace/"}),
        ("Ada Lovelace", {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"}),
    ],
)
def test_a_person_is_known_by_any_of_three_keys(key: str, fields: dict[str, Any]) -> None:
    fake = FakeProvider({key: "+1 202-555-0143"})
    assert run(fake, method=None, **fields) == Hit(Number("+1 202-555-0143"))
    assert len(fake.calls) == 1


def test_whoever_is_not_in_the_mapping_is_a_miss() -> None:
    fake = FakeProvider({EMAIL: None})
    assert run(fake, email=EMAIL) == Miss()
    assert run(fake, email="bob@engines.example") == Miss()
    assert [q.email for q in fake.calls if isinstance(q, EmailQuery)] == [EMAIL, "bob@engines.example"]


def test_hits_and_misses_are_passed_on_as_they_are() -> None:
    hit = Hit(Number("+1 202-555-0143", type="mobile"), person=Person(name="Ada Lovelace"))
    miss = Miss(Person(linkedin_id="ada"))
    fake = FakeProvider({EMAIL: hit, "bob@engines.example": miss})
    assert run(fake, email=EMAIL) is hit
    assert run(fake, email="bob@engines.example") is miss


@pytest.mark.parametrize("error", [RateLimited, RateLimited("slow down")])
def test_an_exception_is_raised(error: Exception | type[Exception]) -> None:
    fake = FakeProvider({EMAIL: error})
    with pytest.raises(RateLimited):
        run(fake, email=EMAIL)
    assert len(fake.calls) == 1


def test_a_function_answers_for_one_person_or_for_all() -> None:
    async def later(query: Query) -> str:
        return "+1 202-555-0144"

    assert run(FakeProvider({EMAIL: later}), email=EMAIL) == Hit(Number("+1 202-555-0144"))
    assert run(FakeProvider(lambda query: query.method.value), email=EMAIL) == Hit(Number("email"))


def test_methods_that_are_left_out_are_not_there() -> None:
    fake = FakeProvider({}, name="half", methods=["email"])
    registry = Registry()
    assert list(registry.add(fake)[0].lookups) == ["email"]
    assert registry.plugins["half"].provider is fake


def test_facts_are_given_by_name() -> None:
    fake = FakeProvider({}, price=Price.per_hit(2), countries={"US"}, first_party=True)
    assert (fake.price.paid, fake.countries, fake.first_party) == (True, {"US"}, True)
    assert FakeProvider({}).countries is None
    with pytest.raises(TypeError, match="no fact called speed"):
        FakeProvider({}, speed=3)


def test_a_job_is_collected() -> None:
    class Slow(FakeProvider):
        left = 3

        async def collect(self, job: Job, query: Query, http: object) -> Hit | Job:
            self.left -= 1
            return job if self.left else Hit(Number("+1 202-555-0145"))

    assert run(Slow({EMAIL: Job("17")}), email=EMAIL) == Hit(Number("+1 202-555-0145"))
