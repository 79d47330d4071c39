"""Salesforce: the phone numbers of your own CRM's contacts, by name and company or email.

One SOQL query over HTTP answers at once and costs nothing but a call of the organisation's daily number.

| answer | meaning here | billed |
|---|---|---|
| 200 with a contact that has a number of its own | hit | no |
| 200 with contacts without one, or with none | miss | no |
| 401 `INVALID_SESSION_ID` | key refused: the token has run out | no |
| 403 `REQUEST_LIMIT_EXCEEDED` | rate limited: the calls of the day are used up | no |
| other 403 | key refused | no |
| 400 `MALFORMED_QUERY` and the like | our question is wrong | no |
| 5xx | the vendor failed | no |

Sources, read on 2026-11-22: the public client https://github.com/simple-salesforce/simple-salesforce (call, body,
errors); the error codes are long-standing public knowledge and were not read again. `Account.Phone` is the company's
line and is left alone. Which custom field holds a LinkedIn profile differs, so there is no lookup by it.
"""

from typing import Any

import attrs
import httpx
from attrs.validators import instance_of, matches_re

from enrichcore.errors import KeyRefused, ProviderError, RateLimited, Unreadable
from enrichcore.model import EmailQuery, Hit, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Provider, hookimpl, object_of, text_of

FIELDS = (
    "FirstName, LastName, Email, Title, Phone, MobilePhone, HomePhone, OtherPhone, "
    "MailingCountry, Account.Name, Account.Website, Account.Phone"
)
PHONES = (("MobilePhone", "mobile"), ("Phone", "work"), ("HomePhone", "home"), ("OtherPhone", None))
DAY_PACE = 3600.0
"""Seconds; the day is a rolling one."""


def _forbidden(response: httpx.Response) -> ProviderError:
    try:
        code = response.json()[0]["errorCode"]
    except (ProviderError, LookupError, TypeError):
        code = None
    if code == "REQUEST_LIMIT_EXCEEDED":
        wait = None if "retry-after" in response.headers else DAY_PACE
        return RateLimited("the organisation's calls of the day are used up", retry_after=wait)
    return KeyRefused("the token may not read contacts")


@attrs.frozen(kw_only=True)
class SalesforceSettings:
    """The keys of `[providers.salesforce]`: `api_version` is the version of the REST API to speak."""

    api_version: str = attrs.field(default="59.0", validator=[instance_of(str), matches_re(r"[0-9]{2,3}\.0")])


class Salesforce(Provider):
    """https://developer.salesforce.com/docs, as public clients use it, read 2026-11-22.

    Your own CRM: asked first, once the configuration names it with the `base_url` of your organisation.
    """

    name = "salesforce"
    base_url = "https://login.salesforce.com"
    key_env = "SALESFORCE_API_KEY"
    auth = Bearer()
    docs = "https://developer.salesforce.com/docs"
    terms = "https://www.salesforce.com/company/legal/agreements/"
    price = Price.free()
    rate = ("5/s",)  # not published; the day has a number of calls
    timeout = 15.0
    typical = 1.0
    first_party = True
    when_named = True
    status_errors = {403: _forbidden}  # noqa: RUF012 - a ClassVar fact
    Settings = SalesforceSettings
    settings = SalesforceSettings()

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name; of several contacts, those of the company."""
        where = f"FirstName = {_quoted(query.first_name)} AND LastName = {_quoted(query.last_name)}"
        return await self._query(http, query, where)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By email address."""
        return await self._query(http, query, f"Email = {_quoted(query.email)}")

    async def _query(self, http: Http, query: Query, where: str) -> Hit | Miss:
        soql = f"SELECT {FIELDS} FROM Contact WHERE {where} LIMIT 10"  # noqa: S608 - every value in it is quoted
        reply = await http.get(f"/services/data/v{self.settings.api_version}/query", params={"q": soql})
        records = reply.json()["records"]
        if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
            raise Unreadable("expected a list of objects in 'records'", status=reply.status_code)
        own = records if len(records) == 1 else [one for one in records if _same(one, query)]
        answers = [_answer(one) for one in own]
        hits = [one for one in answers if isinstance(one, Hit)]
        return next(iter([*hits, *answers]), Miss())


def _quoted(value: str) -> str:
    """A text of SOQL."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r") + "'"


def _same(record: dict[str, Any], query: Query) -> bool:
    """Whether one of several contacts is who was asked about: a CRM has namesakes and duplicates."""
    email = (text_of(record.get("Email")) or "").casefold()
    if isinstance(query, EmailQuery):
        return email == query.email.casefold()
    if not isinstance(query, NameQuery) or (_name(record) or "").casefold() != query.full_name.casefold():
        return False
    company = (text_of(object_of(record.get("Account")).get("Name")) or "").casefold()
    same = query.company is not None and company == query.company.casefold()
    return same or (query.domain is not None and email.endswith(f"@{query.domain.casefold()}"))


def _answer(record: dict[str, Any]) -> Hit | Miss:
    """The mobile first; a number that is also the account's is a switchboard."""
    account, country = object_of(record.get("Account")), text_of(record.get("MailingCountry"))
    found: dict[str, Number] = {}
    for key, kind in PHONES:
        raw = record.get(key)
        if not isinstance(raw, str | None):
            raise Unreadable(f"expected text in 'records.{key}', got a {type(raw).__name__}")
        if raw and "*" not in raw and raw != account.get("Phone"):
            found.setdefault(raw, Number(raw, type=kind, country=country))
    person = Person(
        name=_name(record),
        company=text_of(account.get("Name")),
        domain=text_of(account.get("Website")),
        title=text_of(record.get("Title")),
        country=country,
        email=text_of(record.get("Email")),
    )
    known = None if person == Person() else person
    return Hit(*found.values(), person=known) if found else Miss(known)


def _name(record: dict[str, Any]) -> str | None:
    first, last = text_of(record.get("FirstName")), text_of(record.get("LastName"))
    return f"{first} {last}" if first and last else None
