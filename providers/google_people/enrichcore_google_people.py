"""Google People: numbers from the organisation's own Google Workspace directory, by name or email address.

One call, `GET /people:searchDirectoryPeople`. What its answers mean:

| answer | meaning | billed |
|---|---|---|
| 200 with one person who fits and has a number | hit | no |
| 200 with `{}`, nobody or several who fit, or no number | miss | no |
| 401 | the token has expired or is not known | no |
| 403 | the token lacks the scope `directory.readonly`, or sharing is off | no |
| 400 | our question is wrong | no |
| 429 | the quota is used up for now | no |
| 5xx | the vendor failed | no |

Sources: the vendor's discovery document of the API, revision 20251117, and
https://developers.google.com/people/api/rest/v1/people/searchDirectoryPeople, read on 2026-11-22. The key is an OAuth
token that the caller gets (for instance with google-auth); tokens live about an hour. The search is one by prefix, so
everybody it brings is compared here. Empty lists are left out of its answers. Quotas depend on the project: the rate is
a cautious guess.
"""

from collections.abc import Iterator
from typing import Any

from enrichcore.errors import Unreadable
from enrichcore.identity import company_key, name_key
from enrichcore.model import EmailQuery, Hit, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Bearer, Http, Provider, hookimpl

MASK = "names,emailAddresses,phoneNumbers,organizations"
SOURCES = ("DIRECTORY_SOURCE_TYPE_DOMAIN_PROFILE", "DIRECTORY_SOURCE_TYPE_DOMAIN_CONTACT")
MOST = 50
NOT_A_PHONE = {"homeFax", "workFax", "otherFax", "pager", "workPager"}
KINDS = {"mobile": "mobile", "workMobile": "mobile"}
"""Our words for theirs; any other is passed on as it is."""
Record = dict[str, Any]


class GooglePeople(Provider):
    """https://developers.google.com/people/api/rest/v1/people/searchDirectoryPeople, read 2026-11-22."""

    name = "google_people"
    base_url = "https://people.googleapis.com/v1"
    key_env = "GOOGLE_PEOPLE_API_KEY"
    auth = Bearer()
    docs = "https://developers.google.com/people/api/rest/v1/people/searchDirectoryPeople"
    terms = "https://developers.google.com/people/terms"
    price = Price.free()
    rate = ("1/s",)
    first_party = True

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name; the company is compared here."""
        return _answer([one for one in await _search(http, query.full_name) if _named(one, query)])

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By email address."""
        wanted = query.email.casefold()
        people = await _search(http, query.email)
        return _answer([one for one in people if wanted in (mail.casefold() for mail in _mails(one))], query.email)


async def _search(http: Http, words: str) -> list[Record]:
    reply = await http.get(
        "/people:searchDirectoryPeople",
        params={"query": words, "readMask": MASK, "sources": list(SOURCES), "pageSize": str(MOST)},
    )
    body = reply.json()
    if not isinstance(body, dict):
        raise Unreadable("expected an object", status=reply.status_code)
    people = body.get("people") if body else []
    if not isinstance(people, list) or not all(isinstance(one, dict) for one in people):
        raise Unreadable("expected a list of objects in 'people'", status=reply.status_code)
    return people


def _listed(record: Record, field: str) -> list[Record]:
    """The entries of a field; none where it is left out."""
    entries = record.get(field, [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise Unreadable(f"expected a list of objects in '{field}'")
    return entries


def _texts(record: Record, field: str, key: str) -> Iterator[str]:
    for entry in _listed(record, field):
        value = entry.get(key)
        if isinstance(value, str) and value:
            yield value


def _mails(record: Record) -> list[str]:
    return list(_texts(record, "emailAddresses", "value"))


def _named(record: Record, query: NameQuery) -> bool:
    """Whether it is the person, and nothing says another company."""
    if name_key(query.full_name) not in map(name_key, _texts(record, "names", "displayName")):
        return False
    domains = {mail.rpartition("@")[2].lower() for mail in _mails(record)}
    if query.domain and query.domain in domains:
        return True
    companies = [company_key(name) for name in _texts(record, "organizations", "name")]
    return not (companies and query.company) or company_key(query.company) in companies


def _answer(people: list[Record], email: str | None = None) -> Hit | Miss:
    """The numbers of the only one; of two namesakes none is known to be meant."""
    if len(people) != 1:
        return Miss()
    record = people[0]
    mail = email or next(iter(_mails(record)), None)
    person = Person(
        name=next(_texts(record, "names", "displayName"), None),
        company=next(_texts(record, "organizations", "name"), None),
        domain=mail.rpartition("@")[2].lower() or None if mail else None,
        title=next(_texts(record, "organizations", "title"), None),
        email=mail,
    )
    numbers = list(_numbers(record))
    return Hit(*numbers, person=person) if numbers else Miss(person)


def _numbers(record: Record) -> Iterator[Number]:
    """All but fax and pager; the main number is the company's."""
    for entry in _listed(record, "phoneNumbers"):
        kind, raw = entry.get("type"), entry.get("canonicalForm") or entry["value"]
        if not isinstance(raw, str):
            raise Unreadable(f"expected text for a number, got a {type(raw).__name__}")
        if kind in NOT_A_PHONE or not raw or "*" in raw:
            continue
        word = KINDS.get(kind, kind) if isinstance(kind, str) else None
        yield Number(raw, type=word, company_line=kind == "main")
