"""The pages around the endpoint, other methods and paths, and what a host does about the lifespan."""

import base64
import hashlib
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.routing import Mount

from enrichcore.service.app import create_app

if TYPE_CHECKING:
    from tests.service.conftest import House


def get(house: "House", url: str, method: str = "GET") -> httpx.Response:
    async def work() -> httpx.Response:
        async with house.open() as client:
            return await client.send(method, url)

    return house.play(work)


def test_health_is_that_the_process_answers(house: "House") -> None:
    assert get(house, "/healthz").json() == {"status": "alive"}


def test_ready_is_an_open_engine_that_is_not_draining(house: "House") -> None:
    async def work() -> Any:
        app = create_app(house.engine(house.by_email({})), house.accounts, runtime=house.runtime)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://x.example") as http:
            seen = [(await http.get("/readyz")).status_code]
            async with app.lifespan():
                seen.append((await http.get("/readyz")).status_code)
                app.ready = False
                seen += [(await http.get("/readyz")).status_code, (await http.get("/healthz")).status_code]
            return seen

    assert house.play(work) == [503, 200, 503, 200]


def test_the_description_is_the_file_in_the_package(house: "House") -> None:
    answer = get(house, "/openapi.json")
    assert answer.content == (files("enrichcore.service") / "openapi.json").read_bytes()
    described = answer.json()
    assert (described["openapi"], described["info"]["version"]) == ("3.1.0", "1.4.1")
    combinations = described["components"]["schemas"]["PhoneRequest"]["anyOf"]
    assert [c["required"] for c in combinations] == [["first_name", "last_name"], ["linkedin_id"], ["email"]]


def test_every_reference_in_the_description_leads_somewhere() -> None:
    text = (files("enrichcore.service") / "openapi.json").read_text("utf-8")
    described = json.loads(text)
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', text)):
        found = described
        for part in reference.split("/"):
            found = found[part]
        assert found


class Reader(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.loads += [f"{tag} {n}" for n, _ in attrs if n in ("src", "href", "action", "style") or n.startswith("on")]


def test_the_page_for_people_needs_nothing_else_and_allows_nothing_else(house: "House") -> None:
    """No script, no asset, a strict content security policy, and the one style sheet that it allows."""
    answer = get(house, "/docs")
    reader = Reader()
    reader.feed(answer.text)
    assert reader.loads == []
    assert "script" not in reader.tags
    style = re.findall(r"<style>(.*?)</style>", answer.text)[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    for word in ("record_id", "processing_time_ms", "insufficient", "POST /v1/enrich/phone", "refresh"):
        assert word in answer.text


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/v1/enrich/phone", {"POST"}),
        ("PUT", "/v1/enrich/phone", {"POST"}),
        ("OPTIONS", "/v1/enrich/phone", {"POST"}),
        ("POST", "/v1/enrich/phone/abc", {"GET", "HEAD"}),
        ("DELETE", "/v1/enrich/phone/abc", {"GET", "HEAD"}),
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("PATCH", "/docs", {"GET", "HEAD"}),
    ],
)
def test_another_method_is_405_and_says_which_there_are(
    house: "House", method: str, path: str, allow: set[str]
) -> None:
    answer = get(house, path, method)
    assert (answer.status_code, answer.json()["details"]["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == allow


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/enrich", "/v2/enrich/phone", "/V1/enrich/phone", "/metrics", "/docs/", "/docs/x"]
)
def test_another_path_is_404(house: "House", path: str) -> None:
    answer = get(house, path, "POST")
    assert (answer.status_code, answer.json()["details"]["code"]) == (404, "not_found")


def test_head_has_the_headers_and_no_body(house: "House") -> None:
    async def work() -> Any:
        async with house.open() as client:
            where = (await client.post(Prefer="respond-async")).headers["Location"]
            headers = {"Authorization": "Bearer acme-key"}
            return [await client.http.head(where, headers=headers), await client.http.head("/healthz")]

    pending, health = house.play(work)
    assert (pending.status_code, pending.content, pending.headers["Retry-After"]) == (202, b"", "1")
    assert (health.status_code, health.content) == (200, b"")


def test_a_host_that_mounts_the_app_opens_the_engine_itself(house: "House") -> None:
    """The lifespan of a mounted app is never run: the host opens the engine, and closes the app before the engine."""

    async def work() -> Any:
        async with house.engine(house.by_email({house.EMAIL: house.PHONE})) as engine:
            app = create_app(engine, house.accounts, runtime=house.runtime)
            host = Starlette(routes=[Mount("/phones", app=app)])
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=host), base_url="http://x.example") as http:
                headers = {"Authorization": "Bearer acme-key"}
                found = await http.post("/phones/v1/enrich/phone", json=house.ADA_BODY, headers=headers)
                ready = await http.get("/phones/readyz")
            await app.aclose()
            return found.json()["phone"], ready.status_code, engine.is_open

    assert house.play(work) == (house.PHONE, 200, True)


def test_the_lifespan_leaves_an_engine_open_that_the_host_has_opened(house: "House") -> None:
    async def work() -> list[bool]:
        async with house.engine(house.by_email({})) as engine:
            app = create_app(engine, house.accounts, runtime=house.runtime)
            async with app.lifespan():
                seen = [engine.is_open]
            return [*seen, engine.is_open, app.ready]

    assert house.play(work) == [True, True, False]


def test_a_server_runs_the_lifespan(house: "House") -> None:
    """Startup opens the engine, shutdown closes it."""

    async def work() -> Any:
        engine = house.engine(house.by_email({}))
        app = create_app(engine, house.accounts, runtime=house.runtime)
        said = iter(["lifespan.startup", "lifespan.shutdown"])
        heard: list[Any] = []

        async def receive() -> Any:
            return {"type": next(said)}

        async def send(message: Any) -> None:
            heard.append((message["type"], engine.is_open))

        await app({"type": "lifespan", "state": {}}, receive, send)
        return heard

    assert house.play(work) == [("lifespan.startup.complete", True), ("lifespan.shutdown.complete", False)]


def test_enrichcore_itself_needs_no_web_framework() -> None:
    """Importing the library and its engine loads neither Starlette nor uvicorn."""
    code = "import sys, enrichcore.engine.core, enrichcore.cli.app; print({'starlette', 'uvicorn'} & {*sys.modules})"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout.strip() == b"set()"
