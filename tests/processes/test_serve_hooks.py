"""A vendor that calls when a job has ended, and a real server of two processes, of which it reaches any."""

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import attrs
import pytest

from tests.processes.serving import PATH, new_key, served

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="several workers")

PLUGIN = '''
from enrichcore.model import Hit, Job, Miss, Number, Price
from enrichcore.plugins import Bearer, Poll, Provider, Webhook, hookimpl


class Caller(Provider):
    """Takes jobs, and is asked for one only every ten minutes."""

    name, key_env, auth = "caller", "CALLER_KEY", Bearer()
    base_url = "https://caller.example"
    price = Price.per_hit(1)
    typical = 0.1
    poll = Poll(first=600.0, every=600.0)
    webhook = Webhook()

    @hookimpl
    async def phone_by_email(self, query, http):
        sent = {"email": query.email, "webhook": self.webhook_url}
        return Job((await http.post("/jobs", json=sent)).json()["id"])

    async def collect(self, job, query, http):
        found = (await http.get(f"/jobs/{job.id}")).json()
        return job if not found["done"] else Hit(Number("+12025550143"))

    def jobs_of(self, event):
        return [event["job"]]
'''


class Vendor:
    """The vendor: its jobs, in order; where it is to call; how often it was polled."""

    def __init__(self) -> None:
        self.emails: list[str] = []
        self.webhooks: list[str] = []
        self.polls: list[str] = []
        self.done = False
        vendor = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                sent = json.loads(self.rfile.read(int(self.headers["content-length"])))
                vendor.emails.append(sent["email"])
                vendor.webhooks.append(sent["webhook"])
                self._say({"id": f"job-{len(vendor.emails)}"})

            def do_GET(self) -> None:
                vendor.polls.append(self.path.rpartition("/")[2])
                self._say({"done": vendor.done})

            def _say(self, body: Any) -> None:
                text = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    made = Vendor()
    yield made
    made.server.shutdown()
    made.server.server_close()


def install(folder: Path) -> None:
    """Put the plugin beside those of the desk."""
    info = folder / "plugins" / "caller-1.0.dist-info"
    info.mkdir()
    (folder / "plugins" / "caller_plugin.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: caller\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[enrichcore]\ncaller = caller_plugin:Caller\n")


def post(address: str, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Status and answer of one request, on a connection of its own."""
    line = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        line.request("POST", path, json.dumps(body), {"Content-Type": "application/json", **headers})
        answer = line.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        line.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_a_call_of_the_vendor_brings_each_answer_to_the_process_that_asked(
    new_desk: Callable[..., "Desk"], vendor: Vendor, kind: str, wait_until: Callable[..., None]
) -> None:
    """Whichever process is called: each job is polled once, ten minutes before its time, and billed once."""
    people = 8
    desk = new_desk(
        kind,
        f'[providers.caller]\nbase_url = "http://127.0.0.1:{vendor.server.server_port}"\ncredit_price = "0.01"\n'
        '[service]\npublic_url = "https://phones.acme.example"\n',
    )
    install(desk.folder)
    config = (desk.folder / "test.toml").read_text()
    for line in ("providers", "order"):
        config = config.replace(f'{line} = ["holdfast", "jobber", "repeatable"]', f'{line} = ["caller"]')
    (desk.folder / "test.toml").write_text(config)
    desk = attrs.evolve(desk, environment={**desk.environment, "CALLER_KEY": "key-of-the-proof"}, started=desk.started)
    key = new_key(desk, "globex", "--credits", "100")
    process, address = served(desk)

    def ask(number: int) -> tuple[int, Any]:
        body = {"record_id": f"r{number}", "email": f"p{number}@firm.example"}
        return post(address, PATH, body, Authorization=f"Bearer {key}", Prefer="wait=1")

    first = [ask(number) for number in range(people)]
    assert {(status, answer["phone"]) for status, answer in first} == {(200, None)}
    assert len(set(vendor.webhooks)) == 1
    vendor.done = True
    where = urlsplit(vendor.webhooks[0])
    assert post(address, f"{where.path}?token=wrong", {"job": "job-1"})[0] == 401
    for number in range(people):
        assert post(address, f"{where.path}?{where.query}", {"job": f"job-{number + 1}"}) == (200, {"success": True})
    wait_until(lambda: len(vendor.polls) >= people)
    time.sleep(0.5)  # what the last poll brought is being written down
    assert sorted(vendor.polls) == sorted(f"job-{number + 1}" for number in range(people))
    second = [ask(number) for number in range(people)]
    assert {(status, answer["phone"]) for status, answer in second} == {(200, "+12025550143")}
    assert len(vendor.polls) == len(vendor.emails) == people
    process.terminate()
    assert process.wait(timeout=60) == 0
    settled = desk.store.query("SELECT provider, billed, job IS NOT NULL FROM attempts WHERE outcome IS NOT NULL")
    assert [tuple(row) for row in settled if row[1] == 1] == [("caller", 1, True)] * people
