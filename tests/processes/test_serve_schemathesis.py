"""Schemathesis against the running server: whatever is sent, the answer is one that the description promises."""

import importlib.util
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn

import httpx
import pytest

from tests.processes.desk import HERE
from tests.processes.serving import PATH, new_key, served

if TYPE_CHECKING:
    from tests.processes.desk import Desk

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

ASK: Final = f"POST {PATH}"
LATER: Final = f"GET {PATH}/{{request_id}}"
VALID: Final = {
    ASK: {
        200: "found or not",
        202: "Prefer: respond-async",
        400: "blank, or `n/a`, or no host: the schema cannot say that no method has its data; or 64 KiB are passed",
    },
    LATER: {
        200: "found or not",
        202: "not yet",
        404: "an id that is nobody's is as well-formed as one that is",
    },
}
"""What a request may get that is as the description says, and why."""
CONFIG: Final = """
hooks = "tests.processes.schemathesis_hooks"
[auth.openapi.BearerAuth]
bearer = "{key}"
[dictionaries.prefer]
values = ["respond-async", "wait=0", "wait=1", "respond-async, wait=1", "handling=lenient"]
[dictionaries.email]
values = [{emails}]
[parameters]
"header.Prefer" = {{dictionary = "prefer", probability = 0.5}}
"body.email" = {{dictionary = "email", probability = 0.5}}
"""
FOR_ONE: Final = """
[[operations]]
include-name = "{name}"
[operations.checks]
positive_data_acceptance.expected-statuses = {statuses}
"""
Seen = Counter[str]


def campaign(desk: "Desk", address: str, key: str, *options: str) -> tuple[Seen, str]:
    """Run every phase with every check: how often each operation was answered with each status, and the report."""
    seen = desk.folder / "seen.txt"
    emails = ", ".join(f'"p{n}@firm{n % 7}.example"' for n in range(40))
    config = CONFIG.format(key=key, emails=emails)
    config += "".join(FOR_ONE.format(name=name, statuses=list(valid)) for name, valid in VALID.items())
    (desk.folder / "schemathesis.toml").write_text(config)
    command = [
        sys.executable, "-m", "schemathesis.cli", "--config-file", "schemathesis.toml",
        "run", f"{address}/openapi.json", "--checks", "all", "--phases", "examples,coverage,fuzzing,stateful",
        "--no-color", "--generation-database", "none", "--continue-on-failure", *options,
    ]  # fmt: skip
    environment = {**desk.environment, "SEEN": str(seen), "PYTHONPATH": str(HERE.parents[1])}
    done = subprocess.run(command, cwd=desk.folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    return Counter(seen.read_text("utf-8").splitlines()), done.stdout


def until_there(collect: Callable[[], httpx.Response]) -> None:
    """Ask until it is no longer 202."""
    end = time.monotonic() + 60
    while collect().status_code == 202:
        assert time.monotonic() < end
        time.sleep(0.05)


def provoke(desk: "Desk", process: "subprocess.Popen[bytes]", address: str, key: str) -> Seen:
    """Each status once, whatever was generated.

    No generated request brings about a rate that is over, vendors that are down, or a server that drains.
    """
    seen: Seen = Counter()
    hurried = new_key(desk, "hurried", "--rate", "0.001")

    def note(label: str, answer: httpx.Response) -> httpx.Response:
        seen[f"{label} {answer.status_code}"] += 1
        return answer

    with httpx.Client(base_url=address, timeout=60) as client:

        def ask(record: str, key: str = key, **headers: str) -> httpx.Response:
            body = {"record_id": record, "email": f"{record}@firm.example"}
            return note(ASK, client.post(PATH, json=body, headers={"Authorization": f"Bearer {key}", **headers}))

        def collect(request_id: str, key: str = key, query: str = "") -> httpx.Response:
            headers = {"Authorization": f"Bearer {key}"}
            return note(LATER, client.get(f"{PATH}/{request_id}{query}", headers=headers))

        for path in ("/openapi.json", "/docs", "/healthz", "/readyz"):
            note(f"GET {path}", client.get(path))
        for body in (b"", b'{"record_id": "1"}'):
            note(ASK, client.post(PATH, content=body, headers={"Authorization": f"Bearer {key}"}))
        ask("nobody", key="nobody's")
        collect("nobody", key="nobody's")
        collect("nobody's")
        desk.vendors.admin("gate", value=False)
        name = ask("waits", Prefer="respond-async").json()["request_id"]
        collect(name)
        desk.vendors.admin("gate", value=True)
        until_there(lambda: collect(name))
        collect(name, query="?include=nothing")
        ask("first", hurried)
        ask("second", hurried)
        collect(name, hurried)
        desk.vendors.close()
        ask("down")
        name = ask("later", Prefer="respond-async").json()["request_id"]
        until_there(lambda: collect(name))
        process.send_signal(signal.SIGTERM)
        for _ in range(50):
            if note("GET /readyz", client.get("/readyz")).status_code == 503:
                break
            time.sleep(0.01)
    return seen


def prove(desk: "Desk", examples: int) -> tuple[int, str]:
    """Run it all; how many cases it was, and a table of them."""
    desk.vendors.admin("slowest", 0)
    key = new_key(desk, "globex", "--allow", "attempts")
    process, address = served(desk, workers=1)
    described = httpx.get(f"{address}/openapi.json").json()
    seen, report = campaign(desk, address, key, "--max-examples", str(examples))
    seen += provoke(desk, process, address, key)
    errors = process.communicate(timeout=60)[1].decode()
    assert (process.returncode, errors) == (0, "")
    documented = {
        f"{method.upper()} {path} {status}"
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        for status in operation["responses"]
    }
    assert documented - seen.keys() == set()
    table = "\n".join(f"{times:6} {what}" for what, times in sorted(seen.items()))
    return seen.total(), f"{report}\n{table}"


@pytest.mark.parametrize(
    ("examples", "least"), [(8, 200), pytest.param(6_000, 10_000, marks=pytest.mark.proof)], ids=["small", "whole"]
)
def test_no_answer_is_other_than_described(
    new_desk: Callable[..., "Desk"], require: Callable[[str], NoReturn], examples: int, least: int
) -> None:
    """Every phase, every check, no failure; every status of the description was seen, and nothing went wrong unseen."""
    if importlib.util.find_spec("schemathesis") is None:
        require("needs Schemathesis")
    total, table = prove(new_desk("sqlite"), examples)
    print(table)
    assert total >= least
