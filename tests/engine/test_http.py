"""The client of a lookup hook: what it sends, what statuses mean to it, and what it never gives away."""

import asyncio
import contextlib
import gzip
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

import attrs
import httpx
import pytest

from enrichcore import errors
from enrichcore.engine.http import AttemptHttp, ProviderHttp, encode_params
from enrichcore.engine.reply import Ask, Reply
from enrichcore.engine.transport import Watch, Wire
from enrichcore.plugins import Bearer, Header, Http, Missed, Provider, Query, StatusError

KEY = "canary-key-0001"
BASE = "https://api.acme.example/v1"
WALL = 784_111_777.0  # Sun, 06 Nov 1994 08:49:37 GMT


@attrs.define
class Recorder:
    """A transport that keeps what it was given and answers from a list."""

    answers: list[httpx.Response | Exception] = attrs.field(factory=list)
    sent: list[httpx.Request] = attrs.field(factory=list)
    verdict: Wire = Wire.ANSWERED

    async def send(
        self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
    ) -> httpx.Response:
        self.sent.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200, json={})
        watch.wire = self.verdict
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def forget(self) -> None:
        """Nothing is kept."""

    async def aclose(self) -> None: ...


class Plain(Provider):
    name = "acme"
    key_env = "ACME_API_KEY"


class WithHeader(Plain):
    auth = Header("X-API-Key")


class WithBearer(Plain):
    auth = Bearer()


class WithQuery(Plain):
    auth = Query("apiId")


def client(
    provider: Provider | None = None,
    *,
    transport: Recorder | None = None,
    base_url: str | None = BASE,
    key: str | None = KEY,
    offline: bool = False,
) -> AttemptHttp:
    return ProviderHttp(
        provider or Plain(),
        transport=transport or Recorder(),
        base_url=base_url,
        key=key,
        user_agent="enrichcore/0",
        offline=offline,
        wall=lambda: WALL,
    ).attempt()


def sent(provider: Provider | None = None, path: str = "/phone", method: str = "GET", **how: Any) -> httpx.Request:
    """The one request that a call comes to."""
    transport = Recorder()
    asyncio.run(client(provider, transport=transport).request(method, path, **how))
    assert len(transport.sent) == 1
    return transport.sent[0]


def fields(request: httpx.Request) -> dict[str, str]:
    """The header fields as they go out, each once."""
    pairs = [(name.lower(), value) for name, value in request.headers.multi_items()]
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def judged(status: int, provider: Provider | None = None, **answer: Any) -> httpx.Response:
    transport = Recorder([httpx.Response(status, **answer)])
    return asyncio.run(client(provider, transport=transport).get("/phone"))


# ---- what is sent ----


def test_it_is_what_the_hooks_are_promised() -> None:
    """`AttemptHttp` fits the protocol that providers are written against (checked by mypy)."""
    promised: Http = client()
    assert promised is not None


PATHS = {
    "phone": f"{BASE}/phone",
    "/phone": f"{BASE}/phone",
    "": BASE,
    "/": f"{BASE}/",
    "people/ada-l%2Fx": f"{BASE}/people/ada-l%2Fx",
    "people/a b#c": f"{BASE}/people/a%20b%23c",
    "people/Zoë": f"{BASE}/people/Zo%C3%AB",
    "/phone?v=2": f"{BASE}/phone?v=2",
    "?v=2": f"{BASE}?v=2",
    "/a\\b": f"{BASE}/a%5Cb",
    "/line\r\nX-Evil: 1": f"{BASE}/line%0D%0AX-Evil:%201",
    "/by/http://x.example": None,
    "https://api.acme.example/jobs/7?x=1": "https://api.acme.example/jobs/7?x=1",
    "https://api.acme.example": "https://api.acme.example",
    "/v1.2/a.json": f"{BASE}/v1.2/a.json",
    "/a...b/..c": f"{BASE}/a...b/..c",
    "/phone?next=../x": f"{BASE}/phone?next=../x",
}


@pytest.mark.parametrize("path", [path for path, address in PATHS.items() if address])
def test_a_path_is_put_behind_the_base_url(path: str) -> None:
    """The base path stays, odd characters are quoted, and a whole URL of the same host is taken as it is."""
    assert str(sent(path=path).url) == str(httpx.URL(PATHS[path] or ""))
    request = sent(path=path)
    assert isinstance(request, Ask)
    assert request.address == PATHS[path]


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/phone", "http://api.acme.example/phone", "https://api.acme.example.evil.example/",
        "https://api.acme.example:444/", "https://api.acme.example@evil.example/", "//evil.example/phone",
        "HTTPS://EVIL.EXAMPLE/", "/by/http://x.example",
    ],
)  # fmt: skip
def test_another_host_is_refused(path: str) -> None:
    """The key goes to the vendor's host and nowhere else, whatever the provider's code puts together."""
    transport = Recorder()
    with pytest.raises(errors.PluginFault) as caught:
        asyncio.run(client(WithHeader(), transport=transport).get(path))
    assert "evil" not in str(caught.value)
    assert transport.sent == []


@pytest.mark.parametrize("path", ["../admin", "/a/../b", "/a/..", "/a/%2e%2E/b", "/./a", "/a/.?x=1", "."])
def test_a_dot_segment_is_refused(path: str) -> None:
    """What is put into a path cannot climb out of it; some clients resolve `%2e%2e` too."""
    with pytest.raises(errors.PluginFault, match="segments"):
        sent(path=path)


def test_params_are_quoted_and_typed() -> None:
    """Spaces, plus signs and ampersands arrive as such; None is left out; a list repeats its name."""
    params = {
        "email": "a+b@x.example",
        "q": "R&D = 1",
        "n": 3,
        "ok": True,
        "no": None,
        "tag": ["a", "b"],
        "d": Decimal("0.10"),
    }
    request = sent(params=params)
    assert request.url.query == b"email=a%2Bb%40x.example&q=R%26D%20%3D%201&n=3&ok=true&tag=a&tag=b&d=0.10"
    assert request.url.params.multi_items() == [
        ("email", "a+b@x.example"), ("q", "R&D = 1"), ("n", "3"), ("ok", "true"),
        ("tag", "a"), ("tag", "b"), ("d", "0.10"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("params", "query"), [({}, ""), ({"a": None}, ""), ({"a": ""}, "a="), ({"ü": "ß"}, "%C3%BC=%C3%9F")]
)
def test_params_may_be_empty_or_not_ascii(params: Mapping[str, Any], query: str) -> None:
    assert encode_params(params) == query


def test_json_is_sent_as_json() -> None:
    request = sent(method="POST", json={"name": "Zoë", "ids": [1, 2]})
    assert request.content == '{"name":"Zoë","ids":[1,2]}'.encode()
    assert fields(request)["content-type"] == "application/json"
    assert fields(request)["content-length"] == str(len(request.content))


def test_content_is_sent_as_it_is() -> None:
    request = sent(method="POST", content=b"a=1", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert request.content == b"a=1"
    assert fields(request)["content-type"] == "application/x-www-form-urlencoded"


def test_json_and_content_together_are_refused() -> None:
    with pytest.raises(errors.PluginFault, match="got both"):
        sent(method="POST", json={}, content=b"")


def test_a_post_without_a_body_says_so_and_a_get_does_not() -> None:
    assert fields(sent(method="POST"))["content-length"] == "0"
    assert "content-length" not in fields(sent())


def test_every_request_names_host_agent_and_no_compression() -> None:
    assert fields(sent()) == {
        "host": "api.acme.example",
        "user-agent": "enrichcore/0",
        "accept": "application/json",
        "accept-encoding": "identity",
    }


def test_a_hook_may_replace_a_field_but_not_those_of_the_connection() -> None:
    assert fields(sent(headers={"ACCEPT": "text/plain", "X-Version": "2"}))["accept"] == "text/plain"
    for name in ("Host", "content-length", "Transfer-Encoding", "Accept-Encoding", "connection"):
        with pytest.raises(errors.PluginFault, match=name.lower()):
            sent(headers={name: "x"})


@pytest.mark.parametrize("headers", [{"X-Name": "Zoë"}, {"X-Name": "a\r\nX-Evil: 1"}, {"X Name": "a"}, {"": "a"}])
def test_a_field_that_cannot_be_sent_is_refused_without_showing_it(headers: Mapping[str, str]) -> None:
    with pytest.raises(errors.PluginFault) as caught:
        sent(headers=headers)
    assert "Zo" not in str(caught.value)
    assert "Evil" not in str(caught.value)


@pytest.mark.parametrize("method", ["get", "", "GET /x HTTP/1.1\r\n"])
def test_a_method_that_is_none_is_refused(method: str) -> None:
    with pytest.raises(errors.PluginFault, match="HTTP method"):
        sent(method=method)


# ---- the key and the base URL ----


def test_the_key_goes_where_the_vendor_wants_it() -> None:
    assert fields(sent(WithHeader()))["x-api-key"] == KEY
    assert fields(sent(WithBearer()))["authorization"] == f"Bearer {KEY}"
    assert sent(WithQuery()).url.query.decode() == f"apiId={KEY}"
    assert sent(WithQuery(), "/phone?v=2", params={"a": 1}).url.query.decode() == f"v=2&a=1&apiId={KEY}"
    assert KEY not in str(fields(sent())) + str(sent().url), "a provider without auth sends no key"


def test_a_key_in_the_query_is_quoted() -> None:
    transport = Recorder()
    asyncio.run(client(WithQuery(), transport=transport, key="a&b=c#d%").get("/phone"))
    assert transport.sent[0].url.params["apiId"] == "a&b=c#d%"


@pytest.mark.parametrize(
    "key",
    [
        "",
        " ",
        "se cret",
        "secret\n",
        "secret\r\nX: 1",
        "\ufeffsecret",
        "sécret",
        "secret\x7f",
        "se\u200bcret",
        "\tsecret",
    ],
)
@pytest.mark.parametrize("provider", [WithHeader, WithBearer, WithQuery])
def test_a_key_that_cannot_be_right_is_refused_before_any_call(provider: type[Provider], key: str) -> None:
    """Found when the engine is built, not after a thousand refusals; the message shows the place and not the key."""
    with pytest.raises(errors.ConfigError, match=r"'acme'.*ACME_API_KEY") as caught:
        client(provider(), key=key)
    assert "cret" not in str(caught.value)


@pytest.mark.parametrize(
    "base_url",
    ["", "api.acme.example", "ftp://api.acme.example", "https://", "https://user:pw@api.acme.example",
     "https://api.acme.example/?x=1", "https://api.acme.example/#x", "https://api.acme.example:99999"],
)  # fmt: skip
def test_a_base_url_that_cannot_be_one_is_refused(base_url: str) -> None:
    with pytest.raises(errors.ConfigError, match="'acme': base_url") as caught:
        client(base_url=base_url)
    assert "pw" not in str(caught.value)


def test_the_providers_own_base_url_is_the_default() -> None:
    class Based(Plain):
        base_url = "https://own.acme.example:8443/v9/"

    transport = Recorder()
    asyncio.run(client(Based(), transport=transport, base_url=None).get("phone"))
    assert str(transport.sent[0].url) == "https://own.acme.example:8443/v9/phone"
    assert fields(transport.sent[0])["host"] == "own.acme.example:8443"


def test_a_provider_without_a_base_url_cannot_make_requests() -> None:
    with pytest.raises(errors.PluginFault, match="no base_url"):
        asyncio.run(client(base_url=None).get("/phone"))


@pytest.mark.parametrize("host", ["localhost", "api.localhost", "127.0.0.1", "127.8.9.10", "[::1]"])
def test_offline_lets_this_machine_be_asked(host: str) -> None:
    transport = Recorder()
    asyncio.run(client(transport=transport, base_url=f"http://{host}:8080", offline=True).get("/phone"))
    assert len(transport.sent) == 1


@pytest.mark.parametrize(
    "host", ["api.acme.example", "10.0.0.1", "0.0.0.0", "[::]", "localhost.acme.example", "169.254.169.254"]
)
def test_offline_forbids_every_other_host(host: str) -> None:
    """The call is unsent by law, and the message names the variable."""
    transport = Recorder()
    http = client(transport=transport, base_url=f"http://{host}", offline=True)
    with pytest.raises(errors.Unsent, match="ENRICHCORE_OFFLINE"):
        asyncio.run(http.get("/phone"))
    assert (transport.sent, http.wire, http.requests) == ([], Wire.UNSENT, 0)


# ---- what statuses mean ----

GENERAL: dict[int, type[errors.ProviderError]] = {
    300: errors.Unreadable, 301: errors.Unreadable, 302: errors.Unreadable, 304: errors.Unreadable,
    307: errors.Unreadable, 308: errors.Unreadable,
    400: errors.RequestRefused, 401: errors.KeyRefused, 402: errors.OutOfCredits, 403: errors.KeyRefused,
    404: errors.RequestRefused, 405: errors.RequestRefused, 408: errors.ServerError, 409: errors.RequestRefused,
    410: errors.RequestRefused, 422: errors.RequestRefused, 425: errors.ServerError, 429: errors.RateLimited,
    451: errors.RequestRefused, 500: errors.ServerError, 502: errors.ServerError, 503: errors.ServerError,
    504: errors.ServerError, 529: errors.ServerError, 599: errors.ServerError, 999: errors.ServerError,
}  # fmt: skip


@pytest.mark.parametrize("status", GENERAL)
def test_every_other_status_raises_its_error(status: int) -> None:
    with pytest.raises(errors.ProviderError) as caught:
        judged(status, content=b"Ada Lovelace, +442079460000")
    assert type(caught.value) is GENERAL[status]
    assert caught.value.status == status
    assert "Ada" not in str(caught.value), "an error's message holds nothing of the body"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_a_2xx_is_an_answer(status: int) -> None:
    assert judged(status).status_code == status


def test_a_429_carries_its_wait() -> None:
    with pytest.raises(errors.RateLimited) as caught:
        judged(429, headers={"Retry-After": "Sun, 06 Nov 1994 08:51:07 GMT"})
    assert caught.value.retry_after == 90.0
    with pytest.raises(errors.RateLimited) as caught:
        judged(429)
    assert caught.value.retry_after is None


def _quota(response: httpx.Response) -> errors.ProviderError | None:
    return errors.OutOfCredits("quota used up") if response.json().get("error") == "quota" else None


def _paced(response: httpx.Response) -> errors.ProviderError:
    return errors.RateLimited("per minute", retry_after=response.json().get("wait"))


def _missed(response: httpx.Response) -> errors.ProviderError | None:
    if response.json().get("error") == "no_match":
        raise Missed
    raise errors.RequestRefused("bad question")


class Peculiar(Plain):
    miss_statuses = (404, 204)
    status_errors: ClassVar[Mapping[int, StatusError]] = {
        200: _quota, 400: _missed, 403: errors.OutOfCredits, 406: lambda _: None, 418: _paced,
        420: errors.RateLimited, 404: errors.ServerError,
    }  # fmt: skip


@pytest.mark.parametrize("status", [404, 204])
def test_a_miss_status_is_a_miss_before_anything_else(status: int) -> None:
    with pytest.raises(Missed):
        judged(status, Peculiar())


def test_the_providers_table_comes_before_the_general_one() -> None:
    with pytest.raises(errors.OutOfCredits) as caught:
        judged(403, Peculiar())
    assert caught.value.status == 403
    assert judged(406, Peculiar(), json={"a": 1}).json() == {"a": 1}, "None makes the status an answer"
    with pytest.raises(errors.ServerError):
        judged(500, Peculiar())


def test_a_function_in_the_table_reads_the_answer() -> None:
    """Vendors say in a 200 that the credits are gone, and in a 400 that nobody was found."""
    assert judged(200, Peculiar(), json={"error": "none"}).status_code == 200
    with pytest.raises(errors.OutOfCredits) as caught:
        judged(200, Peculiar(), json={"error": "quota"})
    assert caught.value.status == 200
    with pytest.raises(Missed):
        judged(400, Peculiar(), json={"error": "no_match"})
    with pytest.raises(errors.RequestRefused) as refused:
        judged(400, Peculiar(), json={"error": "?"})
    assert refused.value.status == 400


def test_a_rate_limit_of_the_providers_table_gets_the_header_unless_it_knows_better() -> None:
    after = {"Retry-After": "30"}
    for status, body, wait in ((420, {}, 30.0), (418, {}, 30.0), (418, {"wait": 5.0}, 5.0)):
        with pytest.raises(errors.RateLimited) as caught:
            judged(status, Peculiar(), json=body, headers=after)
        assert caught.value.retry_after == wait


# ---- the verdict over several requests ----

U, M, A = Wire.UNSENT, Wire.MAYBE_SENT, Wire.ANSWERED


@pytest.mark.parametrize(
    ("wires", "whole"),
    [
        ([], U), ([U], U), ([M], M), ([A], A), ([A, A], A), ([U, A], A), ([A, U], M), ([M, A], M), ([A, M], M),
        ([U, U], U), ([U, M], M), ([A, U, A], A), ([M, U], M),
    ],
)  # fmt: skip
def test_the_verdict_of_an_attempt_is_the_worst_of_its_requests(wires: list[Wire], whole: Wire) -> None:
    """Answered: the last request was answered and none is in doubt. Unsent: none of them left."""
    transport = Recorder()
    http = client(transport=transport)

    async def run() -> None:
        for wire in wires:
            transport.verdict = wire
            transport.answers = [httpx.Response(200) if wire is A else errors.MaybeSent()]
            try:
                await http.get("/phone")
            except errors.MaybeSent:
                assert wire is not A

    asyncio.run(run())
    assert http.wire is whole
    assert http.requests == len(wires)


def test_the_verdict_can_be_read_while_a_request_is_under_way() -> None:
    """A hook may ask several things at once; the engine's deadline may come at any moment."""

    class Slow(Recorder):
        async def send(
            self, request: httpx.Request, watch: Watch, *, connect_timeout: float, max_body: int
        ) -> httpx.Response:
            watch.wire = Wire.MAYBE_SENT
            await asyncio.sleep(0)
            watch.wire = Wire.ANSWERED
            return httpx.Response(200)

    async def run() -> list[Wire]:
        http = client(transport=Slow())
        seen = [http.wire]
        both = asyncio.gather(http.get("/a"), http.get("/b"))
        await asyncio.sleep(0)
        seen.append(http.wire)
        await both
        return [*seen, http.wire]

    assert asyncio.run(run()) == [Wire.UNSENT, Wire.MAYBE_SENT, Wire.ANSWERED]


def test_the_last_status_is_kept_also_of_an_error() -> None:
    http = client(transport=Recorder([httpx.Response(200), httpx.Response(500), errors.MaybeSent()]))

    async def run() -> list[int | None]:
        seen = [http.last_status]
        for _ in range(3):
            with contextlib.suppress(errors.ProviderError):
                await http.get("/phone")
            seen.append(http.last_status)
        return seen

    assert asyncio.run(run()) == [None, 200, 500, 500]


# ---- the reply ----


def test_any_response_of_a_transport_becomes_a_reply() -> None:
    """A simulator may answer with a plain httpx.Response; the hook gets the strict one all the same."""
    reply = judged(200, content=b"NaN", headers={"X-A": "1"})
    assert isinstance(reply, Reply)
    assert (reply.content, reply.text, reply.headers["x-a"]) == (b"NaN", "NaN", "1")
    with pytest.raises(errors.Unreadable, match="not JSON"):
        reply.json()


def test_a_response_that_was_decoded_by_its_transport_is_not_decoded_again() -> None:
    answer = judged(200, content=gzip.compress(b'{"a": 1}'), headers={"Content-Encoding": "gzip"})
    assert answer.json() == {"a": 1}


def test_nothing_shows_the_key_in_its_repr() -> None:
    transport = Recorder()
    http = client(WithQuery(), transport=transport)
    reply = asyncio.run(http.get("/phone"))
    shown = repr([http, http._home, reply, reply.request, transport.sent[0]])
    assert KEY not in shown
    assert "api.acme" not in shown
