"""The answer 200 and the refusals with 400 and 500 that follow from a body: the contract, row by row."""

import json
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.errors import KeyRefused, OutOfCredits, ServerError
from enrichcore.model import Hit, Miss, Number, Person

if TYPE_CHECKING:
    from tests.service.conftest import House

GRACE = "grace@engines.example"
WHOLE = {
    "record_id": "1", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd",
    "domain": "engines.example", "email": "ada@engines.example", "linkedin_id": "ada-l",
}  # fmt: skip


def test_the_nine_fields_and_no_others_are_in_the_body(house: "House") -> None:
    answer = house.ask(WHOLE)
    assert list(answer.json()) == house.NINE
    assert answer.json()["success"] is True


def test_what_was_sent_is_echoed_byte_for_byte(house: "House") -> None:
    """Spaces, capitals, a full profile URL and letters of any script come back as they were sent."""
    sent = WHOLE | {
        "record_id": " Ž/1\n", "first_name": " ADA ", "last_name": "Lovelace\u200d", "company": "https://Engines.example/",
        "email": "Ada@Engines.Example", "linkedin_id": "https://www.linkedin.com/in/Ada-L/?trk=x",
    }  # fmt: skip
    body = house.ask(sent).json()
    assert {name: body[name] for name in sent if name in body} == {n: v for n, v in sent.items() if n != "domain"}


def test_what_was_not_sent_is_null(house: "House") -> None:
    body = house.ask({"record_id": "1", "email": "nobody@engines.example"}).json()
    assert [body[name] for name in ("first_name", "last_name", "company", "linkedin_id", "phone")] == [None] * 5


def test_processing_time_is_what_the_request_took_in_whole_milliseconds(house: "House") -> None:
    vendor = house.by_email(house.slow(2, house.script(house.PHONE)))
    assert house.ask(None, vendor).json()["processing_time_ms"] == 2000


def test_a_number_is_given_in_e164(house: "House") -> None:
    answer = house.ask(None, house.by_email({house.EMAIL: "+1 (202) 555-0143"}))
    assert answer.json()["phone"] == "+12025550143"
    assert answer.headers["X-Enrichcore-Status"] == "found"


def test_nobody_found_is_success_without_a_phone(house: "House") -> None:
    answer = house.ask({"record_id": "1", "email": GRACE})
    assert (answer.status_code, answer.json()["success"], answer.json()["phone"]) == (200, True, None)
    assert answer.headers["X-Enrichcore-Status"] == "not_found"


def test_an_email_and_a_linkedin_id_that_were_found_are_given(house: "House") -> None:
    """The person match has accepted who brought them."""
    person = Person(name="Ada Lovelace", company="Engines Ltd", email=house.EMAIL, linkedin_id="ada-l")
    vendor = house.paid(house.script(Hit(Number(house.PHONE), person=person)), methods=["name"])
    sent = {"record_id": "1", "first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"}
    body = house.ask(sent, vendor).json()
    assert (body["email"], body["linkedin_id"], body["phone"]) == (house.EMAIL, "ada-l", house.PHONE)


def test_methods_are_tried_as_name_then_linkedin_then_email(house: "House") -> None:
    vendor = house.paid(house.script(Miss()))
    house.ask(WHOLE, vendor)
    assert [query.method for query in vendor.calls] == ["name", "linkedin", "email"]


@pytest.mark.parametrize(
    ("sent", "methods"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd"}, ["name"]),
        ({"first_name": "Ada", "last_name": "Lovelace", "company": "https://engines.example"}, ["name"]),
        ({"first_name": "Ada", "last_name": "Lovelace", "domain": "engines.example"}, ["name"]),
        ({"linkedin_id": "ada-l"}, ["linkedin"]),
        ({"linkedin_id": "https://linkedin.com/in/ada-l"}, ["linkedin"]),
        ({"email": "ada@engines.example"}, ["email"]),
        ({"first_name": "Ada", "company": "Engines Ltd", "email": "ada@engines.example"}, ["email"]),
        ({"first_name": " ", "last_name": "", "linkedin_id": "\t", "email": "ada@engines.example"}, ["email"]),
    ],
)
def test_each_combination_is_enough(house: "House", sent: dict[str, Any], methods: list[str]) -> None:
    """A method without its data is skipped; blank strings count as absent."""
    vendor = house.paid(house.script(Miss()))
    assert house.ask({"record_id": "1", **sent}, vendor).status_code == 200
    assert [query.method for query in vendor.calls] == methods


@pytest.mark.parametrize(
    ("sent", "by_name"),
    [
        ({}, ["first_name", "last_name", "company or domain"]),
        ({"first_name": "Ada", "last_name": "Lovelace"}, ["company or domain"]),
        ({"first_name": "Ada", "company": "Engines Ltd"}, ["last_name"]),
        ({"email": " ", "linkedin_id": None}, ["first_name", "last_name", "company or domain"]),
        ({"email": "nope", "linkedin_id": "n/a"}, ["first_name", "last_name", "company or domain"]),
    ],
)
def test_too_little_data_is_400_and_says_what_each_method_lacks(
    house: "House", sent: dict[str, Any], by_name: list[str]
) -> None:
    vendor = house.paid(house.script(Miss()))
    answer = house.ask({"record_id": "1", **sent}, vendor)
    details = answer.json()["details"]
    assert (answer.status_code, details["code"], vendor.calls) == (400, "insufficient_data", [])
    assert details["missing"] == {"name": by_name, "linkedin": ["linkedin_id"], "email": ["email"]}


def test_values_that_cannot_be_one_are_echoed_and_named_but_not_looked_up(house: "House") -> None:
    vendor = house.paid(house.script(Miss()))
    sent = {"record_id": "1", "email": "nope", "linkedin_id": "ada-l", "first_name": "n/a"}
    answer = house.ask(sent, vendor)
    assert answer.json()["email"] == "nope"
    assert answer.json()["first_name"] == "n/a"
    assert "email" in answer.headers["X-Enrichcore-Ignored"].split(", ")
    assert [query.method for query in vendor.calls] == ["linkedin"]


def test_unknown_fields_are_ignored(house: "House") -> None:
    sent = {"record_id": "1", "email": house.EMAIL, "phone": "x", "tenant": "globex", "credits": 9, "é": [{}]}
    assert list(house.ask(sent).json()) == house.NINE


def test_a_country_is_a_hint_for_numbers_in_national_form(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: "020 7946 0123"})
    sent = {"record_id": "1", "email": house.EMAIL, "country": "GB"}
    assert house.ask(sent, vendor).json()["phone"] == "+442079460123"


def test_the_stored_answer_is_given_again_without_a_call_or_a_credit(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: house.PHONE})

    async def work() -> list[Any]:
        async with house.open(vendor) as client:
            return [
                await client.post(),
                await client.post(),
                await client.post({"email": " Ada@engines.example", "record_id": "1"}),
            ]

    answers = house.play(work)
    answers.append(house.ask(None, vendor))  # after a restart, too
    assert [a.headers["X-Enrichcore-Cache"] for a in answers] == ["miss", "hit", "hit", "hit"]
    assert {a.json()["phone"] for a in answers} == {house.PHONE}
    assert answers[2].json()["email"] == " Ada@engines.example"
    assert (len(vendor.calls), house.accounts.spent) == (1, {"acme": 1})


def test_a_field_that_is_not_needed_does_not_make_it_another_record(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: house.PHONE})
    house.ask(None, vendor)
    answer = house.ask({"record_id": "1", "email": house.EMAIL, "country": "US"}, vendor)
    assert (answer.headers["X-Enrichcore-Cache"], len(vendor.calls)) == ("hit", 1)
    assert house.accounts.spent == {"acme": 1}


def test_refresh_is_a_fresh_lookup_and_is_billed(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: house.PHONE})
    house.ask(None, vendor)
    answer = house.ask(None, vendor, query="?refresh=true")
    assert (answer.headers["X-Enrichcore-Cache"], len(vendor.calls)) == ("miss", 2)
    assert house.accounts.spent == {"acme": 2}


def test_a_moved_person_is_looked_up_anew_and_billed(house: "House") -> None:
    """The header says so, and nothing of the earlier answer is given."""
    vendor = house.by_email({house.EMAIL: house.PHONE, GRACE: house.OTHER_PHONE})
    house.ask(None, vendor)
    moved = house.ask({"record_id": "1", "email": GRACE}, vendor)
    assert (moved.json()["phone"], moved.headers["X-Enrichcore-Record"]) == (house.OTHER_PHONE, "changed")
    assert house.PHONE not in moved.text
    assert house.accounts.spent == {"acme": 2}


def test_answers_already_bought_are_reused_for_a_moved_person(house: "House") -> None:
    """Whoever moves back costs a credit, as a new lookup does, and no vendor is asked."""
    vendor = house.by_email({house.EMAIL: house.PHONE, GRACE: house.OTHER_PHONE})
    house.ask(None, vendor)
    house.ask({"record_id": "1", "email": GRACE}, vendor)
    back = house.ask(None, vendor)
    again = house.ask(None, vendor)
    assert (back.json()["phone"], len(vendor.calls), house.accounts.spent) == (house.PHONE, 2, {"acme": 3})
    assert again.headers["X-Enrichcore-Cache"] == "hit"


def test_a_moved_person_is_refused_where_the_configuration_says_so(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: house.PHONE, GRACE: house.OTHER_PHONE})
    house.ask(None, vendor)
    answer = house.ask({"record_id": "1", "email": GRACE}, vendor, config={"on_changed_record": "reject"})
    assert (answer.status_code, answer.json()["details"]["code"]) == (400, "record_conflict")
    assert house.PHONE not in answer.text
    assert (len(vendor.calls), house.accounts.spent, house.accounts.reserved) == (1, {"acme": 1}, 0)


def test_the_same_record_id_of_another_tenant_is_unrelated(house: "House") -> None:
    vendor = house.by_email({house.EMAIL: house.PHONE, GRACE: house.OTHER_PHONE})
    house.ask(None, vendor)
    other = house.ask({"record_id": "1", "email": GRACE}, vendor, key="globex-key")
    same = house.ask(None, vendor, key="globex-key")
    assert "X-Enrichcore-Record" not in other.headers
    assert other.headers["X-Enrichcore-Cache"] == "miss"
    assert len(vendor.calls) == 3
    assert same.json()["phone"] == house.PHONE
    assert house.accounts.spent == {"acme": 1, "globex": 2}


def test_a_suppressed_person_is_echoed_and_nothing_is_bought(house: "House") -> None:
    from enrichcore.engine.suppression import Entry

    vendor = house.by_email({house.EMAIL: house.PHONE})

    async def work() -> Any:
        async with house.open(vendor) as client:
            await client.post()
            await client.app.engine.for_tenant("acme").suppress([Entry("email", house.EMAIL)])
            house.accounts.credits["acme"] = 0
            return await client.post()

    answer = house.play(work)
    assert (answer.status_code, answer.headers["X-Enrichcore-Status"]) == (200, "suppressed")
    assert (answer.json()["phone"], answer.json()["email"]) == (None, house.EMAIL)
    assert len(vendor.calls) == 1


def test_nobody_who_could_be_asked_is_not_found_and_not_stored(house: "House") -> None:
    linkedin = house.paid({"ada-l": house.PHONE}, methods=["linkedin"])
    answer = house.ask(None, linkedin)
    assert (answer.status_code, answer.headers["X-Enrichcore-Status"]) == (200, "not_found")
    other = house.by_email({house.EMAIL: house.PHONE}, name="other")
    assert house.ask(None, linkedin, other).json()["phone"] == house.PHONE


def test_the_deadline_is_answered_with_incomplete(house: "House") -> None:
    answer = house.ask(None, house.by_email(house.slow(40, house.script(house.PHONE)), timeout=60.0))
    assert (answer.status_code, answer.headers["X-Enrichcore-Status"]) == (200, "incomplete")
    assert (answer.json()["phone"], answer.json()["processing_time_ms"]) == (None, 30_000)
    assert (house.accounts.spent, house.accounts.reserved) == ({"acme": 0}, 0)


@pytest.mark.parametrize(
    ("asked", "kept"), [("wait=5", 5), ("wait=500", 60), ('WAIT="7"; x=y, foo', 7), ("wait=x", 30)]
)
def test_prefer_wait_asks_for_another_deadline_within_the_limit(house: "House", asked: str, kept: int) -> None:
    vendor = house.by_email(house.slow(100, house.script(house.PHONE)), timeout=200.0)
    answer = house.ask(None, vendor, config={"max_wait": 60.0}, Prefer=asked)
    assert (answer.headers["X-Enrichcore-Status"], answer.json()["processing_time_ms"]) == ("incomplete", kept * 1000)


@pytest.mark.parametrize("error", [ServerError, OutOfCredits, KeyRefused])
def test_every_provider_down_is_500_with_a_time_and_no_credit(house: "House", error: type[Exception]) -> None:
    answer = house.ask(None, house.by_email(house.script(error())))
    assert (answer.status_code, answer.json()["details"]["code"]) == (500, "providers_unavailable")
    assert int(answer.headers["Retry-After"]) == answer.json()["retry_after"] >= 1
    assert (house.accounts.spent, house.accounts.reserved) == ({"acme": 0}, 0)


def test_one_definite_answer_among_the_failures_is_200_incomplete(house: "House") -> None:
    answer = house.ask(
        None, house.by_email(house.script(Miss()), name="up"), house.by_email(house.script(ServerError()), name="down")
    )
    assert (answer.status_code, answer.headers["X-Enrichcore-Status"]) == (200, "incomplete")


def test_an_incomplete_lookup_is_resumed_without_those_who_answered(house: "House") -> None:
    up = house.by_email(house.script(Miss()), name="a")
    house.ask(None, up, house.by_email(house.script(ServerError()), name="b"))
    answer = house.ask(None, up, house.by_email({house.EMAIL: house.PHONE}, name="b"))
    assert answer.json()["phone"] == house.PHONE
    assert (len(up.calls), house.accounts.spent) == (1, {"acme": 1})


def test_a_provider_added_since_a_stored_miss_is_asked(house: "House") -> None:
    old = house.by_email(house.script(Miss()), name="old")
    house.ask(None, old)
    assert house.ask(None, old, house.by_email({house.EMAIL: house.PHONE}, name="new")).json()["phone"] == house.PHONE
    assert len(old.calls) == 1


def test_what_nobody_expected_is_500_with_a_request_id_and_nothing_else(
    house: "House", monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the answer nor the log holds what the error said."""

    async def work() -> Any:
        async with house.open() as client:
            monkeypatch.setattr(client.accounts, "reserve", lambda *_: 1 / len(house.EMAIL[:0]))
            return await client.post()

    answer = house.play(work)
    body = answer.json()
    assert (answer.status_code, body["details"]) == (500, {"code": "internal_error"})
    assert body["request_id"] == answer.headers["X-Request-ID"]
    assert [body[n] for n in ("credits_required", "credits_remaining", "retry_after")] == [None] * 3
    assert "ZeroDivisionError" in caplog.text
    assert "division by zero" not in caplog.text + answer.text


def test_the_story_is_added_for_a_key_that_may_see_it(house: "House") -> None:
    """And its cost is the vendor's, as decimal text."""
    vendor = house.by_email({house.EMAIL: house.PHONE}, name="acme")
    body = house.ask(None, vendor, key="acme-wide", query="?include=attempts").json()
    assert list(body) == [*house.NINE, "status", "line_type", "provider", "method", "cached", "cost", "attempts"]
    assert (body["status"], body["provider"], body["method"], body["cached"]) == ("found", "acme", "email", False)
    assert [a["outcome"] for a in body["attempts"]] == ["hit"]


def test_the_story_is_refused_to_a_key_that_may_not_see_it(house: "House") -> None:
    answer = house.ask(query="?include=attempts")
    assert (answer.status_code, answer.json()["details"]["parameter"]) == (400, "include")


def test_an_older_number_is_marked_as_stale(house: "House") -> None:
    from enrichcore.config import Config

    engine = {"config": Config(serve_stale=True)}
    house.ask(None, house.by_email({house.EMAIL: house.PHONE}), config={"engine": engine})
    house.runtime.skew += 91 * 86_400
    answer = house.ask(None, house.by_email(house.script(ServerError())), config={"engine": engine})
    assert (answer.json()["phone"], answer.headers["X-Enrichcore-Cache"]) == (house.PHONE, "stale")
    assert house.accounts.spent == {"acme": 1}


def test_a_stored_answer_is_judged_again_when_the_policy_has_changed(house: "House") -> None:
    """Without asking anybody."""
    from enrichcore.model import Acceptance

    vendor = house.by_email({house.EMAIL: house.MOBILE})
    house.ask(None, vendor)
    landlines = Acceptance(allow_fictional=True, line_types={"landline"})
    answer = house.ask(None, vendor, config={"engine": {"acceptance": landlines}})
    assert (answer.json()["phone"], len(vendor.calls)) == (None, 1)


def test_errors_share_one_body(house: "House") -> None:
    fields = ["success", "error", "details", "request_id", "credits_required", "credits_remaining", "retry_after"]
    for answer in (house.ask({"record_id": "1"}), house.ask(key=None), house.ask(b"{}", Content_Type="text/plain")):
        body = json.loads(answer.text)
        assert list(body) == fields
        assert (body["success"], body["request_id"]) == (False, answer.headers["X-Request-ID"])
