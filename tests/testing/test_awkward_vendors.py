"""Providers for vendors of awkward shapes keep the contract, with cases of a few lines: the suite does not cry wolf."""

from typing import Any, ClassVar

import httpx
import pytest

from enrichcore.errors import JobFailed, OutOfCredits, ProviderError, RequestRefused, Unreadable
from enrichcore.model import EmailQuery, Hit, Job, LinkedInQuery, Miss, NameQuery, Number, Person, Price, Query
from enrichcore.plugins import Bearer, Http, Poll, Provider, hookimpl
from enrichcore.plugins import Query as KeyIn
from enrichcore.testing import Case, Cases, check_provider, reply

PHONE = "+1 202-555-0143"
PROFILE = "https://www.linkedin.com/in/ada-lovelace"


class Vendorish(Provider):
    """https://docs.vendor.example/api, read on 2026-11-25."""

    base_url = "https://api.vendor.example/v1"
    key_env = "VENDOR_API_KEY"
    auth = Bearer()
    docs = "https://docs.vendor.example/api"
    terms = "https://vendor.example/terms"
    price = Price.per_hit(5)
    rate = ("10/s",)


def text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


class Slugs(Vendorish):
    """Wants a slug and a name, and says "nobody" with an empty body or without a profile."""

    __doc__ = f"{Vendorish.__doc__}"
    name = "slugs"
    requires: ClassVar[Any] = {"linkedin": {"first_name", "last_name"}}

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        body = {"id": query.linkedin_id, "name": f"{query.first_name} {query.last_name}"}
        reply = await http.post("/profile/linkedin", json=body)
        if not reply.content:
            return Miss()
        answer = reply.json()
        if not isinstance(answer, dict):
            raise Unreadable("expected an object")
        if "profile" not in answer:
            if answer:
                raise OutOfCredits("no credits left")
            return Miss()
        profile = answer["profile"]
        if not isinstance(profile["phones"], list):
            raise Unreadable("expected a list of phones")
        phones = [Number(raw) for raw in profile["phones"] if isinstance(raw, str) and raw]
        return Hit(*phones, person=Person(name=profile["name"])) if phones else Miss(Person(name=profile["name"]))


SLUGS = Cases(
    Case(
        "linkedin",
        found=reply(200, {"profile": {"name": "Ada Lovelace", "phones": [PHONE]}}),
        not_found=[reply(200), reply(200, {}), reply(200, {"profile": {"name": "Ada Lovelace", "phones": []}})],
    ),
    errors={"out_of_credits": reply(200, {"message": "No credits left"})},
)


class Lists(Vendorish):
    """Answers with a bare list of numbers that names nobody."""

    __doc__ = f"{Vendorish.__doc__}"
    name = "lists"
    price = Price.per_attempt(15)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        answer = (await http.post("/phones/", json={"linkedin": query.linkedin_id})).json()
        if not isinstance(answer, list):
            raise Unreadable("expected a list")
        numbers = [Number(one["phone_number"]) for one in answer]
        return Hit(*numbers) if numbers else Miss()


LISTS = Cases(Case("linkedin", found=reply(200, [{"phone_number": PHONE}]), not_found=reply(200, [])))


class Echoing(Vendorish):
    """A job whose poll says 202 while it runs, and gives the question back."""

    __doc__ = f"{Vendorish.__doc__}"
    name = "echoing"
    poll = Poll(first=2, every=30)
    status_errors: ClassVar[Any] = {422: OutOfCredits}

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Job:
        who = {"first_name": query.first_name, "last_name": query.last_name, "company": query.company}
        made = (await http.post("/phone/single", json=who)).json()["id"]
        if text(made) is None:
            raise Unreadable("expected text in 'id'")
        return Job(made, ready_in=30.0)

    async def collect(self, job: Job, query: Query, http: Http) -> Hit | Miss | Job:
        answer = (await http.get("/phone/single", params={"id": job.id})).json()
        match answer["qualification"]:
            case "ongoing":
                return job
            case "not_found":
                return Miss()
            case "found":
                return Hit(Number(answer["number"], country=text(answer["country"])))
        raise JobFailed("another word")


ECHO = {"params": {"first_name": "Ada", "last_name": "Lovelace"}}
KNOWN = {"qualification": "found", "number": PHONE, "country": "US"}
ECHOING = Cases(
    Case(
        "name",
        found=(
            reply(201, {"id": "7"}),
            reply(200, {**ECHO, "qualification": "found", "number": PHONE, "country": "US"}),
        ),
        not_found=reply(200, {**ECHO, "qualification": "not_found"}),
        pending=reply(202, {"qualification": "ongoing"}),
        echoes=("params",),
    ),
    errors={"out_of_credits": reply(422, {"message": "insufficient balance"})},
)


class TwoSteps(Vendorish):
    """From an email to a profile, and from that to a number; the code of a failure is in the body."""

    __doc__ = f"{Vendorish.__doc__}"
    name = "two_steps"
    auth = KeyIn("apiId")  # type: ignore[assignment]  # another scheme than the base has

    @staticmethod
    def _code(response: httpx.Response) -> ProviderError | None:
        try:
            code = response.json()["code"]
        except (ProviderError, LookupError, TypeError):
            code = None
        if code == 5:
            return None
        return OutOfCredits("no credits") if code == 13 else RequestRefused("the vendor refuses the request")

    @property
    def status_errors(self) -> Any:  # type: ignore[override]  # a class fact that is made for each
        return {400: self._code}

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        profile = (await http.post("/reverse", json={"email": query.email})).json()
        if profile.get("code") == 5:
            return Miss()
        known = Person(linkedin_id=profile["linkedin_url"])
        answer = (await http.post("/phone", json={"linkedin_url": profile["linkedin_url"]})).json()
        phone = answer["phone"]
        if phone is None:
            return Miss(known)
        code, national = phone["countryCode"], phone["number"]
        if text(code) is None or text(national) is None:
            raise Unreadable("expected text in 'countryCode' and 'number'")
        return Hit(Number(f"+{code}{national}"), person=known)


NOBODY = reply(400, {"code": 5, "message": "not found"})
STEP = reply(200, {"linkedin_url": PROFILE})
TWO_STEPS = Cases(
    Case(
        "email",
        found=(STEP, reply(200, {"phone": {"countryCode": "1", "number": "2025550143"}})),
        not_found=[NOBODY, (STEP, reply(200, {"phone": None}))],
        person={"linkedin_id": PROFILE},
    ),
    errors={"out_of_credits": reply(400, {"code": 13}), "request_refused": reply(400, {"code": 3})},
)


class Batches(Vendorish):
    """A list of people, of whom only the one who was asked about counts."""

    __doc__ = f"{Vendorish.__doc__}"
    name = "batches"

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        answer = (await http.post("/people", json={"people": [query.url]})).json()
        for one in answer["people"]:
            if str(one["linkedInUrl"]).rstrip("/") == query.url:
                numbers = [Number(phone["mobile"], score=phone["confidence"]) for phone in one["phones"]]
                person = Person(name=one["name"], linkedin_id=one["linkedInUrl"])
                return Hit(*numbers, person=person) if numbers else Miss(person)
        raise Unreadable("expected the one that was asked about in 'people'")


def batch(*phones: Any) -> dict[str, Any]:
    return {"people": [{"name": "Ada Lovelace", "linkedInUrl": PROFILE, "phones": list(phones)}]}


BATCHES = Cases(
    Case("linkedin", found=reply(200, batch({"mobile": PHONE, "confidence": 0.9})), not_found=reply(200, batch()))
)


@pytest.mark.parametrize(
    ("kind", "cases"),
    [(Slugs, SLUGS), (Lists, LISTS), (Echoing, ECHOING), (TwoSteps, TWO_STEPS), (Batches, BATCHES)],
)
def test_an_awkward_vendor_keeps_the_contract(kind: type[Provider], cases: Cases) -> None:
    check_provider(kind, cases).assert_ok()


def test_the_list_of_people_was_tried() -> None:
    [result] = check_provider(Batches, BATCHES, only=["answer.two_people"]).results
    assert result.status == "passed"
