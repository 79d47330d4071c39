"""Reading numbers of the whole world, and the whole decision to accept one."""

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from enrichcore.engine.acceptance import judge
from enrichcore.identity import clean_country
from enrichcore.model import Acceptance, Contact, Hit, Method, Number, Person, Query, Subject
from enrichcore.phone import read_number
from tests.benchmarks.pairs import Case, Clock, Measure, in_turn

ONE_REGION = "DE"
_KINDS = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE)
_STEPS = (0, 137, 271, 409)
"""What is added to an example, so that numbers of a region differ and their patterns do not."""

_FIRST = ("Ada", "Grace", "Émilie", "Søren", "Mehmet", "Agnieszka", "Jiří", "Fatima", "Yuki", "Priya", "João", "Olena")
_LAST = ("Lovelace", "Hopper", "Châtelet", "Kjær", "Öztürk", "Nowak", "Novák", "Haddad", "Tanaka", "Sharma", "Souza")

Written = tuple[str, tuple[str, ...]]
"""A number as a vendor writes it, and the regions to try."""


def numbers_of(regions: Sequence[str], *, national: bool) -> list[Written]:
    """Landlines and mobiles of these regions that pass all gates, in turn by region: nothing stays warm by luck."""
    found: list[Written] = []
    form = PhoneNumberFormat.NATIONAL if national else PhoneNumberFormat.E164
    for step in _STEPS:
        for kind in _KINDS:
            for region in regions:
                example = phonenumbers.example_number_for_type(region, kind)
                if example is None:
                    continue
                number = phonenumbers.PhoneNumber()
                number.merge_from(example)
                number.national_number = (example.national_number or 0) + step
                written = phonenumbers.format_number(number, form), (region,) if national else ()
                if read_number(written[0], regions=written[1], allow_fictional=True).phone is not None:
                    found.append(written)
    return found


def reading(written: Sequence[Written], count: int) -> Measure:
    """CPU microseconds to read one of `count` numbers."""

    def measure() -> float:
        rounds = max(count // len(written), 1)
        with Clock() as clock:
            for _ in range(rounds):
                for raw, regions in written:
                    read_number(raw, regions=regions)
        return clock.each(rounds * len(written))

    return measure


def people(written: Sequence[Written]) -> list[tuple[Hit, Subject, Query]]:
    """For each number an answer about somebody else: name, company and mailbox said, as the caller sent them."""
    made = []
    for i, (raw, regions) in enumerate(written):
        first, last, mail = _FIRST[i % len(_FIRST)], _LAST[i % len(_LAST)], f"person{i}@engines{i}.example"
        contact = Contact(record_id=str(i), first_name=first, last_name=last, company=f"Engines {i}", email=mail)
        subject = Subject.of(contact)
        said = Person(name=f"{first} {last}", company=f"Engines {i} Ltd", email=mail)
        number = Number(raw, type="mobile", country=regions[0] if regions else None)
        made.append((Hit(number, person=said), subject, subject.queries[Method.NAME]))
    return made


def deciding(asked: list[tuple[Hit, Subject, Query]]) -> Measure:
    """The median of what one decision takes, in microseconds; each is another person's."""
    policy = Acceptance(allow_fictional=True)

    def measure() -> float:
        taken = []
        for answer, subject, query in asked:
            start = time.perf_counter()
            verdict = judge(answer, subject, query, policy)
            taken.append(time.perf_counter() - start)
            assert verdict.phone is not None
        return statistics.median(taken) * 1e6

    return measure


def by_the_library(written: Sequence[Written]) -> Measure:
    """The same for what one would write by hand: parse, validate, kind, region and E.164, and no person match."""

    def look(raw: str, region: str | None) -> Any:
        number = phonenumbers.parse(raw, region)
        return (
            phonenumbers.is_valid_number(number),
            phonenumbers.number_type(number),
            phonenumbers.region_code_for_number(number),
            phonenumbers.format_number(number, PhoneNumberFormat.E164),
        )

    def measure() -> float:
        taken = []
        for raw, regions in written:
            start = time.perf_counter()
            look(raw, regions[0] if regions else None)
            taken.append(time.perf_counter() - start)
        return statistics.median(taken) * 1e6

    return measure


def cases(*, small: bool) -> list[Case]:
    """The cases."""
    count, every = (2_000, 8) if small else (20_000, 1)
    world = [region for region in sorted(phonenumbers.SUPPORTED_REGIONS) if clean_country(region) == region]
    here = [ONE_REGION]
    made: dict[tuple[str, bool], list[Written]] = {}

    def written(regions: list[str], *, national: bool) -> list[Written]:
        key = regions[0] if len(regions) == 1 else "", national
        if key not in made:
            made[key] = numbers_of(regions, national=national)
        return made[key]

    def lazily(prepare: Callable[[], tuple[Measure, Measure]]) -> Callable[[bool], tuple[float, float]]:
        ready: list[Callable[[bool], tuple[float, float]]] = []

        def pair(a_first: bool) -> tuple[float, float]:
            if not ready:
                ready.append(in_turn(*prepare()))
            return ready[0](a_first)

        return pair

    def spread(*, national: bool) -> Callable[[bool], tuple[float, float]]:
        return lazily(
            lambda: (
                reading(written(world, national=national), count),
                reading(written(here, national=national), count),
            )
        )

    def decision(*, national: bool) -> Callable[[bool], tuple[float, float]]:
        def prepare() -> tuple[Measure, Measure]:
            some = written(world, national=national)[::every]
            return deciding(people(some)), by_the_library(some)

        return lazily(prepare)

    return [
        Case("world", "a number of the worldwide mix ÷ of one region, E.164", spread(national=False), bar=2.0),
        Case("world-national", "the same in national form, region known", spread(national=True), bar=2.0),
        Case(
            "accept",
            "the whole decision ÷ the library's own calls, E.164; median us",
            decision(national=False),
            bar=5.0,
        ),
        Case("accept-national", "the same in national form, region known", decision(national=True), bar=6.0),
    ]
