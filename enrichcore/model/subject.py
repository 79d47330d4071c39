"""Subject: a contact after normalising, ready to be asked about by every method that its data allows."""

import hashlib

import attrs

from enrichcore.identity import (
    clean_company,
    clean_country,
    clean_domain,
    clean_email,
    clean_linkedin,
    clean_name,
    company_key,
    email_key,
    name_key,
)
from enrichcore.model.contact import Contact
from enrichcore.model.query import (
    EmailQuery,
    LinkedInQuery,
    Method,
    NameQuery,
    NameQueryDraft,
    Query,
)

_NAME = Method.NAME  # an attribute of an enum costs ten times a global name


@attrs.define(eq=False, repr=False)
class Learned:
    """What accepted answers brought that the caller had not sent: more ways to ask, and values for the echo."""

    email: str | None = None
    linkedin_id: str | None = None
    domain: str | None = None


@attrs.define(eq=False, repr=False)
class Subject:
    """A contact after normalising. Fields that cannot be what they claim are None here and named in `ignored`."""

    contact: Contact
    record_id: str
    first_name: str | None
    last_name: str | None
    company: str | None
    domain: str | None
    email: str | None
    linkedin_id: str | None
    country: str | None
    ignored: tuple[str, ...]
    fingerprint: bytes
    """The normalised identity: equal for equal people, whatever the spelling."""
    queries: dict[Method, Query]

    @classmethod
    def of(cls, contact: Contact) -> "Subject":
        """Normalise `contact` and build its queries."""
        ignored: list[str] = []
        first = last = company = domain = email = linkedin = country = None
        if contact.first_name is not None and (first := clean_name(contact.first_name)) is None:
            ignored.append("first_name")
        if contact.last_name is not None and (last := clean_name(contact.last_name)) is None:
            ignored.append("last_name")
        if contact.domain is not None and (domain := clean_domain(contact.domain)) is None:
            ignored.append("domain")
        if contact.email is not None and (email := clean_email(contact.email)) is None:
            ignored.append("email")
        if contact.linkedin_id is not None and (linkedin := clean_linkedin(contact.linkedin_id)) is None:
            ignored.append("linkedin_id")
        if contact.country is not None and (country := clean_country(contact.country)) is None:
            ignored.append("country")
        if contact.company is not None:
            company = clean_company(contact.company)
            if company is None:  # a website in the company field, or nothing usable
                site = clean_domain(contact.company)
                domain = domain or site
                if site is None:
                    ignored.append("company")
        queries: dict[Method, Query] = {}
        parts: list[bytes] = []
        if first is not None and last is not None and (company is not None or domain is not None):
            name = name_query(first, last, company, domain, country)
            queries[_NAME] = name
            parts.append(name.key)
        if linkedin is not None:
            queries[Method.LINKEDIN] = linkedin_query(linkedin, first, last, country)
            parts.append(queries[Method.LINKEDIN].key)
        if email is not None:
            mail = email_query(email, first, last, country)
            queries[Method.EMAIL] = mail
            parts.append(mail.key)
        fingerprint = b"\1".join(parts)
        record_id = contact.record_id
        if record_id is None:
            # Not secret and not keyed: the same person gets the same id on every machine. Treat it as personal data.
            source = fingerprint or repr([getattr(contact, f) for f in ("first_name", "last_name", "company")]).encode()
            record_id = "p-" + hashlib.sha256(source).hexdigest()[:20]
        return cls(
            contact, record_id, first, last, company, domain, email, linkedin, country, tuple(ignored), fingerprint,
            queries,
        )  # fmt: skip

    def missing(self) -> str:
        """What each method lacks, as a sentence for people."""
        lacks = [f for f in ("first_name", "last_name") if getattr(self, f) is None]
        if self.company is None and self.domain is None:
            lacks.append("company or domain")
        unusable = f" (sent, but not usable: {', '.join(self.ignored)})" if self.ignored else ""
        return (
            f"name method lacks {', '.join(lacks)}; LinkedIn method lacks linkedin_id; email method lacks email"
            f"{unusable}"
        )


def name_query(first: str, last: str, company: str | None, domain: str | None, country: str | None) -> NameQuery:
    """A query by name: keyed by the company where there is one, else by the domain."""
    # A company first: a domain that arrives later is a hint and must not make the same person a new one.
    place = "c\0" + company_key(company) if company is not None else f"d\0{domain}"
    key = f"n\0{name_key(first)}\0{name_key(last)}\0{place}".encode()
    query = NameQueryDraft()
    query.first_name = first
    query.last_name = last
    query.company = company
    query.domain = domain
    query.country = country
    query.key = key
    query.__class__ = NameQuery
    return query  # type: ignore[no-any-return]


def linkedin_query(linkedin: str, first: str | None, last: str | None, country: str | None) -> LinkedInQuery:
    """A query by LinkedIn slug."""
    return LinkedInQuery(
        linkedin_id=linkedin, first_name=first, last_name=last, country=country, key=b"l\0" + linkedin.encode()
    )


def email_query(email: str, first: str | None, last: str | None, country: str | None) -> EmailQuery:
    """A query by email address."""
    return EmailQuery(
        email=email, first_name=first, last_name=last, country=country, key=b"e\0" + email_key(email).encode()
    )
