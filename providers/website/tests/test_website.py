"""The provider as it is installed, and what becomes of a visit."""

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn

import httpcore
import pytest
from enrichcore_website import Website
from enrichcore_website.cases import CASES
from enrichcore_website.door import Door

from enrichcore import AsyncEngine, Contact
from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Acceptance, Hit, Miss
from enrichcore.testing import check_provider, run

CARD = "<li><b>Ada Lovelace</b><p>Analyst</p><p>Mobile: +44 7700 900123</p></li>"
HOME = '<h1>Engines</h1><a href="/team">Team</a><footer>Tel 020 7946 0123</footer>'


def test_it_is_installed_under_its_own_name() -> None:
    """The entry point is called like the provider and leads to its class."""
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_website:")]
    assert entry.name == Website.name
    assert entry.load() is Website


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test website`."""
    check_provider(Website, CASES).assert_ok()


def test_the_number_beside_the_name_is_the_persons_and_the_other_the_companys(kit: Any) -> None:
    site = kit.Listener({"/": kit.page(HOME), "/team": kit.page(f"<ul>{CARD}</ul>")})
    answer = kit.ask(site, country="GB")
    assert isinstance(answer, Hit)
    assert [(n.raw, n.company_line, n.type) for n in answer.numbers] == [
        ("+44 7700 900123", False, "mobile"),
        ("020 7946 0123", True, None),
    ]
    assert answer.person is not None
    assert answer.person.name == "Ada Lovelace"


def test_the_site_is_told_who_asks_and_never_about_whom(kit: Any) -> None:
    site = kit.Listener({"/": kit.page(HOME), "/team": kit.page(CARD)})
    kit.ask(site)
    assert all("user-agent: enrichcore-website/" in head.lower() for head in site.heads)
    assert not any("lovelace" in head.lower() for head in site.heads)
    assert site.asked[0] == "engines.example/robots.txt"


def test_what_robots_txt_closes_is_not_read(kit: Any) -> None:
    robots = kit.answer(200, b"User-agent: *\nDisallow: /team\n", "Content-Type: text/plain\r\n")
    site = kit.Listener({"/robots.txt": robots, "/": kit.page(HOME), "/team": kit.page(CARD)})
    answer = kit.ask(site, country="GB")
    assert isinstance(answer, Hit)
    assert all(number.company_line for number in answer.numbers)
    assert "engines.example/team" not in site.asked


def test_a_site_whose_robots_txt_fails_is_not_read(kit: Any) -> None:
    """RFC 9309: what is unreachable closes everything."""
    site = kit.Listener({"/robots.txt": kit.answer(503, b""), "/": kit.page(CARD)})
    assert kit.ask(site) == Miss()
    assert "engines.example/" not in site.asked


@pytest.mark.parametrize(("status", "code"), [(429, "rate_limited"), (500, "server_error"), (503, "server_error")])
def test_a_first_page_that_fails_is_its_error(kit: Any, status: int, code: str) -> None:
    with pytest.raises(ProviderError) as caught:
        kit.ask(kit.Listener({"/": kit.answer(status, b"")}))
    assert caught.value.code == code


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_site_that_shows_nothing_is_a_miss(kit: Any, status: int) -> None:
    assert kit.ask(kit.Listener({"/": kit.answer(status, b"")})) == Miss()


@pytest.mark.parametrize("email", ["ada@gmail.com", "ada@mailinator.com"])
def test_hosts_of_personal_mail_are_not_visited(email: str) -> None:
    assert run(Website, email=email) == Miss()


@pytest.mark.parametrize("settings", [{"pages": 0}, {"pages": True}, {"saved": 7}, {"saved": ""}, {"page": 1}])
def test_a_wrong_setting_is_named(settings: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"\[providers.website\]"):
        run(Website, email="ada@engines.example", settings=settings)


@pytest.mark.parametrize("setting", ["door", "resolve", "dial", "allow_loopback", "ports"])
def test_no_setting_opens_the_door(setting: str) -> None:
    with pytest.raises(ConfigError):
        run(Website, email="ada@engines.example", settings={setting: True})


@pytest.mark.parametrize("saved", [False, True])
def test_offline_no_site_is_visited_and_saved_pages_are_read(kit: Any, tmp_path: Path, saved: bool) -> None:
    """Of the sockets that it opens itself the engine knows by what the provider says of itself."""
    site = kit.Listener({"/": kit.page(CARD)})
    folder = tmp_path / "engines.example"
    folder.mkdir()
    (folder / "index.html").write_text(CARD, encoding="utf-8")
    settings = {"website": {"saved": str(tmp_path)} if saved else {"pages": 1}}

    async def look_up() -> Any:
        async with site.open():
            website = Website()
            website.door = Door(resolve=kit.resolver(kit.PUBLIC), dial=site.dial)
            async with AsyncEngine(
                providers=[website], settings=settings, store="memory", offline=True, env={},
                acceptance=Acceptance(allow_fictional=True),
            ) as engine:  # fmt: skip
                return await engine.enrich_phone(
                    Contact(email="ada@engines.example", first_name="Ada", last_name="Lovelace")
                )

    result = asyncio.run(look_up())
    assert site.hits == 0
    reasons = {attempt.reason for attempt in result.attempts if attempt.outcome == "skipped"}
    assert result.found is saved
    assert ("offline" in reasons) is not saved


def test_a_site_with_a_wrong_certificate_is_not_read_in_clear(
    kit: Any, tmp_path: Path, require: Callable[[str], NoReturn]
) -> None:
    """Somebody may sit between; a site that has no TLS at all is another matter."""
    if shutil.which("openssl") is None:
        require("openssl makes the certificate")
    names = ("-keyout", tmp_path / "key", "-out", tmp_path / "cert", "-subj", "/CN=engines.example", "-days", "1")
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *map(str, names)]
    subprocess.run(command, check=True, capture_output=True)
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    own.load_cert_chain(tmp_path / "cert", tmp_path / "key")

    class Mistrusted(kit.Listener):  # type: ignore[misc]
        @asynccontextmanager
        async def open(self) -> AsyncIterator[Any]:
            async with await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=own) as sealed, super().open():
                self.sealed_port = sealed.sockets[0].getsockname()[1]
                yield self

        async def dial(self, address: Any, port: int, timeout: float | None) -> Any:  # noqa: ASYNC109 - httpcore's own
            if port != 443:
                return await super().dial(address, port, timeout)
            return await httpcore.AnyIOBackend().connect_tcp("127.0.0.1", self.sealed_port, timeout=timeout)

    site = Mistrusted({"/": kit.page(HOME), "/team": kit.page(CARD)})
    with pytest.raises(ProviderError, match="certificate"):
        kit.ask(site)
    assert site.hits == 0
