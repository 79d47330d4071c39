"""Whom the operators' listener answers: nobody whose browser may have been lured there."""

from typing import TYPE_CHECKING

import pytest
from starlette.datastructures import Headers

from enrichcore.service.operators.guard import FORM, refusal
from tests.service.stage import EMAIL, PAGE, desk

if TYPE_CHECKING:
    from tests.service.conftest import House

OURS = [
    "127.0.0.1:9100",
    "127.0.0.1",
    "[::1]:9100",
    "localhost:9100",
    "10.0.0.7:9100",
    "ops.example:9100",
    "OPS.example",
]
OTHERS = [
    "",
    "evil.example",
    "localhost.evil.example",
    "ops.example.evil.example",
    "127.0.0.1.evil.example",
    "[::1",
    "[::1]x",
    "[localhost]",
    "[ops.example]",
    "a@127.0.0.1",
    "127.0.0.1:x",
    "127.0.0.1/x",
    "ops.example,127.0.0.1",
    "ops.example ",
]


def asked(method: str, *headers: tuple[str, str]) -> str | None:
    raw = [(name.encode(), value.encode()) for name, value in headers]
    return refusal(method, Headers(raw=raw), {"ops.example"})


@pytest.mark.parametrize("host", OURS)
def test_an_address_localhost_and_a_configured_name_are_ours(host: str) -> None:
    assert asked("GET", ("host", host)) is None


@pytest.mark.parametrize("host", OTHERS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_a_name_that_an_attacker_points_here_is_refused(host: str, method: str) -> None:
    """DNS rebinding: the Host is a name of which nobody has heard, whatever it resolves to."""
    said = asked(method, ("host", host), ("origin", f"http://{host}"), ("content-type", FORM))
    assert said is not None
    assert "operators_hosts" in said


def test_two_hosts_or_none_are_refused() -> None:
    assert asked("GET") is not None
    assert asked("GET", ("host", "127.0.0.1"), ("host", "evil.example")) is not None


FORGED: dict[str, list[tuple[str, str]]] = {
    "another site": [("origin", "http://evil.example")],
    "another port": [("origin", "http://127.0.0.1:8000")],
    "a sandboxed frame": [("origin", "null")],
    "no origin": [],
    "two origins": [("origin", PAGE), ("origin", PAGE)],
    "the fetch metadata of another site": [("origin", PAGE), ("sec-fetch-site", "cross-site")],
    "the fetch metadata of a neighbour": [("origin", PAGE), ("sec-fetch-site", "same-site")],
}


@pytest.mark.parametrize("how", FORGED)
def test_a_form_of_another_site_is_refused(how: str) -> None:
    """Cross-site request forgery: a browser says where a form stands, and no page can change that."""
    said = asked("POST", ("host", "127.0.0.1:9100"), ("content-type", FORM), *FORGED[how])
    assert said is not None
    assert "spends money" in said


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_own_form_is_taken(scheme: str) -> None:
    """Behind a proxy that speaks TLS the origin is another scheme and the same host."""
    headers = [("host", "127.0.0.1:9100"), ("origin", f"{scheme}://127.0.0.1:9100"), ("sec-fetch-site", "same-origin")]
    assert asked("POST", *headers, ("content-type", FORM + ";charset=utf-8")) is None


@pytest.mark.parametrize("media", ["text/plain", "application/json", "multipart/form-data; boundary=x", ""])
def test_another_kind_of_body_is_refused(media: str) -> None:
    assert asked("POST", ("host", "127.0.0.1:9100"), ("origin", PAGE), ("content-type", media)) is not None


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_a_refused_request_asks_nobody(house: "House", method: str) -> None:
    """Nothing is bought, and nothing of the page is given, for a request from elsewhere."""

    async def work() -> tuple[int, str, int]:
        async with desk(house) as ours:
            answer = await ours.page.request(method, "/", data={"email": EMAIL, "ask": "yes"})
            return answer.status_code, answer.text, len(house.told)

    status, text, told = house.play(work)
    assert (status, told) == (403, 0)
    assert "Providers" not in text


@pytest.mark.parametrize("path", ["/", "/metrics"])
def test_a_rebound_name_reads_neither_page_nor_metrics(house: "House", path: str) -> None:
    async def work() -> int:
        async with desk(house) as ours:
            return (await ours.page.get(path, headers={"Host": "evil.example"})).status_code

    assert house.play(work) == 403
