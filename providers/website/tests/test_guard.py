"""The guard: nothing but the public Internet is ever connected to, whatever a domain, a resolver or a site says."""

import asyncio
import ipaddress
import random
from typing import Any

import pytest
from enrichcore_website.addresses import OUTSIDE_V6, SPECIAL_V4, SPECIAL_V6, is_public
from enrichcore_website.door import Door, Shut, is_host

from enrichcore.errors import ProviderError
from enrichcore.model import Hit, Miss

SPECIAL = [
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1",
    "100.100.100.200", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.8",
    "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255",
    "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "192.31.196.1", "192.175.48.1", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:8.8.8.8", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::7f00:1", "100::1",
    "2001::1", "2001:0:7f00:1::", "2001:10::1", "2001:20::1", "2001:2::1", "2001:db8::1", "2002:7f00:1::",
    "2002:a9fe:a9fe::", "2002:808:808::", "2620:4f:8000::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fdff::1", "fe80::1", "fe80::1%1", "febf::1", "fec0::1", "ff02::1", "ff05::2", "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1", "4000::1", "1234::1",
]  # fmt: skip
HOSTS = [
    "127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "0", "\u2460\u2461\u2466.0.0.1",
    "[::1]", "::1", "localhost", "localhost.", "a.localhost", "metadata.google.internal", "printer.local",
    "db.corp", "x.onion", "1.0.0.127.in-addr.arpa", "engines.example:22", "engines.example#@evil",
    "user@engines.example", "engines.example\\@evil", "engines.example%00", "engines.example\r\nX: 1",
    "engines.example\t", "engines..example", "-engines.example", "engines-.example", "a b.example",
    "engines.example/..", "\u24d4ngines.example", "%31%32%37.0.0.1", "127.0.0.1.", "0x7f.0.0.0x1", "engines",
    "engines.123", "",
]  # fmt: skip
REDIRECTS = [
    "http://127.0.0.1/", "http://localhost/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/",
    "//169.254.169.254/", "http:\\\\127.0.0.1\\", "http://engines.example:22/", "http://engines.example:8080/",
    "http://user:pw@engines.example/", "http://engines.example@127.0.0.1/", "file:///etc/passwd",
    "gopher://engines.example/", "ftp://engines.example/", "http://other.example/", "http://[::ffff:127.0.0.1]/",
    "http://\u2460\u2461\u2466.0.0.1/", "http://metadata.google.internal/", "http://engines.example:99999/",
    "data:text/html,x", "javascript:alert(1)", "", "http://[", "http://0/", "https://engines.example:80/",
]  # fmt: skip


def try_door(listener: Any, resolve: Any, host: str = "engines.example", port: int = 443) -> bool:
    """Whether the guard lets a connection through."""

    async def attempt() -> bool:
        async def dial(address: Any, port: int, timeout: float | None) -> Any:  # noqa: ASYNC109 - httpcore's own
            listener.hits += 1

        try:
            await Door(resolve=resolve, dial=dial).connect_tcp(host, port)
        except Shut:
            return False
        return True

    return asyncio.run(attempt())


@pytest.mark.parametrize("address", SPECIAL)
def test_a_special_address_is_never_dialled(kit: Any, address: str) -> None:
    listener = kit.Listener()
    assert not try_door(listener, kit.resolver(address))
    assert not try_door(listener, kit.resolver(kit.PUBLIC, address))
    assert not try_door(listener, kit.resolver(address, kit.PUBLIC))
    assert listener.hits == 0


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_no_host_of_the_internet_is_not_even_resolved(kit: Any, host: str) -> None:
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return [kit.PUBLIC]

    listener = kit.Listener()
    assert not try_door(listener, resolve, host)
    assert not is_host(host)
    assert asked == []
    assert listener.hits == 0


@pytest.mark.parametrize("port", [22, 25, 0, 8080, 6379, 65535])
def test_only_the_ports_of_the_web_are_dialled(kit: Any, port: int) -> None:
    assert not try_door(kit.Listener(), kit.resolver(kit.PUBLIC), port=port)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00::1"])
def test_a_public_address_is_dialled(kit: Any, address: str) -> None:
    listener = kit.Listener()
    assert try_door(listener, kit.resolver(address))
    assert listener.hits == 1


@pytest.mark.parametrize("location", REDIRECTS)
def test_a_redirect_leads_nowhere_else(kit: Any, location: str) -> None:
    """The site answers its own pages; no other request follows, and the person is not found elsewhere."""
    away = kit.answer(302, b"", f"Location: {location}\r\n".encode().decode("latin-1"))
    site = kit.Listener({"/": away, "/robots.txt": kit.answer(404, b"")})
    assert kit.ask(site) == Miss()
    assert {one.partition("/")[0] for one in site.asked} <= {"engines.example", "www.engines.example"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_site_is_followed_and_judged_again(kit: Any, status: int) -> None:
    home = kit.page("<p>Ada Lovelace: +44 7700 900123</p>")
    away = kit.answer(status, b"", "Location: http://www.engines.example/home\r\n")
    site = kit.Listener({"engines.example/": away, "www.engines.example/home": home})
    assert isinstance(kit.ask(site), Hit)


def test_a_loop_of_redirects_ends(kit: Any) -> None:
    site = kit.Listener({"/": kit.answer(302, b"", "Location: /\r\n")})
    assert kit.ask(site) == Miss()
    assert site.asked.count("engines.example/") <= 4


def test_a_name_that_changes_its_address_is_judged_at_every_connection(kit: Any) -> None:
    """Rebinding: public when first asked, loopback afterwards."""
    answers = [[kit.PUBLIC], ["127.0.0.1"]]

    async def resolve(host: str, port: int) -> list[str]:
        return answers.pop(0)

    listener = kit.Listener()
    assert try_door(listener, resolve)
    assert not try_door(listener, resolve)
    assert listener.hits == 1


def test_a_proxy_of_the_environment_is_not_asked(kit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    site = kit.Listener({"/": kit.page("<p>Ada Lovelace: +44 7700 900123</p>")})
    assert isinstance(kit.ask(site), Hit)


def test_a_domain_that_leads_inside_is_refused_in_words_without_it(kit: Any) -> None:
    site = kit.Listener({"/": kit.page("<p>secret</p>")})
    with pytest.raises(ProviderError, match="not public") as caught:
        kit.ask(site, "10.0.0.5")
    assert caught.value.code == "request_refused"
    assert "10.0.0.5" not in str(caught.value)
    assert site.hits == 0


def random_special(count: int) -> int:
    """How many of so many random addresses of special blocks the guard dials."""
    rng = random.Random(6)
    blocks: list[Any] = [*SPECIAL_V4, *SPECIAL_V6, *OUTSIDE_V6]
    hits = 0
    current = ""

    async def resolve(host: str, port: int) -> list[str]:
        return [current]

    async def dial(address: Any, port: int, timeout: float | None) -> Any:  # noqa: ASYNC109 - httpcore's own
        nonlocal hits
        hits += 1

    async def all_of_them() -> None:
        nonlocal current
        door = Door(resolve=resolve, dial=dial)
        for place in range(count):
            block = blocks[place % len(blocks)]
            current = str(block[rng.randrange(block.num_addresses)])
            try:
                await door.connect_tcp("engines.example", 80)
            except Shut:
                continue

    asyncio.run(all_of_them())
    return hits


def test_no_random_special_address_is_dialled() -> None:
    assert random_special(2000) == 0


@pytest.mark.proof
def test_none_of_a_hundred_thousand_random_special_addresses_is_dialled() -> None:
    assert random_special(100_000) == 0


def test_the_table_agrees_with_the_interpreter_wherever_that_says_no() -> None:
    """What Python calls not global, the guard refuses too."""
    rng = random.Random(7)
    for _ in range(3000):
        for address in (ipaddress.IPv4Address(rng.getrandbits(32)), ipaddress.IPv6Address(rng.getrandbits(128))):
            assert not is_public(address) or address.is_global
