"""Which column of a file is which field of a contact, and what the result columns are called."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from enrichcore.model import PhoneResult, Status
from enrichcore.model.contact import FIELDS

NEEDED: Final = "first_name + last_name + (company or domain), or linkedin_id, or email"
"""The combinations of which a contact needs one."""

RESULT_COLUMNS: Final = ("status", "phone", "provider", "method", "reason")
"""What is appended to every row; `record_id` follows when the input has no such column."""

FALLBACK_PREFIX: Final = "enrichcore_"

ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "record_id": ("id", "recordid", "contactid", "leadid", "personid", "externalid", "hsobjectid", "crmid"),
    "first_name": ("first", "firstname", "givenname", "forename", "fname"),
    "last_name": ("last", "lastname", "surname", "familyname", "lname"),
    "company": (
        "companyname", "organization", "organisation", "organizationname", "organisationname", "employer", "account",
        "accountname", "currentcompany",
    ),
    "domain": (
        "companydomain", "companydomainname", "companywebsite", "companyurl", "website", "websiteurl", "emaildomain",
    ),
    "email": ("emailaddress", "workemail", "businessemail", "mail", "email1", "primaryemail"),
    "linkedin_id": (
        "linkedin", "linkedinurl", "linkedinprofile", "linkedinprofileurl", "linkedinslug", "linkedinpublicid",
        "personlinkedinurl", "linkedinlink",
    ),
    "country": ("countrycode", "countryname", "personcountry"),
}  # fmt: skip
"""Names that columns have in the exports of CRMs, folded; the field's own name always comes first."""


def fold(name: str) -> str:
    """A column's name without case, spaces and punctuation: `First Name`, `first_name` and `FIRST-NAME` are one."""
    return "".join(c for c in unicodedata.normalize("NFKC", name).casefold() if c.isalnum())


@lru_cache(maxsize=512)
def map_columns(names: tuple[str, ...]) -> Mapping[str, int]:
    """The index of the column for each contact field that has one; a field's own name wins over its aliases."""
    places: dict[str, int] = {}
    for index, name in enumerate(names):
        places.setdefault(fold(name), index)
    found: dict[str, int] = {}
    for field in FIELDS:
        for name in (fold(field), *ALIASES[field]):
            if name in places:
                found[field] = places[name]
                break
    return found


def is_usable(fields: Collection[str]) -> bool:
    """Whether contacts with these fields can be looked up by at least one method."""
    by_name = {"first_name", "last_name"} <= set(fields) and ("company" in fields or "domain" in fields)
    return by_name or "email" in fields or "linkedin_id" in fields


@lru_cache(maxsize=512)
def result_names(taken: tuple[str, ...], *, with_record_id: bool, prefix: str) -> Mapping[str, str]:
    """The name of each result column: with `prefix`, and with `enrichcore_` before a name that the input has."""
    wanted = (*RESULT_COLUMNS, "record_id") if with_record_id else RESULT_COLUMNS
    names: dict[str, str] = {}
    used = set(taken)
    for column in wanted:
        name = prefix + column
        while name in used:
            name = FALLBACK_PREFIX + name
        used.add(name)
        names[column] = name
    return names


def result_values(result: PhoneResult, columns: Iterable[str]) -> dict[str, str | None]:
    """The values of the result columns; text that a spreadsheet would run as a formula is made harmless."""
    values: dict[str, str | None] = {}
    for column in columns:
        # An invalid contact is not stored, so there is no id under which it could be explained.
        unknown = column == "record_id" and result.status is Status.INVALID
        value = None if unknown else getattr(result, column)
        text = None if value is None or value == "" else str(value)
        # A phone is our own E.164 text: its plus sign is not a formula and must stay.
        values[column] = text if column in ("phone", "status") else neutral(text)
    return values


def neutral(text: str | None) -> str | None:
    """`text` so that no spreadsheet takes it for a formula: an apostrophe before `=`, `+`, `-`, `@`, tab and return."""
    return "'" + text if text is not None and text[:1] in tuple("=+-@\t\r\n") else text


def contact_of(names: Sequence[str], values: Mapping[str, Any]) -> dict[str, Any]:
    """The contact in an object whose keys are spelt in any known way; a whole number as record_id becomes text."""
    contact = {field: values[names[index]] for field, index in map_columns(tuple(names)).items()}
    record_id = contact.get("record_id")
    if isinstance(record_id, int) and not isinstance(record_id, bool):
        contact["record_id"] = str(record_id)
    return contact
