"""The suppression list: what can be on it, and the keyed hashes by which a person or an answer may be on it."""

from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

import attrs

from enrichcore.engine.keys import Keyer
from enrichcore.errors import InvalidContact
from enrichcore.identity import (
    clean_company,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_name,
    email_key,
    linkedin_alias,
    linkedin_refusal,
    name_key,
    registrable_domain,
)
from enrichcore.identity.linkedin import REFUSALS
from enrichcore.identity.mail_hosts import FREE_MAIL
from enrichcore.identity.written import with_digraphs
from enrichcore.model import Learned, Person, Subject
from enrichcore.phone import read_number
from enrichcore.phone.written import parts, to_ascii

MAX_VALUE: Final = 10_000
"""Characters of a value; longer text is on no list."""


class Kind(StrEnum):
    """What an entry of the list is about."""

    PHONE = "phone"
    """One number, whoever it is said to belong to."""
    EMAIL = "email"
    """One mailbox in every spelling that its host takes for it (`email_key`)."""
    LINKEDIN_ID = "linkedin_id"
    DOMAIN = "domain"
    """Everybody at a domain and at the domains below it. A listed subdomain covers nothing beside or above itself."""
    NAME_AND_DOMAIN = "name_and_domain"
    """One name, in whatever order and spelling, at a domain and below it."""


_PHONE, _EMAIL, _LINKEDIN, _DOMAIN, _NAME = (kind.value for kind in Kind)
_EXPECTED: Final = {
    _PHONE: "one number with its country code, such as +12025550143",
    _EMAIL: "an address such as ada@engines.example",
    _LINKEDIN: "the slug or the address of a person's profile",
    _DOMAIN: "a domain that somebody registered, such as engines.example, or one below it",
    _NAME: "a first name, a last name, a comma and a domain, such as Ada Lovelace, engines.example",
}
_FEWEST_WORDS: Final = 2
_WORDS_OF_READING: Final = {
    "masked": "a number with hidden digits",
    "unparsable": "text that is no number",
    "ambiguous_region": "a number without its country code",
    "not_possible": "a number of a length that no number has",
    "not_valid": "a number of a range that no country gives out",
    "placeholder": "a number that only fills a field",
}


@attrs.frozen(init=False, repr=False)
class Entry:
    """One entry of the list in comparison form, so that equal entries are equal, however they were written.

    A name and a domain are written with a comma between them: `Ada Lovelace, engines.example`.

    Raises:
        InvalidContact: there is no such kind, or the value cannot be what it claims. No word of the value is in the
            message.
    """

    kind: Kind
    forms: tuple[str, ...]
    """What is hashed: one text, or two for a name with umlauts, which some write with two letters."""

    def __init__(self, kind: str, value: str) -> None:
        if kind not in _EXPECTED:
            raise InvalidContact("kind", f"one of {', '.join(_EXPECTED)}", "another word")
        if not isinstance(value, str):
            raise InvalidContact(kind, _EXPECTED[kind], f"a value of type {type(value).__name__}")
        if len(value) > MAX_VALUE:
            raise InvalidContact(kind, f"at most {MAX_VALUE:,} characters", f"{len(value):,}")
        if not (value.isascii() and value.isprintable()) and (fault := _garbled(value)):
            raise InvalidContact(kind, _EXPECTED[kind], fault)
        found = _READ[kind](value)
        if isinstance(found, str):
            raise InvalidContact(kind, _EXPECTED[kind], found)
        self.__attrs_init__(Kind(kind), found)

    @classmethod
    def named(cls, name: str, domain: str) -> Self:
        """The entry of a person by their whole name, in any order, and a domain."""
        return cls(_NAME, f"{name}, {clean_domain(domain) or ''}")

    def hashes(self, keyer: Keyer) -> tuple[tuple[bytes, str], ...]:
        """What the store keeps of it: keyed hashes of 16 bytes, each with its kind."""
        kind = self.kind.value
        return tuple((keyer.listed(kind, form), kind) for form in self.forms)

    def __repr__(self) -> str:
        """The kind only: what is listed is a person."""
        return f"Entry({self.kind.value!r}, …)"


def _garbled(value: str) -> str | None:
    """What shows that a text was damaged on its way: a value that is repaired by guessing is another value."""
    if "\0" in value:
        return "text with a NUL character"
    damaged = any("\ud800" <= c <= "\udfff" or c == "\ufffd" for c in value)
    return "text with bytes that could not be decoded" if damaged else None


def _read_phone(value: str) -> tuple[str, ...] | str:
    reading = read_number(value, allow_fictional=True)
    if reading.phone is None:
        return _WORDS_OF_READING.get(reading.reason or "", "a number of a kind that is never given as an answer")
    # Of a list the first good number would be read, and the others would not be listed.
    return "more than one number" if len(parts(to_ascii(value.strip()))) > 1 else (reading.phone,)


def _read_email(value: str) -> tuple[str, ...] | str:
    email = clean_email(value)
    return "text that is no address" if email is None else (email_key(email),)


def _read_linkedin(value: str) -> tuple[str, ...] | str:
    slug = clean_linkedin(value) or linkedin_alias(value)
    return REFUSALS[str(linkedin_refusal(value))] if slug is None else (slug,)


def _read_domain(value: str) -> tuple[str, ...] | str:
    domain = clean_domain(value)
    if domain is None:
        return "text that is no domain"
    if domain in FREE_MAIL:
        return "a host of personal mail, where nobody is a colleague; list the addresses themselves"
    if registrable_domain(domain) is None:
        return "a public suffix, below which anybody may register"
    return (domain,)


def _read_name(value: str) -> tuple[str, ...] | str:
    name, _, place = value.rpartition(",")
    found = _read_domain(place)
    if isinstance(found, str):
        return f"behind the last comma {found}"
    return tuple(f"{form}\0{found[0]}" for form in _names(name)) or "no first and last name before the last comma"


_READ: Final = {
    _PHONE: _read_phone, _EMAIL: _read_email, _LINKEDIN: _read_linkedin, _DOMAIN: _read_domain, _NAME: _read_name,
}  # fmt: skip


def _names(text: str) -> tuple[str, ...]:
    """The comparison forms of a whole name, its words in one order; none where it is one word, which many share."""
    name = clean_name(text)
    if name is None:
        return ()
    words = name_key(name).split()
    if len(words) < _FEWEST_WORDS:
        return ()
    form = " ".join(sorted(words))
    if name.isascii():
        return (form,)
    spelled = " ".join(sorted(name_key(with_digraphs(name)).split()))
    return (form,) if spelled == form else (form, spelled)


@lru_cache(maxsize=4096)
def _places(domain: str) -> tuple[str, ...]:
    """A domain and those above it up to the one that was registered, without hosts of personal mail."""
    labels = domain.split(".")
    shortest = (registrable_domain(domain) or domain).count(".") + 1
    found = (".".join(labels[i:]) for i in range(len(labels) - shortest + 1))
    return tuple(place for place in found if place not in FREE_MAIL)


def hashes_of_subject(subject: Subject, keyer: Keyer, learned: Learned | None = None) -> tuple[bytes, ...]:
    """Keyed hashes of all by which a person may be on the list: what the caller sent and what answers have taught."""
    contact = subject.contact
    emails, slugs, sites = [subject.email], [subject.linkedin_id], [subject.domain]
    if subject.company is None and contact.company is not None:
        sites.append(clean_domain(contact.company))
    if subject.linkedin_id is None and contact.linkedin_id is not None:
        slugs.append(linkedin_alias(contact.linkedin_id))
    if learned is not None:
        emails.append(learned.email)
        slugs.append(learned.linkedin_id)
        sites.append(learned.domain)
    return _hashes(keyer, emails, slugs, sites, f"{subject.first_name or ''} {subject.last_name or ''}")


def hash_of_phone(phone: str, keyer: Keyer) -> bytes:
    """The keyed hash of a number in E.164."""
    return keyer.listed(_PHONE, phone)


def hashes_of_answer(person: Person | None, phone: str | None, keyer: Keyer) -> tuple[bytes, ...]:
    """Keyed hashes of all that an answer says of a person, and of a number in E.164. Nothing of it need be true."""
    found = () if phone is None else (hash_of_phone(phone, keyer),)
    if person is None:
        return found
    sites = [clean_domain(person.domain)]
    if person.company is not None and clean_company(person.company) is None:
        sites.append(clean_domain(person.company))
    name = person.name if isinstance(person.name, str) and len(person.name) <= MAX_VALUE else ""  # else on no list
    slug = clean_linkedin(person.linkedin_id) or linkedin_alias(person.linkedin_id)
    return found + _hashes(keyer, [clean_email(person.email)], [slug], sites, name)


def _hashes(
    keyer: Keyer,
    emails: Iterable[str | None],
    slugs: Iterable[str | None],
    sites: Iterable[str | None],
    name: str,
) -> tuple[bytes, ...]:
    listed = keyer.listed
    found = [listed(_LINKEDIN, slug) for slug in slugs if slug is not None]
    places: dict[str, None] = {}
    for site in sites:
        if site is not None:
            places.update(dict.fromkeys(_places(site)))
    for email in emails:
        if email is not None:
            found.append(listed(_EMAIL, email_key(email)))
            places.update(dict.fromkeys(_places(email.rpartition("@")[2])))
    names = _names(name) if places else ()
    for place in places:
        found.append(listed(_DOMAIN, place))
        found += [listed(_NAME, f"{form}\0{place}") for form in names]
    return tuple(found)
