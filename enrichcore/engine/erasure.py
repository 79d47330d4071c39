"""Forgetting a person: under which keys something may be kept, and what is left to do when it is gone."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

import attrs

from enrichcore.engine.keys import Keyer
from enrichcore.engine.numbers import who
from enrichcore.errors import InvalidContact
from enrichcore.identity import clean_domain, registrable_domain
from enrichcore.identity.mail_hosts import FREE_MAIL
from enrichcore.model import Contact, Subject
from enrichcore.plugins import Provider
from enrichcore.store import Forgotten


@attrs.frozen
class Targets:
    """What a store is to forget, as `Store.forget` takes it: nothing but keyed hashes."""

    records: frozenset[bytes]
    """Keys of records, of 16 bytes."""
    questions: frozenset[bytes]
    """The first 16 bytes of the keys of questions, whoever was asked."""
    people: frozenset[int]
    """Keys of people as the table of numbers has them: signed, of 64 bits."""


def targets(person: Contact | str, keyer: Keyer) -> Targets:
    """Everything under which something about a person may be kept: of a contact, or of a record_id alone.

    Of a contact these are its record_id, the ids that are derived for a contact with all or only some of its fields,
    and every question that may be asked about one: by name at the company, at the domain and at the domain of the
    email address, by LinkedIn id and by email. What was asked with values that answers had brought, and records whose
    id is not known here, the store reaches through the attempts at these questions.

    Raises:
        InvalidContact: the record_id is none, or the contact has neither one nor anything by which a person is known.
    """
    if isinstance(person, str):
        person = Contact(record_id=person)
        if person.record_id is None:
            raise InvalidContact("record_id", "the id of a record", "blank text")
        return Targets(frozenset({keyer.record(person.record_id)}), frozenset(), frozenset())
    subject = Subject.of(person)
    if person.record_id is None and not subject.queries:
        raise InvalidContact("contact", "a record_id, or what a person is known by", f"neither: {subject.missing()}")
    known = [subject, *_variants(subject)]
    people = {who(one) for one in known} - {""}
    return Targets(
        frozenset(keyer.record(one.record_id) for one in known),
        frozenset(keyer.query(query.key) for one in known for query in one.queries.values()),
        frozenset(int.from_bytes(keyer.person(who), "big", signed=True) for who in people),
    )


def _variants(subject: Subject) -> Iterator[Subject]:
    """The same person as a caller may have sent them at another time: with some of the fields, and without an id."""
    sent = subject.contact
    names = {"first_name": sent.first_name, "last_name": sent.last_name}
    places: list[dict[str, Any]] = [{}]
    if subject.company is not None:
        places.append({**names, "company": sent.company})
    places += [{**names, "domain": domain} for domain in _domains(subject)]
    for place, email, slug in product(places, {None, sent.email}, {None, sent.linkedin_id}):
        variant = Subject.of(Contact(**place, email=email, linkedin_id=slug))
        if variant.queries:
            yield variant


def _domains(subject: Subject) -> list[str]:
    """The domains at which a person may have been asked for by name."""
    company = subject.contact.company
    found = [subject.domain, clean_domain(company) if subject.company is None else None]
    if subject.email is not None:
        host = subject.email.rpartition("@")[2]
        found += [host, registrable_domain(host)]
    return [domain for domain in dict.fromkeys(found) if domain is not None and domain not in FREE_MAIL]


def sentences(forgotten: Forgotten, providers: Mapping[str, Provider]) -> tuple[str, ...]:
    """What was forgotten, who has to be told and what no call can reach, for people; nothing in it names the person.

    `providers` are those that are installed, by name.
    """
    told = []
    if not (forgotten.results or forgotten.attempts or forgotten.numbers):
        told.append("Nothing was kept of this person.")
    if forgotten.results:
        told.append(f"{_count(forgotten.results, 'stored result')} deleted.")
    if forgotten.attempts:
        told.append(
            f"{_count(forgotten.attempts, 'attempt')} made nameless: provider, time and amount stay for the ledger; "
            "whom it was about and what was answered is gone."
        )
    if forgotten.numbers:
        told.append(f"{_count(forgotten.numbers, 'note')} deleted of numbers that were given for this person.")
    told += [_recipient(name, providers.get(name)) for name in sorted(forgotten.recipients)]
    if not forgotten.recipients:
        told.append("No provider is known to have been sent anything of this person.")
    told.append("Files that runs have written and backups of the store are not reached: delete the person there, too.")
    told.append("The suppression list is as it was: who is on it stays on it, and nobody was put on it.")
    return tuple(told)


def _count(n: int, what: str) -> str:
    return f"1 {what} was" if n == 1 else f"{n:,} {what}s were"


def _recipient(name: str, provider: Provider | None) -> str:
    if provider is None:
        return f"Tell {name}, which was sent data of this person; it is not installed now, so its terms are not known."
    if provider.first_party:
        return f"{name} is your own source and was asked about this person: delete them there, too."
    if not provider.terms:
        return f"Tell {name}, which was sent data of this person; the plugin names no terms."
    return f"Tell {name}, which was sent data of this person: {provider.terms}"
