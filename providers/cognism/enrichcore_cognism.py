"""Cognism: mobile and direct numbers, by name and company, LinkedIn profile or email.

Two calls: `POST /contact/enrich` says for free who is known and whether there is a mobile; only then
`POST /contact/redeem` brings the record, for a credit. What the answers mean:

| answer | meaning here | billed |
|---|---|---|
| enrich 200 with empty `results` | miss | no |
| enrich 200 with `hasMobilePhoneNumbers` false | miss that says who | no |
| redeem 200 with a number | hit | 1 credit; none for a contact redeemed before |
| redeem 200 without | miss | 1 credit |
| 401, 403 | key refused, or an entitlement is missing | no |
| 402 | out of credits | no |
| 429 `errors.code` 88 | rate limited until `x-rate-limit-reset` | no |
| 400 | our question is wrong; also told for a missing entitlement | no |
| 5xx | the vendor failed | no |

Sources, as stored copies read on 2026-11-22: the vendor's collection at https://developers.cognism.com (calls, limits)
and https://help.cognism.com/hc/en-us/articles/34673553578514 (billing); the shape of `mobilePhoneNumbers` and
`email` only from public clients. Experimental: the items of `directPhoneNumbers`, the key `dnc`, and `results`
against `result` in the second answer are not confirmed, nor are 402 and 403.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import ProviderError, RateLimited, Unreadable
from enrichcore.model import EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Provider, hookimpl, object_of, shown_text

LONGEST_PACE = 3600.0
PERCENT = 100
_SECONDS = re.compile(r"[0-9]{1,6}", re.ASCII)


def _rate_limited(response: httpx.Response) -> ProviderError:
    """Retry-After is not documented; the seconds until the window resets are."""
    reset = response.headers.get("x-rate-limit-reset", "")
    said = "retry-after" not in response.headers and _SECONDS.fullmatch(reset)
    wait = float(reset) if said and float(reset) <= LONGEST_PACE else None
    return RateLimited("the vendor's records per minute are used up", retry_after=wait)


class Cognism(Provider):
    """https://developers.cognism.com, read 2026-11-22.

    A contact that was redeemed once is free for ever. 90 days of it are declared.
    """

    name = "cognism"
    base_url = "https://app.cognism.com/api/search"
    key_env = "COGNISM_API_KEY"
    auth = Bearer()
    docs = "https://developers.cognism.com"
    terms = "https://www.cognism.com/terms-and-conditions"
    price = Price.per_hit(1, repeats_free_days=90)
    rate = ("1000/min",)
    timeout = 30.0
    typical = 4.0
    status_errors = {429: _rate_limited}  # noqa: RUF012 - a ClassVar fact
    experimental = True

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By first and last name and company, its website, or both."""
        who = {
            "firstName": query.first_name,
            "lastName": query.last_name,
            "accountName": query.company,
            "accountWebsite": query.domain,
        }
        return await self._enrich(http, {field: value for field, value in who.items() if value is not None}, query)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the profile."""
        return await self._enrich(http, {"linkedinUrl": query.url}, query)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By work email."""
        return await self._enrich(http, {"email": query.email}, query)

    async def _enrich(self, http: Http, who: Mapping[str, str], query: Query) -> Hit | Miss:
        body = (await http.post("/contact/enrich", json=who)).json()
        preview = _chosen(_records(body), query)
        if preview is None:
            return Miss(credits=Decimal(0))
        score = _share(body.get("matchScore"))
        if preview.get("hasMobilePhoneNumbers") is not True:
            return Miss(_person(preview, score), credits=Decimal(0))
        ticket = preview["redeemId"]
        if isinstance(ticket, bool) or not isinstance(ticket, str | int) or ticket == "":
            raise Unreadable("expected text in 'results.redeemId'")
        reply = await http.post(
            "/contact/redeem", params={"mergePhonesAndLocations": "false"}, json={"redeemIds": [ticket]}
        )
        records = _records(reply.json())
        if len(records) != 1:
            raise Unreadable("expected the one contact that was redeemed")
        numbers, person = _numbers(records[0]), _person(records[0], score)
        return Hit(*numbers, person=person) if numbers else Miss(person, credits=Decimal(1))


def _records(body: object) -> list[dict[str, Any]]:
    """The contacts of an answer, under `results` or `result`."""
    if not isinstance(body, dict):
        raise Unreadable("expected an object")
    records = body["results"] if "results" in body else body["result"]
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Unreadable("expected a list of objects in 'results'")
    return records


def _chosen(records: list[dict[str, Any]], query: Query) -> dict[str, Any] | None:
    """The contact to redeem. Of several, one whose profile or name is the one that was asked about, or none."""
    if len(records) < 2:  # noqa: PLR2004 - several
        return records[0] if records else None
    for one in records:
        person = _person(one, None) or Person()
        if isinstance(query, LinkedInQuery):
            slug = (person.linkedin_id or "").rstrip("/").rpartition("/")[2]
            same = slug.casefold() == query.linkedin_id.casefold()
        elif isinstance(query, NameQuery):
            same = (person.name or "").casefold() == query.full_name.casefold()
        else:
            same = person.email is not None and person.email.casefold() == query.email.casefold()
        if same:
            return one
    return None


def _numbers(record: dict[str, Any]) -> list[Number]:
    """Mobiles, then direct lines. The office's lines are in `account` and are left alone."""
    if "mobilePhoneNumbers" not in record and "directPhoneNumbers" not in record:
        raise Unreadable("expected 'mobilePhoneNumbers' or 'directPhoneNumbers', got neither")
    found: dict[str, Number] = {}
    for key, kind in (("mobilePhoneNumbers", "mobile"), ("directPhoneNumbers", "direct")):
        listed = record.get(key)
        if not isinstance(listed, list | None):
            raise Unreadable(f"expected a list in {key!r}")
        for phone in listed or []:
            raw = phone["number"]
            if not isinstance(raw, str):
                raise Unreadable(f"expected text in '{key}.number'")
            if raw and "*" not in raw:
                said = phone.get("dnc")
                dnc = said if isinstance(said, bool) else None
                found.setdefault(raw, Number(raw, type=kind, score=_share(phone.get("score")), do_not_call=dnc))
    return list(found.values())


def _person(record: dict[str, Any], score: float | None) -> Person | None:
    account, email = object_of(record.get("account")), record.get("email")
    first, last = shown_text(record.get("firstName")), shown_text(record.get("lastName"))
    person = Person(
        name=shown_text(record.get("fullName")) or (f"{first} {last}" if first and last else None),
        company=shown_text(account.get("name")),
        domain=shown_text(account.get("domain")) or shown_text(account.get("website")),
        title=shown_text(record.get("jobTitle")),
        country=shown_text(record.get("country")),
        email=shown_text(object_of(email).get("address")) or shown_text(email),
        linkedin_id=shown_text(record.get("linkedinUrl")),
        score=score,
    )
    return None if person == Person() else person


def _share(value: object) -> float | None:
    """A score of the vendor's, 0 to 100, as a share of 1."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= PERCENT:
        return None
    return value / PERCENT
