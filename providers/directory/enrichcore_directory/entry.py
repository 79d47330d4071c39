"""One row of a source as the index keeps it: what is answered, and the keys under which it is found."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

import attrs

from enrichcore.identity import (
    clean_company,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_name,
    company_key,
    email_key,
    name_key,
)
from enrichcore.identity.mail_hosts import FREE_MAIL
from enrichcore_directory.columns import PHONES, Columns

MOST = 2000
"""Characters of a value that are looked at; longer text is no name, number or address."""
_FEWEST_DIGITS = 5
# A list of numbers in one cell. A semicolon before `ext=` belongs to the number.
_NEXT_NUMBER = re.compile(r"\s*(?:[|\r\n]+|;(?=\s*[+(0-9]))\s*")
_DIGITS = re.compile(r"\D+")
_YES = frozenset({"1", "true", "yes", "y", "x", "ja", "oui", "si", "on"})
_NO = frozenset({"0", "false", "no", "n", "nein", "non", "off"})

clean_company_cached = lru_cache(maxsize=4096)(clean_company)
company_key_cached = lru_cache(maxsize=4096)(company_key)
clean_domain_cached = lru_cache(maxsize=4096)(clean_domain)


@attrs.frozen(repr=False)
class Entry:
    """A person of the source. `phones` are (number, role), mobiles first."""

    name: str | None
    company: str | None
    domain: str | None
    title: str | None
    country: str | None
    email: str | None
    linkedin_id: str | None
    do_not_call: bool | None
    phones: tuple[tuple[str, str], ...]
    keys: tuple[int, ...]

    def __repr__(self) -> str:
        """The class only: an entry is a person."""
        return "Entry(…)"


def hashed(key: str) -> int:
    """A key as a 64-bit number: among a million people two share one with a chance below 1 in 10 million."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), "big", signed=True)


def name_at_company(person: str, company: str) -> int:
    """The key of a person, given by the key of the whole name, at a company."""
    return hashed(f"c\0{person}\0{company_key_cached(company)}")


def name_at_domain(person: str, domain: str) -> int:
    """The key of a person, given by the key of the whole name, at a domain."""
    return hashed(f"d\0{person}\0{domain}")


def by_linkedin(slug: str) -> int:
    """The key of a LinkedIn profile."""
    return hashed(f"l\0{slug}")


def by_email(email: str) -> int:
    """The key of an email address."""
    return hashed(f"e\0{email_key(email)}")


def digits(number: str) -> str:
    """A number for comparison with another of the same person: its digits, without the ways to write a prefix."""
    found = _DIGITS.sub("", number)
    return found.removeprefix("00")


class Reader:
    """Turns rows into entries; None for a row that nobody could be found by."""

    def __init__(self, columns: Columns) -> None:
        self._one: Final[Mapping[str, int | None]] = {
            role: columns.one(role)
            for role in (
                "first_name", "last_name", "name", "company", "domain", "linkedin_id", "title", "country", "do_not_call"
            )
        }  # fmt: skip
        self._emails = columns.places.get("email", ())
        self._phones = [(place, role) for role in PHONES for place in columns.places.get(role, ())]

    def read(self, cells: Sequence[str]) -> Entry | None:
        """The entry of one row."""
        name = self._name(cells)
        sent_company, sent_domain = self._cell(cells, "company"), self._cell(cells, "domain")
        company = clean_company_cached(sent_company) if sent_company else None
        domain = clean_domain_cached(sent_domain) if sent_domain else None
        if domain is None and company is None and sent_company:
            domain = clean_domain_cached(sent_company)
        sent_linkedin = self._cell(cells, "linkedin_id")
        linkedin = clean_linkedin(sent_linkedin) if sent_linkedin else None
        emails = [e for place in self._emails if (e := clean_email(cells[place][:MOST])) is not None]
        keys = [by_email(email) for email in emails]
        if linkedin is not None:
            keys.append(by_linkedin(linkedin))
        if name is not None:
            person = name_key(name)
            if company is not None:
                keys.append(name_at_company(person, company))
            if domain is not None:
                keys.append(name_at_domain(person, domain))
            for email in emails:
                host = email.rpartition("@")[2]
                if host != domain and host not in FREE_MAIL:
                    keys.append(name_at_domain(person, host))
        if not keys:
            return None
        return Entry(
            name=name,
            company=company,
            domain=domain,
            title=self._cell(cells, "title"),
            country=self._cell(cells, "country"),
            email=emails[0] if emails else None,
            linkedin_id=linkedin,
            do_not_call=_flag(self._cell(cells, "do_not_call")),
            phones=self._numbers(cells),
            keys=tuple(dict.fromkeys(keys)),
        )

    def _cell(self, cells: Sequence[str], role: str) -> str | None:
        place = self._one[role]
        return (cells[place][:MOST].strip() or None) if place is not None else None

    def _name(self, cells: Sequence[str]) -> str | None:
        first, last = self._cell(cells, "first_name"), self._cell(cells, "last_name")
        first, last = first and clean_name(first), last and clean_name(last)
        if first and last:
            return f"{first} {last}"
        whole = self._cell(cells, "name")
        if whole is None:
            return None
        before, comma, after = whole.partition(",")
        if comma and after.strip() and "," not in after:
            whole = f"{after.strip()} {before.strip()}"  # `Lovelace, Ada`
        name = clean_name(whole)
        return name if name is not None and " " in name else None

    def _numbers(self, cells: Sequence[str]) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for place, role in self._phones:
            cell = cells[place]
            if not cell:
                continue
            cell = cell[:MOST].strip()
            parts = _NEXT_NUMBER.split(cell) if "|" in cell or ";" in cell or "\n" in cell else (cell,)
            for part in parts:
                number = part.removeprefix("tel:").strip()
                if len(_DIGITS.sub("", number)) >= _FEWEST_DIGITS:
                    found.append((number, role))
        return tuple(found)


def _flag(cell: str | None) -> bool | None:
    word = cell.lower() if cell else ""
    return True if word in _YES else False if word in _NO else None
