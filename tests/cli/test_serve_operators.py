"""`enrichcore serve --operators`: the real command, its page and its metrics over loopback."""

import json
import os
import re
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals and the inherited socket are Unix's")

PATIENCE = 60.0
PAID = '[providers.clitest_paid]\ncredit_price = "0.05"\n'


class Server:
    """A process, the address of the service, and those of the operators' pages."""

    def __init__(self, process: Any, lines: list[str]) -> None:
        self.process = process
        self.address = lines[0].split()[2]
        self.pages = re.findall(r"http://\S+?(?=,|$)", lines[1])
        assert lines[1].startswith("the operators' page is on ")

    def ended(self) -> tuple[int, str]:
        """Exit code and what else was said, once it has been told to end."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said.decode()


@pytest.fixture
def serve(start: Callable[..., Any]) -> Callable[..., Server]:
    """Start a server."""

    def run(path: str, *more: str, operators: str | None = "127.0.0.1:0", **env: str) -> Server:
        page = [] if operators is None else ["--operators", operators]
        process = start(["serve", "--port", "0", "--config", path, *page, *more], env=env)
        lines = [process.stderr.readline().decode() for _ in range(2)]
        assert lines[0].startswith("listening on "), lines
        return Server(process, lines)

    return run


def key_of(cli: Any, path: str) -> str:
    result = cli("keys", "create", "--tenant", "globex", "--json", "--config", path)
    key: str = json.loads(result.stdout)["key"]
    return key


def asked(server: Server, key: str, record: str) -> int:
    """The status of one lookup, on a connection of its own, so that any worker may get it."""
    headers = {"Authorization": f"Bearer {key}", "Connection": "close"}
    body = {"record_id": record, "email": f"p{record}@engines.example"}
    return httpx.post(f"{server.address}/v1/enrich/phone", json=body, headers=headers, timeout=PATIENCE).status_code


def sample(page: str, line: str) -> float:
    """The value of one series; 0 when there is none."""
    text = httpx.get(f"{page}/metrics", timeout=PATIENCE).text
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


def until(what: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < limit
        time.sleep(0.02)


HITS = 'enrichcore_attempts_total{billed="yes",method="email",outcome="hit",provider="clitest_paid"}'


def test_the_page_and_the_metrics_are_on_a_port_of_their_own(
    cli: Any, config: Any, serve: Any, calls: Callable[[], list[str]]
) -> None:
    """What comes in over HTTP is counted, a lookup from the page is bought once, and the service has neither path."""
    path = config("clitest_paid", more=PAID)
    key = key_of(cli, path)
    server = serve(path, CLITEST_KEY="k")
    [page] = server.pages
    assert [asked(server, key, record) for record in "123"] == [200] * 3
    assert (sample(page, HITS), sample(page, "enrichcore_ready")) == (3, 1)
    assert sample(page, 'enrichcore_requests_total{endpoint="enrich",status="200"}') == 3
    assert sample(page, 'enrichcore_cost_total{currency="USD",provider="clitest_paid"}') == 0.3
    form = {"email": "ada@engines.example", "ask": "yes"}
    for _ in range(2):
        answer = httpx.post(page, data=form, headers={"Origin": page}, timeout=PATIENCE)
        assert (answer.status_code, "+12025550155" in answer.text) == (200, True)
    assert calls()[3:] == ["paid ada@engines.example"]
    assert httpx.get(f"{server.address}/metrics").status_code == 404
    assert httpx.post(page, data=form).status_code == 403
    assert server.ended() == (0, "")


def test_while_it_drains_the_page_says_so(cli: Any, config: Any, serve: Any, calls: Any) -> None:
    """The metrics can be read until the end, and a lookup under way from the page is answered."""
    path = config("clitest_slow")
    key_of(cli, path)
    server = serve(path, CLITEST_SLOW="3")
    [page] = server.pages
    answers: list[httpx.Response] = []
    form = {"email": "ada@engines.example", "ask": "yes"}
    asking = threading.Thread(
        target=lambda: answers.append(httpx.post(page, data=form, headers={"Origin": page}, timeout=PATIENCE))
    )
    asking.start()
    until(lambda: calls() == ["began ada@engines.example"])
    server.process.send_signal(signal.SIGTERM)
    until(lambda: sample(page, "enrichcore_ready") == 0)
    refused = httpx.post(page, data=form | {"email": "bob@engines.example"}, headers={"Origin": page}, timeout=PATIENCE)
    assert refused.status_code == 503
    server.process.communicate(timeout=PATIENCE)
    asking.join()
    assert server.process.returncode == 0
    assert [("+12025550166" in answer.text, answer.status_code) for answer in answers] == [(True, 200)]
    assert calls() == ["began ada@engines.example", "ended ada@engines.example"]


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_every_worker_has_a_page_of_its_own(cli: Any, config: Any, serve: Any) -> None:
    """Together they count every request once; whoever takes a dead worker's place takes its port and begins at zero."""
    path = config("clitest_paid", more=PAID)
    key = key_of(cli, path)
    server = serve(path, "--workers", "2", CLITEST_KEY="k")
    assert len(server.pages) == 2
    for page in server.pages:
        until(lambda page=page: sample(page, "enrichcore_ready") == 1)  # type: ignore[misc]
        text = httpx.get(page).text
        assert f"Worker {server.pages.index(page) + 1} of 2" in text
        assert [f"{other}/" for other in server.pages] == re.findall(r'<a href="(http[^"]+)"', text)
    assert [asked(server, key, str(record)) for record in range(12)] == [200] * 12
    assert sum(sample(page, HITS) for page in server.pages) == 12

    def born(page: str) -> float:
        return sample(page, "process_start_time_seconds")

    before = [born(page) for page in server.pages]
    child = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()[0]
    os.kill(int(child), signal.SIGKILL)
    changed: list[int] = []

    def is_replaced() -> bool:
        try:
            changed[:] = [i for i, page in enumerate(server.pages) if born(page) not in (0.0, before[i])]
        except httpx.TransportError:
            return False
        return len(changed) == 1

    until(is_replaced)
    assert sample(server.pages[changed[0]], HITS) == 0
    assert server.ended()[0] == 0


def test_an_address_that_is_not_private_is_warned_of(config: Any, start: Any) -> None:
    """Whoever binds it to the world is told what that means."""
    process = start(["serve", "--port", "0", "--config", config("clitest_known"), "--operators", "0.0.0.0:0"])
    lines = [process.stderr.readline().decode() for _ in range(3)]
    assert lines[2].startswith("the operators' page has no login")


def test_without_the_option_there_is_no_page(cli: Any, config: Any, start: Any) -> None:
    process = start(["serve", "--port", "0", "--config", config("clitest_known")])
    address = process.stderr.readline().decode().split()[2]
    assert httpx.get(f"{address}/", timeout=PATIENCE).status_code == 404
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=PATIENCE)[1] == b""


def test_it_can_be_configured(cli: Any, config: Any, serve: Any) -> None:
    """With another name, and with traces, which without an SDK cost nothing."""
    more = '[service]\noperators = "127.0.0.1:0"\noperators_hosts = ["ops.example"]\ntraces = true\n'
    server = serve(config("clitest_known", more=more), operators=None)
    [page] = server.pages
    for host, status in (("ops.example", 200), ("other.example", 403)):
        assert httpx.get(page, headers={"Host": host}, timeout=PATIENCE).status_code == status
    assert server.ended() == (0, "")


@pytest.mark.parametrize("given", ["nonsense", "127.0.0.1:99999", "127.0.0.1"])
def test_what_is_no_address_is_refused(cli: Any, config: Any, given: str) -> None:
    result = cli("serve", "--port", "0", "--config", config("clitest_known"), "--operators", given)
    assert (result.exit_code, "expected an address and a port" in result.stderr) == (2, True), result.output
