"""Bulk runs: a hundred people with one call, and everything else as one by one."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from enrichcore_peopledatalabs import PeopleDataLabs
from enrichcore_peopledatalabs_cases import DATA, failure, found

from enrichcore.model import PhoneResult
from enrichcore.testing import Act, Asked, Vendor, reply

PATH = "/v5/person/bulk"


def people(count: int) -> list[dict[str, Any]]:
    return [{"record_id": str(n), "email": f"p{n}@widgets.example"} for n in range(count)]


def data(number: int) -> dict[str, Any]:
    """Of three people one has a number; the vendor knows of another what it does not show, and nobody else."""
    own = DATA | {"work_email": f"p{number}@widgets.example", "linkedin_username": None, "linkedin_url": None}
    hidden = {"mobile_phone": True, "phone_numbers": True}
    return (
        own | {"mobile_phone": f"+1202555{100 + number % 100:04}", "phone_numbers": []}
        if number % 3 == 0
        else own | hidden
    )


def answer(number: int) -> dict[str, Any]:
    if number % 3 == 2:
        return {"status": 404, "error": {"type": "not_found", "message": "no records"}}
    return {"status": 200, "likelihood": 9, "data": data(number)}


def number_of(email: str) -> int:
    return int(email[1:].partition("@")[0])


def vendor_says(asked: Asked) -> Act:
    """Both calls, as the vendor documents them."""
    if asked.method == "GET":
        number = number_of(asked.query["email"])
        return failure(404, "not_found") if number % 3 == 2 else found(**data(number))
    answers = [answer(number_of(one["params"]["email"])) for one in asked.json()["requests"]]
    spent = sum(one["status"] == 200 for one in answers)
    return reply(200, answers, headers={"x-call-credits-spent": str(spent)})


def told(result: PhoneResult) -> tuple[Any, ...]:
    times = {"id", "attempt_id", "started_at", "duration_ms"}
    attempts = [attrs.asdict(a, filter=lambda field, _: field.name not in times) for a in result.attempts]
    return result.status, result.phone, result.cost, result.line_type, attempts


def test_a_bulk_run_makes_one_call_for_a_hundred_and_comes_to_the_same() -> None:
    """250 people: three calls; results, costs and attempts are those of 250 single lookups."""
    vendor, alone = Vendor(PeopleDataLabs, vendor_says), Vendor(PeopleDataLabs, vendor_says)
    results = vendor.enrich_many(people(250))
    assert [(asked.method, asked.path) for asked in vendor.asked] == [("POST", PATH)] * 3
    assert [told(r) for r in results] == [told(alone.enrich(**person)) for person in people(250)]
    assert len(alone.asked) == 250
    assert sum(r.cost or 0 for r in results) == Decimal("0.05") * sum(n % 3 != 2 for n in range(250))


def test_each_person_is_asked_for_as_alone() -> None:
    """Names, profile and email, each with the same conditions as a single call has."""
    vendor = Vendor(PeopleDataLabs, lambda asked: reply(200, [answer(2)] * len(asked.json()["requests"])))
    vendor.enrich_many([
        {"record_id": "1", "first_name": "Robin", "last_name": "Sample", "company": "Example Widgets"},
        {"record_id": "2", "linkedin_id": "robin-sample-000"},
        {"record_id": "3", "email": "robin@widgets.example"},
    ])  # fmt: skip
    sent = [asked.json()["requests"][0]["params"] for asked in vendor.asked]
    common = {"min_likelihood": 6, "required": "mobile_phone OR phone_numbers", "data_include": ",".join(DATA)}
    assert [{k: v for k, v in params.items() if k not in common} for params in sent] == [
        {"first_name": "Robin", "last_name": "Sample", "company": "Example Widgets"},
        {"profile": "linkedin.com/in/robin-sample-000"},
        {"email": "robin@widgets.example"},
    ]
    assert all(set(params["data_include"].split(",")) == DATA.keys() for params in sent)


@pytest.mark.parametrize(
    ("one", "reason", "billed"),
    [
        ({"status": 400, "error": {"type": "invalid_request_error"}}, "request_refused", "no"),
        ({"status": 402, "error": {"type": "payment_required"}}, "out_of_credits", "no"),
        ({"status": 401, "error": {"type": "authentication_error"}}, "key_refused", "no"),
        ({"status": 404}, "unreadable", "yes"),
        ({"status": 200}, "unreadable", "yes"),
        ({"status": 200, "data": []}, "unreadable", "yes"),
        ({"status": "200", "data": DATA}, "unreadable", "yes"),
        ({}, "unreadable", "yes"),
        ([], "unreadable", "yes"),
        (None, "unreadable", "yes"),
        ("", "unreadable", "yes"),
    ],
)
def test_what_befalls_one_record_befalls_it_alone(one: Any, reason: str, billed: str) -> None:
    vendor = Vendor(PeopleDataLabs, reply(200, [answer(0), one, answer(2)]))
    outcomes = [
        (r.attempts[0].outcome, r.attempts[0].reason, r.attempts[0].billed) for r in vendor.enrich_many(people(3))
    ]
    assert outcomes == [("hit", None, "yes"), ("error", reason, billed), ("miss", None, "no")]


@pytest.mark.parametrize(
    ("said", "reason", "billed"),
    [
        (failure(401, "authentication_error"), "key_refused", "no"),
        (failure(402, "payment_required"), "out_of_credits", "no"),
        (failure(500, "api_error"), "server_error", "no"),
        (reply(502, text="busy"), "maybe_sent", "unknown"),
        (reply(504, text="late"), "maybe_sent", "unknown"),
        (reply(200, [answer(0)]), "unreadable", "yes"),
        (reply(200, {"status": 200, "data": DATA}), "unreadable", "yes"),
    ],
)
def test_what_befalls_the_call_befalls_all(said: Act, reason: str, billed: str) -> None:
    results = Vendor(PeopleDataLabs, said).enrich_many(people(3))
    assert [(r.attempts[0].reason, r.attempts[0].billed) for r in results] == [(reason, billed)] * 3


@pytest.mark.parametrize("status", [400, 404])
def test_a_call_that_is_refused_for_the_sake_of_one_is_made_for_each_alone(status: int) -> None:
    vendor = Vendor(
        PeopleDataLabs,
        lambda asked: vendor_says(asked) if asked.method == "GET" else failure(status, "invalid_request_error"),
    )
    results = vendor.enrich_many(people(3))
    assert [r.attempts[0].outcome for r in results] == ["hit", "miss", "miss"]
    assert [asked.method for asked in vendor.asked] == ["POST", "GET", "GET", "GET"]


def test_what_the_vendor_says_that_a_call_cost_is_what_its_records_cost() -> None:
    vendor = Vendor(
        PeopleDataLabs, reply(200, [answer(0), answer(3), answer(2)], headers={"x-call-credits-spent": "3"})
    )
    assert [r.attempts[0].credits for r in vendor.enrich_many(people(3))] == [
        Decimal("1.5"),
        Decimal("1.5"),
        Decimal(0),
    ]
