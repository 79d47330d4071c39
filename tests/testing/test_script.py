"""Acts and scripts: the same ones through the scripted transport and over real sockets."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.engine.http import ProviderHttp
from enrichcore.engine.transport import Transport, Wire, make_transport
from enrichcore.errors import MaybeSent, ProviderError, Unreadable, Unsent
from enrichcore.testing import FAULTS, Act, Asked, FrozenClock, ScriptedTransport, VendorServer, fault, reply
from enrichcore.testing.script import Script

if TYPE_CHECKING:
    from tests.testing.conftest import Good


def asked(method: str = "GET", url: str = "https://api.acme.example/v2/people?email=a%2Bb%40x.example") -> Asked:
    return Asked(method, url, {"x-api-key": "k"}, b'{"a": 1}')


def test_a_reply_has_one_body_of_the_right_kind() -> None:
    assert reply(200, {"a": "é"}).body == '{"a": "é"}'.encode()
    assert reply(200, {"a": 1}).headers == (("Content-Type", "application/json"),)
    assert reply(200, None).body == b"null"
    assert reply(404).body == b""
    assert reply(text="<html>").headers == (("Content-Type", "text/html; charset=utf-8"),)
    assert reply(text="busy").headers == (("Content-Type", "text/plain; charset=utf-8"),)
    assert reply(200, [], headers={"content-type": "text/json"}).headers == (("content-type", "text/json"),)
    with pytest.raises(TypeError, match="one of json, text and body"):
        reply(200, {}, text="{}")
    with pytest.raises(ValueError, match="expected one of 'refused'"):
        fault("bad luck")


def test_a_request_shows_its_parts_and_hides_itself() -> None:
    one = asked()
    assert (one.path, one.query, one.json()) == ("/v2/people", {"email": "a+b@x.example"}, {"a": 1})
    assert b"x-api-key: k" in one.everything
    assert repr(one) == "<Asked GET /v2/people>"


def test_acts_come_in_order_and_the_last_one_stays() -> None:
    script = Script(reply(201), reply(202))
    assert [script.next(asked()).status for _ in range(3)] == [201, 202, 202]
    script.add(reply(203))
    assert script.next(asked()).status == 203
    assert len(script.asked) == 4
    with pytest.raises(LookupError, match="says nothing, and GET /v2/people was asked"):
        Script().next(asked())
    with pytest.raises(TypeError, match="what reply"):
        Script(200)  # type: ignore[arg-type]


def test_acts_by_path_and_by_function() -> None:
    script = Script({"POST /v2/jobs": reply(201), "/v2/jobs/*": [reply(202), reply(200)]})
    urls = [("POST", "/v2/jobs"), ("GET", "/v2/jobs/7"), ("GET", "/v2/jobs/7"), ("GET", "/v2/jobs"), ("GET", "/x")]
    assert [script.next(asked(m, f"https://a.example{url}")).status for m, url in urls] == [201, 202, 200, 404, 404]
    assert [one.path for one in script.strays] == ["/v2/jobs", "/x"]
    assert Script(lambda one: reply(len(one.path))).next(asked()).status == len("/v2/people")


WIRE = {
    "refused": (Unsent, Wire.UNSENT),
    "closed": (MaybeSent, Wire.MAYBE_SENT),
    "reset": (MaybeSent, Wire.MAYBE_SENT),
    "closed after headers": (MaybeSent, Wire.MAYBE_SENT),
    "half a body": (MaybeSent, Wire.MAYBE_SENT),
    "never": (TimeoutError, Wire.MAYBE_SENT),
    "stalls": (TimeoutError, Wire.MAYBE_SENT),
    "truncated": (Unreadable, Wire.ANSWERED),
    "html": (Unreadable, Wire.ANSWERED),
    "empty": (Unreadable, Wire.ANSWERED),
    "30 MB": (Unreadable, Wire.ANSWERED),
    "gzip bomb": (Unreadable, Wire.ANSWERED),
    "redirect": (Unreadable, Wire.ANSWERED),
    "busy": (ProviderError, Wire.ANSWERED),
}


async def met(good: "Good", transport: Transport, url: str, seconds: float = 30.0) -> tuple[Any, Wire]:
    """What comes of one request whose answer is read as JSON."""
    http = ProviderHttp(
        good.acme(), transport=transport, base_url=url, key="k", user_agent="t", offline=True, wall=lambda: 0.0
    ).attempt()
    try:
        async with asyncio.timeout(seconds):
            return (await http.get("/people")).json(), http.wire
    except Exception as error:  # noqa: BLE001 - the outcome of the test
        return error, http.wire
    finally:
        await transport.aclose()


def test_there_is_an_expectation_for_every_fault() -> None:
    assert FAULTS.keys() == WIRE.keys()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_the_same_in_a_script_and_over_plain_and_fast_sockets(good: "Good", name: str) -> None:
    error, wire = WIRE[name]
    seconds = 0.3 if error is TimeoutError else 30.0
    scripted = FrozenClock().run(met(good, ScriptedTransport(fault(name)), "http://localhost:1"))
    with VendorServer(fault(name)) as server:
        plain = asyncio.run(met(good, make_transport("plain"), server.url, seconds))
        fast = asyncio.run(met(good, make_transport("auto"), server.url, seconds))
    for came, verdict in (scripted, plain, fast):
        assert isinstance(came, error), came
        assert verdict is wire


def test_an_answer_is_the_same_too(good: "Good") -> None:
    acts = reply(200, {"a": ["é"]}, headers={"x-left": "3"}, after=0.01)
    scripted = FrozenClock().run(met(good, ScriptedTransport(acts), "http://localhost:1/v2"))
    with VendorServer(acts) as server:
        real = asyncio.run(met(good, make_transport("plain"), f"{server.url}/v2"))
        assert server.connections == 1
        [one] = server.asked
    assert scripted == real == ({"a": ["é"]}, Wire.ANSWERED)
    assert (one.method, one.path, one.headers["x-api-key"]) == ("GET", "/v2/people", "k")


def test_a_server_plays_by_path_and_ends_a_connection_when_the_script_is_empty(good: "Good") -> None:
    with VendorServer({"/people": reply(200, [])}) as server:
        assert asyncio.run(met(good, make_transport("plain"), server.url)) == ([], Wire.ANSWERED)
    with VendorServer() as server:
        came, _ = asyncio.run(met(good, make_transport("plain"), server.url))
        server.close()  # once too often is no harm
    assert isinstance(came, MaybeSent)


def test_an_act_can_be_changed() -> None:
    act = reply(200, {"a": 1}, headers={"x": "y"})
    assert act.with_status(404).status == 404
    assert act.with_json({"a": 2}).json() == {"a": 2}
    assert act.with_body(b"x").body == b"x"
    assert act.with_status(404).headers == act.headers
    assert isinstance(act, Act)
