"""Datagma: mobile numbers, by name and company, LinkedIn profile or email. Experimental: no official page was at hand.

`GET /v1/search` by profile or email, `GET /v2/full` by name and company; both answer at once. What they mean:

| answer | meaning here | billed |
|---|---|---|
| a number in `person.phones`, `phoneFull.phones`, `phones` or `phone` | hit | 30 credits; landlines are free |
| none in them | miss | no; by name 2 credits for the profile |
| `code` 5 | miss | no |
| `code` 13, or `message` "can't get credit" | out of credits | no |
| `code` 7, 16, or 401, 403 | key refused | no |
| `code` 3, or 400 | our question is wrong | no |
| another `code` | unreadable | counts as paid |
| 429 | rate limited | no |
| 5xx without a `code` | the vendor failed | no |

The `code` in the body counts, whatever the status beside it: which one that is, no source says. Numbers are looked for
wherever a client has found them, so a change of shape is noticed late.

Sources, as stored copies read on 2026-11-22: https://github.com/sylvaincha/datagma-website, the vendor's own web site
of 2026-04-03 (calls, parameters, `code` 3, 5 and 13, where numbers stand, prices in its terms), and five third-party
clients that quote https://datagmaapi.readme.io (parameters, fields, `/v1/mine`). Not confirmed: `code` 7 and 16, which
have their meaning in gRPC, whose codes these are; types of `number` and `countryCode`; the scale of
`personConfidenceScore`. Rates and times are not known: our estimates.
"""

import re
from decimal import Decimal
from typing import Any

import httpx

from enrichcore.errors import KeyRefused, OutOfCredits, ProviderError, RequestRefused, ServerError, Unreadable
from enrichcore.model import Credits, EmailQuery, Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Http, Provider, Query, hookimpl, shown_text

SEARCH = "/v1/search"
FULL = "/v2/full"
NOT_FOUND = 5
CODES: dict[int, tuple[type[ProviderError], str]] = {
    3: (RequestRefused, "the vendor calls the request invalid"),
    7: (KeyRefused, "the vendor does not allow this to the key"),
    13: (OutOfCredits, "the vendor account has no credits left"),
    16: (KeyRefused, "the vendor does not know the key"),
}
KNOWN = ("person", "phoneFull", "phones", "phone", "email", "emailV2", "possiblePersons")
"""An answer has at least one of these. Who is only a possible person is left alone."""
PROFILE_CREDITS, MOBILE_CREDITS = 2, 30
_CODE = re.compile(r"[0-9]{1,2}", re.ASCII)
_DIGITS = re.compile(r"[0-9]{1,20}", re.ASCII)
_NO_CREDITS = re.compile(r"can.?t get credit|(?:no|not enough|insufficient|out of) credit", re.IGNORECASE)
_LANDLINE = re.compile(r"land|fixed", re.IGNORECASE)


def _code(body: object) -> int | None:
    """`code` of a body, which may be a number or text; None where it has none."""
    if not isinstance(body, dict):
        return None
    message, code = body.get("message"), body.get("code")
    if isinstance(message, str) and _NO_CREDITS.search(message):
        return 13
    if isinstance(code, bool) or not isinstance(code, int | str) or not _CODE.fullmatch(str(code)):
        return None
    return int(code)


def _error(code: int) -> ProviderError | None:
    """What a code means; None for "not found", which is an answer, and for 0, which is no error."""
    if code in (0, NOT_FOUND):
        return None
    kind, text = CODES.get(code, (Unreadable, "the vendor answers with a code that no source names"))
    return kind(text)


def _by_code(otherwise: type[ProviderError]) -> Any:
    """The reading of a status whose body may have a code."""

    def read(response: httpx.Response) -> ProviderError | None:
        try:
            code = _code(response.json())
        except ProviderError:
            code = None
        if code is None or code == 0:
            return otherwise(f"the vendor answered with status {response.status_code}")
        return _error(code)

    return read


class Datagma(Provider):
    """https://datagmaapi.readme.io, as its clients quote it, read 2026-11-22."""

    name = "datagma"
    base_url = "https://gateway.datagma.net/api/ingress"
    key_env = "DATAGMA_API_KEY"
    auth = Query("apiId")
    docs = "https://datagmaapi.readme.io"
    terms = "https://datagma.com/terms/"
    price = Price.per_hit(MOBILE_CREDITS)
    rate = ("2/s",)  # nothing is published
    timeout = 30.0  # the vendor's own client waits 25 s
    typical = 8.0
    experimental = True
    status_errors = {  # noqa: RUF012 - a ClassVar fact
        400: _by_code(RequestRefused),
        401: _by_code(KeyRefused),
        403: _by_code(KeyRefused),
        404: _by_code(RequestRefused),
        500: _by_code(ServerError),
    }

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By full name and company, or its domain; the vendor takes one of the two."""
        place = {"domain": query.domain} if query.company is None else {"companyName": query.company}
        reply = await http.get(FULL, params={"fullName": query.full_name, **place, "data": "EMAIL", "phoneFull": True})
        return _read(reply, None, profile=PROFILE_CREDITS)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of the profile."""
        return _read(await _search(http, {"username": query.url}), None)

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """By an email address."""
        return _read(await _search(http, {"email": query.email}), query.email)

    async def balance(self, http: Http) -> Credits | None:
        """`GET /v1/mine`, which is free; clients disagree on the name of the field."""
        body = (await http.get("/v1/mine")).json()
        code = _code(body)
        if code is not None and (error := _error(code)) is not None:
            raise error
        left = body["credits"] if "credits" in body else body["credit"]
        if isinstance(left, bool) or not isinstance(left, int | float):
            raise Unreadable("expected a number in 'credits' or 'credit'")
        return Credits(remaining=Decimal(str(left)))


async def _search(http: Http, who: dict[str, str]) -> httpx.Response:
    return await http.get(SEARCH, params={**who, "minimumMatch": 1, "whatsappCheck": True})


def _read(reply: httpx.Response, asked: str | None, *, profile: int = 0) -> Hit | Miss:
    """What an answer says; `profile` is what a match costs besides the numbers.

    Raises:
        Unreadable: it has another shape.
        ProviderError: it holds the code of an error.
    """
    body = reply.json()
    if not isinstance(body, dict):
        raise Unreadable("expected an object", status=reply.status_code)
    code = _code(body)
    if code == NOT_FOUND:
        return Miss()
    if code is not None and (error := _error(code)) is not None:
        raise error
    if not any(field in body for field in KNOWN):
        raise Unreadable("expected one of the known fields in the answer", status=reply.status_code)
    numbers, person = _numbers(body), _person(body, asked)
    if not numbers:
        return Miss(person, credits=Decimal(profile if person is not None else 0))
    free = all(number.type is not None and _LANDLINE.search(number.type) for number in numbers)
    return Hit(*numbers, person=person, credits=Decimal(profile + (0 if free else MOBILE_CREDITS)))


def _object(value: object, field: str) -> dict[str, Any]:
    """An object, or an empty one for null.

    Raises:
        Unreadable: it is something else.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unreadable(f"expected an object in {field!r}")
    return value


def _numbers(body: dict[str, Any]) -> list[Number]:
    """From all places where a client has found them, each number once."""
    places = (
        _object(body.get("person"), "person").get("phones"),
        _object(body.get("phoneFull"), "phoneFull").get("phones"),
        body.get("phones"),
        body.get("phone"),
    )
    found: dict[str, Number] = {}
    for place in places:
        for phone in place if isinstance(place, list) else [] if place is None else [place]:
            number = _number(phone)
            if number is not None:
                found.setdefault(number.raw, number)
    return list(found.values())


def _number(phone: object) -> Number | None:
    """One number: the international form, or country code and number put together."""
    if isinstance(phone, str):
        return Number(phone) if phone.strip() and "*" not in phone else None
    if not isinstance(phone, dict):
        raise Unreadable(f"expected an object or text as a phone, got a {type(phone).__name__}")
    kind = shown_text(phone.get("type"))
    raw = phone.get("displayInternational")
    if raw is None or raw == "":
        raw, prefix = phone["number"], phone.get("countryCode")
        raw = str(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw
        prefix = str(prefix).lstrip("+") if isinstance(prefix, int | str) and not isinstance(prefix, bool) else ""
        if isinstance(raw, str) and _DIGITS.fullmatch(raw) and _DIGITS.fullmatch(prefix):
            raw = f"+{prefix}{raw}"
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise Unreadable("expected text in 'displayInternational' or 'number'")
    return Number(raw, type=kind) if raw.strip() and "*" not in raw else None


def _person(body: dict[str, Any], asked: str | None) -> Person | None:
    known = _object(body.get("person"), "person")
    basic = known.get("basic")
    basic = basic if isinstance(basic, dict) else {}
    name, job = _first(known.get("names")), _first(known.get("jobs"))
    spelled = " ".join(
        part for part in (shown_text(name.get("first")), shown_text(name.get("last"))) if part is not None
    )
    score = body.get("personConfidenceScore")
    person = Person(
        name=shown_text(basic.get("name")) or spelled or None,
        company=shown_text(basic.get("company")) or shown_text(job.get("company")),
        title=shown_text(basic.get("jobTitle")) or shown_text(job.get("title")),
        country=shown_text(basic.get("country")),
        email=_email(body, known, basic, asked),
        linkedin_id=shown_text(basic.get("linkedInUrl")) or _linkedin(known.get("urls")),
        score=_share(score),
    )
    return None if person == Person() else person


def _share(score: object) -> float | None:
    """A confidence from 0 to 1; a greater one is taken for a percentage."""
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 100:  # noqa: PLR2004 - per cent
        return None
    return score / 100 if score > 1 else float(score)


def _email(body: dict[str, Any], known: dict[str, Any], basic: dict[str, Any], asked: str | None) -> str | None:
    """The address that was asked for if it is among them, else the first."""
    listed = known.get("emails")
    found = [one.get("address") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    several = [shown_text(one) for one in (body.get("email"), body.get("emailV2"), *found, basic.get("legacyEmail"))]
    addresses = [one for one in several if one is not None and "@" in one]
    same = [one for one in addresses if asked is not None and one.casefold() == asked.casefold()]
    return next(iter(same + addresses), None)


def _linkedin(urls: object) -> str | None:
    for one in urls if isinstance(urls, list) else []:
        if (
            isinstance(one, dict)
            and one.get("domain") == "linkedin.com"
            and (url := shown_text(one.get("url"))) is not None
        ):
            return url
    return None


def _first(several: object) -> dict[str, Any]:
    return several[0] if isinstance(several, list) and several and isinstance(several[0], dict) else {}
