"""Forgetting a person: whatever was asked about them is named, and the report says what is left to do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore.engine.erasure import Targets, sentences, targets
from enrichcore.engine.keys import Keyer
from enrichcore.engine.numbers import Numbers
from enrichcore.errors import InvalidContact
from enrichcore.model import Contact, Subject
from enrichcore.model.subject import name_query
from enrichcore.plugins import Provider
from enrichcore.store import Forgotten
from enrichcore.store.memory import MemoryStore

KEYER = Keyer(b"s" * 32, "default")
ADA: dict[str, Any] = {
    "first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd", "domain": "engines.example",
    "email": "ada@uk.looms.example", "linkedin_id": "ada-l",
}  # fmt: skip


def covers(found: Targets, subject: Subject) -> bool:
    """Whether everything under which a run for `subject` keeps something is to be forgotten."""
    return (
        KEYER.record(subject.record_id) in found.records
        and {KEYER.query(query.key) for query in subject.queries.values()} <= found.questions
        and (not subject.queries or people_of(subject) <= found.people)
    )


def people_of(subject: Subject) -> set[int]:
    """The keys under which the table of numbers has a person."""
    store = MemoryStore()
    noted: list[Any] = []
    store.note_number = lambda *note: noted.append(note)  # type: ignore[method-assign]
    Numbers(store, KEYER, "default", lambda: 0.0, max_people=3).seen("+12025550143", subject)
    return {note[2] for note in noted}


@pytest.mark.parametrize(
    "fields",
    [
        ADA,
        {**ADA, "record_id": "42"},
        {"email": "ADA@uk.looms.example"},
        {"linkedin_id": "https://www.linkedin.com/in/Ada-L/"},
        {"email": "ada@uk.looms.example", "linkedin_id": "ada-l"},
        {"first_name": "ada", "last_name": "LOVELACE", "company": "Engines Limited"},
        {"first_name": "Ada", "last_name": "Lovelace", "domain": "https://www.engines.example"},
        {"first_name": "Ada", "last_name": "Lovelace", "company": "engines.example", "linkedin_id": "ada-l"},
        {"first_name": "Ada", "last_name": "Lovelace", "domain": "uk.looms.example", "email": "ada@uk.looms.example"},
        {"first_name": "Ada", "last_name": "Lovelace", "domain": "looms.example"},
        {"first_name": "Lovelace", "last_name": "Ada", "email": "ada@uk.looms.example"},
    ],
)
def test_a_contact_reaches_what_was_kept_for_it_with_fewer_fields(fields: dict[str, Any]) -> None:
    assert covers(targets(Contact(**ADA, record_id="42"), KEYER), Subject.of(Contact(**fields)))


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "bob@uk.looms.example"},
        {"linkedin_id": "ada-l2"},
        {"first_name": "Ada", "last_name": "Byron", "company": "Engines Ltd"},
        {"first_name": "Ada", "last_name": "Lovelace", "company": "Looms Ltd"},
        {"first_name": "Ada", "last_name": "Lovelace", "domain": "other.example"},
    ],
)
def test_another_person_is_not_reached(fields: dict[str, Any]) -> None:
    found = targets(Contact(**ADA), KEYER)
    other = Subject.of(Contact(**fields))
    assert found.records.isdisjoint({KEYER.record(other.record_id)})
    assert found.questions.isdisjoint(KEYER.query(query.key) for query in other.queries.values())


def test_a_website_in_the_company_field_is_reached_beside_the_domain() -> None:
    sent: dict[str, Any] = {"first_name": "Ada", "last_name": "Lovelace", "company": "engines.example"}
    found = targets(Contact(**sent, domain="looms.example"), KEYER)
    assert covers(found, Subject.of(Contact(**sent)))
    assert covers(found, Subject.of(Contact(**sent | {"company": "looms.example"})))


def test_a_host_of_personal_mail_is_no_place_where_a_name_is_asked_for() -> None:
    found = targets(Contact(first_name="Ada", last_name="Lovelace", company="Engines", email="ada@gmail.com"), KEYER)
    at_gmail = name_query("Ada", "Lovelace", None, "gmail.com", None)
    assert KEYER.query(at_gmail.key) not in found.questions
    assert len(found.questions) == 2


def test_a_record_id_alone_reaches_its_record_and_nothing_else_by_itself() -> None:
    expected = Targets(frozenset({KEYER.record("42")}), frozenset(), frozenset())
    assert targets("42", KEYER) == expected
    assert targets(Contact(record_id="42"), KEYER) == expected


def test_a_contact_of_a_record_id_and_no_identity_reaches_its_record() -> None:
    found = targets(Contact(record_id="42", company="Engines Ltd"), KEYER)
    assert found == targets("42", KEYER)


def test_a_name_without_a_place_reaches_the_numbers_counted_for_it() -> None:
    named = Contact(record_id="42", first_name="Ada", last_name="Lovelace")
    assert targets(named, KEYER).people == people_of(Subject.of(Contact(**ADA)))
    assert targets(named, KEYER).questions == frozenset()


def test_everything_is_named_once_and_by_keys_of_the_store() -> None:
    found = targets(Contact(**ADA, record_id="42"), KEYER)
    # By name at the company and at three domains, or not; by LinkedIn id, or not; by email, or not; never nothing.
    assert len(found.records) == 5 * 2 * 2 - 1 + 1
    assert len(found.questions) == 4 + 1 + 1
    assert len(found.people) == 3
    assert {len(key) for key in found.records | found.questions} == {16}
    assert all(-(2**63) <= person < 2**63 for person in found.people)


def test_who_is_to_be_forgotten_depends_on_the_tenant() -> None:
    here, there = targets(Contact(**ADA), KEYER), targets(Contact(**ADA), Keyer(b"s" * 32, "globex"))
    assert here.records.isdisjoint(there.records)
    assert here.questions.isdisjoint(there.questions)
    assert here.people.isdisjoint(there.people)


@pytest.mark.parametrize("nobody", [Contact(), Contact(company="Engines Ltd"), Contact(email="none")])
def test_nobody_cannot_be_forgotten(nobody: Contact) -> None:
    with pytest.raises(
        InvalidContact,
        match="contact: expected a record_id, or what a person is known by, got neither: name method lacks",
    ):
        targets(nobody, KEYER)


def test_blank_text_is_no_record_id() -> None:
    with pytest.raises(InvalidContact) as caught:
        targets("  ", KEYER)
    assert str(caught.value) == "record_id: expected the id of a record, got blank text"


@pytest.mark.parametrize("record_id", ["", "x" * 1025, "a\0b"])
def test_a_text_that_is_no_record_id_is_refused(record_id: str) -> None:
    with pytest.raises(InvalidContact, match=r"^record_id: "):
        targets(record_id, KEYER)


FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "first_name": st.sampled_from(["Ada", "n/a"]),
        "last_name": st.just("Lovelace"),
        "company": st.sampled_from(["Engines Ltd", "engines.example", "-"]),
        "domain": st.sampled_from(["engines.example", "mail.engines.example", "?"]),
        "email": st.sampled_from(["ada@engines.example", "ada@gmail.com", "ada"]),
        "linkedin_id": st.sampled_from(["ada-l", "https://www.linkedin.com/company/x"]),
    },
)


@given(FIELDS, st.sets(st.sampled_from(["company", "domain", "email", "linkedin_id"])))
def test_whoever_was_sent_with_some_of_the_fields_is_reached_by_all_of_them(
    fields: dict[str, Any], less: set[str]
) -> None:
    whole, part = Contact(**fields), Contact(**{k: v for k, v in fields.items() if k not in less})
    if Subject.of(part).queries:
        assert covers(targets(whole, KEYER), Subject.of(part))


@given(FIELDS)
def test_a_run_for_a_contact_is_reached_by_the_same_contact(fields: dict[str, Any]) -> None:
    contact = Contact(record_id="42", **fields)
    assert covers(targets(contact, KEYER), Subject.of(contact))


class Acme(Provider):
    name = "acme"
    terms = "https://acme.example/terms"


class Apex(Provider):
    name = "apex"


class Directory(Provider):
    name = "directory"
    first_party = True
    terms = "https://directory.example/terms"


INSTALLED: dict[str, Provider] = {"acme": Acme(), "apex": Apex(), "directory": Directory()}
ALWAYS = (
    "Files that runs have written and backups of the store are not reached: delete the person there, too.",
    "The suppression list is as it was: who is on it stays on it, and nobody was put on it.",
)


def test_the_report_counts_and_names_every_recipient() -> None:
    done = Forgotten(attempts=1200, results=1, numbers=2, recipients=("directory", "gone", "acme", "apex"))
    assert sentences(done, INSTALLED) == (
        "1 stored result was deleted.",
        (
            "1,200 attempts were made nameless: provider, time and amount stay for the ledger; "
            "whom it was about and what was answered is gone."
        ),
        "2 notes were deleted of numbers that were given for this person.",
        "Tell acme, which was sent data of this person: https://acme.example/terms",
        "Tell apex, which was sent data of this person; the plugin names no terms.",
        "directory is your own source and was asked about this person: delete them there, too.",
        "Tell gone, which was sent data of this person; it is not installed now, so its terms are not known.",
        *ALWAYS,
    )


def test_the_report_of_nothing_says_so() -> None:
    assert sentences(Forgotten(), {}) == (
        "Nothing was kept of this person.",
        "No provider is known to have been sent anything of this person.",
        *ALWAYS,
    )


@pytest.mark.parametrize(
    ("done", "first"),
    [
        (Forgotten(attempts=1), "1 attempt was made nameless"),
        (Forgotten(results=2), "2 stored results were deleted."),
        (Forgotten(numbers=1), "1 note was deleted of numbers that were given for this person."),
    ],
)
def test_the_report_leaves_out_what_there_was_none_of(done: Forgotten, first: str) -> None:
    told = sentences(done, INSTALLED)
    assert told[0].startswith(first)
    assert len(told) == 4
