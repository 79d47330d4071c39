"""Who is found by which method, and who is not."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from enrichcore_directory import Directory
from enrichcore_directory.cases import CASES

from enrichcore.engine.channel import NO_HTTP
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore.plugins.registry import Registry
from enrichcore.testing import check_provider, run

Ask = Callable[..., Hit | Miss]
Write = Callable[..., Path]

ADA = Hit(
    Number("+44 7700 900123", type="mobile", country="GB"),
    person=Person(
        name="Ada Lovelace", company="Engines Ltd", domain="engines.example", title="Analyst", country="GB",
        email="ada@engines.example", linkedin_id="ada-lovelace",
    ),
)  # fmt: skip
QUESTIONS: list[dict[str, Any]] = [
    {"first_name": "ADA", "last_name": "lovelace", "company": "Engines"},
    {"first_name": "Ada", "last_name": "Lovelace", "domain": "https://www.engines.example/about"},
    {"first_name": "Ada", "last_name": "Lovelace", "company": "Differences", "domain": "engines.example"},
    {"linkedin_id": "https://www.linkedin.com/in/Ada-Lovelace/"},
    {"email": "ADA@Engines.example"},
]


@pytest.mark.parametrize("fields", QUESTIONS)
def test_a_person_is_found_by_every_method(write: Write, ask: Ask, fields: dict[str, Any]) -> None:
    assert ask(write(), **fields) == ADA


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test directory`."""
    check_provider(Directory, CASES).assert_ok()


def test_all_three_methods_are_declared_and_it_is_free_and_first_party() -> None:
    registry = Registry()
    [plugin] = registry.add(Directory)
    assert sorted(plugin.lookups) == ["email", "linkedin", "name"]
    assert plugin.provider.first_party
    assert not plugin.provider.price.paid
    assert plugin.provider.base_url is None


def test_somebody_else_is_a_miss(write: Write, ask: Ask) -> None:
    assert ask(write(), email="charles@engines.example") == Miss()
    assert ask(write(), first_name="Ada", last_name="Byron", company="Engines") == Miss()
    assert ask(write(), linkedin_id="ada-byron") == Miss()


def test_without_a_number_what_is_known_is_told(write: Write, ask: Ask) -> None:
    """The email and the domain of a person feed the methods that come later."""
    answer = ask(write(), first_name="Alan", last_name="Turing", company="Machines")
    assert isinstance(answer, Miss)
    assert answer.person is not None
    assert (answer.person.email, answer.person.domain) == ("alan@machines.example", "machines.example")


def test_a_switchboard_is_marked(write: Write, ask: Ask) -> None:
    answer = ask(write(), email="grace@compilers.example")
    assert isinstance(answer, Hit)
    assert answer.numbers == (
        Number("202-555-0143", type="phone", country="US"),
        Number("202-555-0100", type="phone", country="US", company_line=True),
    )


def test_the_domain_of_a_work_address_counts_as_the_company_and_a_mail_host_does_not(write: Write, ask: Ask) -> None:
    text = "name,email,phone\nAda Lovelace,ada@engines.example,202-555-0143\nBob Noyce,bob@gmail.com,202-555-0144\n"
    path = write(text)
    assert isinstance(ask(path, first_name="Ada", last_name="Lovelace", domain="engines.example"), Hit)
    assert ask(path, first_name="Bob", last_name="Noyce", domain="gmail.com") == Miss()


HEAD = "first_name,last_name,company,email,linkedin,mobile,do not call\n"
BY_NAME = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines"}


def _numbers(answer: Hit | Miss) -> list[str]:
    return [number.raw for number in answer.numbers] if isinstance(answer, Hit) else []


@pytest.mark.parametrize(
    ("rows", "numbers"),
    [
        # The same row twice, and the same number written in two ways.
        (["Ada,Lovelace,Engines,,,+44 7700 900123,"] * 2, ["+44 7700 900123"]),
        (["Ada,Lovelace,Engines,,,+44 7700 900123,", "ADA,Lovelace,ENGINES Ltd,,,0044 (7700) 900-123,"], 1),
        # One email or profile makes two numbers those of one person.
        (["Ada,Lovelace,Engines,a@e.example,,+447700900123,", "Ada,Lovelace,Engines,A@E.example,,+447700900124,"], 2),
        (["Ada,Lovelace,Engines,,ada-1,+447700900123,", "Ada,Lovelace,Engines,,ada-1,+447700900124,"], 2),
        # Nothing says that these are one person.
        (["Ada,Lovelace,Engines,,,+447700900123,", "Ada,Lovelace,Engines,,,+447700900124,"], 0),
        (["Ada,Lovelace,Engines,,ada-1,+447700900123,", "Ada,Lovelace,Engines,,ada-2,+447700900124,"], 0),
        # One number, and somebody who is or may be another person.
        (["Ada,Lovelace,Engines,,ada-1,+447700900123,", "Ada,Lovelace,Engines,,ada-2,,"], 0),
        (["Ada,Lovelace,Engines,,ada-1,+447700900123,", "Ada,Lovelace,Engines,a@e.example,,,"], 1),
        # Three rows that hang together by the middle one.
        (
            [
                "Ada,Lovelace,Engines,a@e.example,,+447700900123,",
                "Ada,Lovelace,Engines,,ada-1,+447700900124,",
                "Ada,Lovelace,Engines,a@e.example,ada-1,,",
            ],
            2,
        ),
    ],
)
def test_duplicates_are_one_person_and_namesakes_are_nobody(
    write: Write, ask: Ask, rows: list[str], numbers: list[str] | int
) -> None:
    found = _numbers(ask(write(HEAD + "\n".join(rows) + "\n"), **BY_NAME))
    assert (found if isinstance(numbers, list) else len(found)) == numbers


def test_namesakes_without_a_number_teach_only_what_they_agree_on(write: Write, ask: Ask) -> None:
    rows = "Ada,Lovelace,Engines,,ada-1,,\nAda,Lovelace,Engines Ltd,,ada-2,,\n"
    answer = ask(write(HEAD + rows), **BY_NAME)
    assert answer.person == Person(name="Ada Lovelace")


def test_a_shared_mailbox_belongs_to_whoever_is_named(write: Write, ask: Ask) -> None:
    rows = "Ada,Lovelace,Engines,office@e.example,,+447700900123,\nBob,Noyce,Engines,office@e.example,,+447700900124,\n"
    path = write(HEAD + rows)
    assert ask(path, email="office@e.example") == Miss()
    named = ask(path, method="email", email="office@e.example", first_name="Bob", last_name="Noyce")
    assert _numbers(named) == ["+447700900124"]


def test_do_not_call_is_passed_on(write: Write, ask: Ask) -> None:
    rows = "Ada,Lovelace,Engines,a@e.example,,+447700900123,yes\nBob,Noyce,Engines,b@e.example,,+447700900124,false\n"
    path = write(HEAD + rows)
    for email, expected in (("a@e.example", True), ("b@e.example", False)):
        answer = ask(path, email=email)
        assert isinstance(answer, Hit)
        assert answer.numbers[0].do_not_call is expected


def test_before_setup_and_after_aclose_it_refuses(write: Write) -> None:
    directory = Directory()
    run(directory, settings={"path": str(write())}, email="ada@engines.example")
    with pytest.raises(RuntimeError, match="before setup"):
        _ = directory._opened


def test_the_doctor_is_told_how_much_of_the_source_could_be_read(
    write: Write, opened: Callable[..., Directory]
) -> None:
    """Rows that nobody could be found by are counted, with the reason of the first."""
    directory = opened(write("name,company,email,phone\nAda Byron,Engines,,+1 202 555 0143\nMaria,,,\n"))
    left = asyncio.run(directory.balance(NO_HTTP))
    assert left.remaining is None
    assert left.detail is not None
    assert left.detail.startswith("rows used: 1, passed over: 1; line 3 has neither a name with a company or domain")
