"""Canonical names, companies, domains, emails, LinkedIn ids and countries, and the person match. Pure: no I/O.

Each kind of value has two forms: `clean_*` gives what is shown and sent (None where the text cannot be one),
`*_key` gives what is compared and hashed.
"""

from enrichcore.identity.company import clean_company, company_key
from enrichcore.identity.country import clean_country
from enrichcore.identity.domain import clean_domain
from enrichcore.identity.email import clean_email, email_key
from enrichcore.identity.email_class import EmailClass, email_class
from enrichcore.identity.entry import is_entry_of
from enrichcore.identity.linkedin import clean_linkedin, linkedin_alias, linkedin_refusal
from enrichcore.identity.match import match_person
from enrichcore.identity.name import clean_name, name_key
from enrichcore.identity.registrable import registrable_domain
from enrichcore.identity.traits import Match, Traits

__all__ = [
    "EmailClass",
    "Match",
    "Traits",
    "clean_company",
    "clean_country",
    "clean_domain",
    "clean_email",
    "clean_linkedin",
    "clean_name",
    "company_key",
    "email_class",
    "email_key",
    "is_entry_of",
    "linkedin_alias",
    "linkedin_refusal",
    "match_person",
    "name_key",
    "registrable_domain",
]
