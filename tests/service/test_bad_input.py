"""Bad input: each kind has its answer, no provider is asked, no credit is touched, and the order of judgement holds."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.service.body import MAX_DEPTH, _check_depth, read_contact
from enrichcore.service.refusal import Faulty, Refusal

if TYPE_CHECKING:
    import httpx

    from tests.service.conftest import House


def refused(house: "House", body: Any = None, **sent: Any) -> "httpx.Response":
    """The answer to a request that asks nobody and reserves nothing."""
    vendor = house.paid({house.EMAIL: house.PHONE})
    answer = house.ask(body, vendor, **sent)
    assert (vendor.calls, house.accounts.spent, house.accounts.reserved) == ([], {}, 0)
    return answer


def faults(answer: "httpx.Response") -> list[tuple[Any, ...]]:
    assert answer.status_code == 422
    return [(*fault["loc"], fault["type"]) for fault in answer.json()["detail"]]


OTHER = {"email": "ada@engines.example"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", [("body", "missing")]),
        (b"{", [("body", 1, "json_invalid")]),
        (b"{'record_id': 1}", [("body", 1, "json_invalid")]),
        (b'{"record_id": "1"} x', [("body", 19, "json_invalid")]),
        (b'{"a": NaN}', [("body", "json_invalid")]),
        (b'{"a": -Infinity}', [("body", "json_invalid")]),
        (b'{"a": ' + b"9" * 5000 + b"}", [("body", "json_invalid")]),
        (b'{"record_id": "\xff"}', [("body", "json_invalid")]),
        (b'\xef\xbb\xbf{"record_id": "1"}', [("body", 0, "json_invalid")]),
        (b'{"record_id": "a\x00b"}', [("body", 16, "json_invalid")]),
        (b'{"record_id": "a\nb"}', [("body", 16, "json_invalid")]),
        (b"[]", [("body", "model_attributes_type")]),
        (b"null", [("body", "model_attributes_type")]),
        (b'"x"', [("body", "model_attributes_type")]),
        (b"7", [("body", "model_attributes_type")]),
        ({**OTHER}, [("body", "record_id", "missing")]),
        ({**OTHER, "record_id": None}, [("body", "record_id", "string_type")]),
        ({**OTHER, "record_id": 7}, [("body", "record_id", "string_type")]),
        ({**OTHER, "record_id": ""}, [("body", "record_id", "string_too_short")]),
        ({**OTHER, "record_id": " \t"}, [("body", "record_id", "string_too_short")]),
        ({**OTHER, "record_id": "x" * 1025}, [("body", "record_id", "string_too_long")]),
        ({**OTHER, "record_id": "a\0"}, [("body", "record_id", "string_unicode")]),
        ({**OTHER, "record_id": "\ud800"}, [("body", "record_id", "string_unicode")]),
        ({"record_id": "1", "email": 7}, [("body", "email", "string_type")]),
        ({"record_id": "1", "email": "a\0b"}, [("body", "email", "string_unicode")]),
        ({"record_id": "1", "first_name": True}, [("body", "first_name", "string_type")]),
        ({"record_id": "1", "company": []}, [("body", "company", "string_type")]),
        ({"record_id": "1", "domain": {}}, [("body", "domain", "string_type")]),
        ({"record_id": "1", "last_name": "x" * 10_001}, [("body", "last_name", "string_too_long")]),
        ({"record_id": "1", "linkedin_id": "\udfff"}, [("body", "linkedin_id", "string_unicode")]),
        (
            {"linkedin_id": 1, "email": "\0", "country": 2.5, "first_name": "x" * 10_001},
            [
                ("body", "record_id", "missing"),
                ("body", "first_name", "string_too_long"),
                ("body", "email", "string_unicode"),
                ("body", "linkedin_id", "string_type"),
                ("body", "country", "string_type"),
            ],
        ),
    ],
)
def test_a_body_that_cannot_be_a_request_is_422_with_every_fault(
    house: "House", body: Any, expected: list[tuple[Any, ...]]
) -> None:
    assert faults(refused(house, body)) == expected


def test_a_fault_says_nothing_of_the_value(house: "House") -> None:
    answer = refused(house, {"record_id": "1", "email": "canary\0", "company": ["canary"]})
    assert "canary" not in answer.text


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b'{"record_id": "' + b"x" * 65_536 + b'"}', {}),
        (b'{"record_id": "1", "email": "a@engines.example", "email": "b@engines.example"}', {}),
        (b'{"record_id": "1", "x": {"y": 1, "y": 1}}', {}),
        (b'{"record_id": "1", "record\\u005fid": "2"}', {}),
        (b'{"a":' * 17 + b"1" + b"}" * 17, {}),
        (b"[" * 60_000, {}),
        (b'{"record_id": "1", "x": ' + b"[" * 16 + b"]" * 16 + b"}", {}),
        (None, {"Content_Encoding": "gzip"}),
        (None, {"Content_Encoding": "identity, br"}),
        (None, {"Content_Type": "text/plain"}),
        (None, {"Content_Type": "application/x-www-form-urlencoded"}),
        (None, {"Content_Type": "application/json; charset=latin-1"}),
        (None, {"Content_Type": "application/jsonx"}),
        (None, {"Content_Length": "70000"}),
        (None, {"Content_Length": "9" * 5000}),
        (None, {"Content_Length": "-1"}),
        (None, {"query": "?include=everything"}),
        (None, {"query": "?refresh=1"}),
        (None, {"query": "?refresh=true&refresh="}),
        (None, {"query": "?x=" + "y" * 5000}),
    ],
)
def test_what_breaks_the_rules_of_the_wire_is_400(house: "House", body: Any, headers: dict[str, str]) -> None:
    answer = refused(house, body, **headers)
    assert (answer.status_code, answer.json()["details"]["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    "media", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
def test_json_may_say_that_it_is_in_utf_8(house: "House", media: str) -> None:
    assert house.ask(Content_Type=media).status_code == 200


def test_what_is_just_allowed_is_allowed(house: "House") -> None:
    """A body of 64 KiB, a nesting of 16, a record_id of 1,024 characters, and brackets inside of a string."""
    deep: Any = []
    for _ in range(MAX_DEPTH - 2):
        deep = [deep]
    body = {"record_id": "é" * 1024, "email": house.EMAIL, "deep": deep, "text": "[{" * 99 + '"\\', "fill": ""}
    body["fill"] = "x" * (65_536 - len(json.dumps(body)))
    assert len(json.dumps(body)) == 65_536
    assert house.ask(body).status_code == 200


@pytest.mark.parametrize(
    ("authorization", "challenge"),
    [
        ([], "Bearer"),
        (["Bearer wrong"], 'Bearer error="invalid_token"'),
        (["Bearer"], 'Bearer error="invalid_token"'),
        (["Bearer  "], 'Bearer error="invalid_token"'),
        (["Basic YTpi"], 'Bearer error="invalid_token"'),
        (["acme-key"], 'Bearer error="invalid_token"'),
        (["Bearer acme-key extra"], 'Bearer error="invalid_token"'),
        (["Bearer " + "x" * 60_000], 'Bearer error="invalid_token"'),
        (["Bearer acme-key", "Bearer acme-key"], 'Bearer error="invalid_token"'),
        (["Bearer acme-key\xe9"], 'Bearer error="invalid_token"'),
    ],
)
def test_a_key_that_is_none_is_401_in_one_body_before_the_body_is_read(
    house: "House", authorization: list[str], challenge: str
) -> None:
    """Whatever is wrong with it, and however bad the rest of the request is."""
    vendor = house.paid({house.EMAIL: house.PHONE})

    async def work() -> "httpx.Response":
        async with house.open(vendor) as client:
            headers = [(b"Authorization", value.encode("latin-1")) for value in authorization]
            return await client.send("POST", "/v1/enrich/phone?refresh=x", content=b"[" * 99_999, headers=headers)

    answer = house.play(work)
    body = answer.json() | {"request_id": None}
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, challenge)
    assert body == {
        "success": False,
        "error": "A valid key is needed: send it as 'Authorization: Bearer <key>'.",
        "details": {"code": "unauthorized"},
        "request_id": None,
        "credits_required": None,
        "credits_remaining": None,
        "retry_after": None,
    }
    assert vendor.calls == []


def test_the_scheme_of_the_key_may_be_written_in_any_case(house: "House") -> None:
    async def work() -> "httpx.Response":
        async with house.open() as client:
            headers = {"Authorization": "bEaReR acme-key"}
            return await client.send("POST", "/v1/enrich/phone", content=json.dumps(house.ADA_BODY), headers=headers)

    assert house.play(work).status_code == 200


def test_a_key_in_the_query_is_none(house: "House") -> None:
    assert refused(house, key=None, query="?key=acme-key&access_token=acme-key").status_code == 401


def test_the_order_of_judgement_is_key_then_limits_then_fields_then_data(house: "House") -> None:
    """Each of these requests is wrong in all the ways that come later, too."""
    too_much = b"[" * 70_000
    assert refused(house, too_much, key=None).status_code == 401
    house.accounts.wait = 5.0
    assert refused(house, too_much).status_code == 400  # said to be too large before it counts as a request
    assert refused(house, b"[]").status_code == 429
    house.accounts.wait = None
    assert refused(house, b'{"record_id": 7, "a": 1, "a": 1}').status_code == 400
    assert refused(house, {"record_id": 7}).status_code == 422
    assert refused(house, {"record_id": "7"}).status_code == 400


def test_a_rate_that_is_over_is_429_with_whole_seconds(house: "House") -> None:
    house.accounts.wait = 0.2
    answer = refused(house)
    assert (answer.status_code, answer.json()["details"]["code"]) == (429, "rate_limited")
    assert (answer.headers["Retry-After"], answer.json()["retry_after"]) == ("1", 1)


@pytest.mark.parametrize("record_id", ["a\r\nX-Evil: 1", "a\u2028b", "\u202eabc", "'; DROP TABLE x; --", "é" * 1000])
def test_a_record_id_never_reaches_a_header_or_a_log(
    house: "House", record_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG", "enrichcore"):
        answer = house.ask({"record_id": record_id, "email": house.EMAIL}, X_Request_ID="mine")
    assert answer.json()["record_id"] == record_id
    assert all(record_id not in value and "Evil" not in name for name, value in answer.headers.items())
    assert answer.headers["X-Request-ID"] != "mine"
    assert record_id not in caplog.text


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=20,
)
FIELDS = st.sampled_from(["record_id", "first_name", "last_name", "company", "domain", "email", "linkedin_id", "x"])


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.dictionaries(FIELDS, JSON_VALUES, max_size=8).map(lambda v: json.dumps(v).encode()))
def test_whatever_the_bytes_are_they_are_a_contact_or_refused(body: bytes) -> None:
    try:
        contact = read_contact(body)
    except (Faulty, Refusal) as refused:
        status, _, said = refused.answer("id")
        known = said.startswith((b'{"detail":[{"loc":["body"', b'{"success":false'))
        outcome = known and status in (400, 422)
    else:
        outcome = json.loads(body)["record_id"] == contact.record_id
    assert outcome


@pytest.mark.parametrize("part", [b'"', b'\\"', b"\\", b'"\\', b"{}", b'"[', b'""'])
def test_looking_at_the_depth_takes_steps_in_proportion_to_the_length(part: bytes) -> None:
    """No token is looked at twice: their lengths add up to no more than the body."""
    from enrichcore.service.body import _TOKENS

    body = b'"' + part * 20_000
    found = list(_TOKENS.finditer(body))
    assert sum(len(token[0]) for token in found) <= len(body)
    assert all(not token[0].startswith(b'"') or token.end() == len(body) or token[0].endswith(b'"') for token in found)
    _check_depth(body.replace(b"[", b"x"))
