"""`enrichcore serve`: the real command over loopback, with keys that the command line has made."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from click.testing import Result

pytest.importorskip("uvicorn")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the signals and the inherited socket are Unix's")

Cli = Callable[..., Result]
Config = Callable[..., str]
Process = "subprocess.Popen[bytes]"
Start = Callable[..., "subprocess.Popen[bytes]"]
PATIENCE = 60.0
PATH = "/v1/enrich/phone"


def key_of(cli: Cli, path: str, tenant: str = "globex", *more: str) -> str:
    """A new key."""
    result = cli("keys", "create", "--tenant", tenant, "--json", "--config", path, *more)
    assert result.exit_code == 0, result.output
    key: str = json.loads(result.stdout)["key"]
    return key


@pytest.fixture
def serve(start: Start) -> Callable[..., tuple["subprocess.Popen[bytes]", str]]:
    """Start a server; the process and its address."""

    def run(path: str, *more: str, **env: str) -> tuple["subprocess.Popen[bytes]", str]:
        process = start(["serve", "--port", "0", "--config", path, *more], env=env)
        assert process.stderr is not None
        line = process.stderr.readline().decode()
        assert line.startswith("listening on http://127.0.0.1:"), line + process.stderr.read().decode()
        return process, line.split()[2]

    return run


def asked(address: str, key: str, **fields: str) -> httpx.Response:
    """One lookup over HTTP."""
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.post(address + PATH, json=fields, headers=headers, timeout=PATIENCE)


def ended(process: "subprocess.Popen[bytes]") -> tuple[int, str]:
    """Exit code and what was said, once it is over."""
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said.decode()


def until(what: Callable[[], bool]) -> None:
    """Wait until something is so."""
    limit = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < limit
        time.sleep(0.02)


def test_a_key_buys_until_its_credits_are_gone(
    cli: Cli, config: Config, serve: Any, calls: Callable[[], list[str]]
) -> None:
    """A hit costs a credit, the same record is given again for nothing, and without credits nothing is bought."""
    path = config("clitest_paid", more='[providers.clitest_paid]\ncredit_price = "0.05"\n')
    key = key_of(cli, path, "globex", "--credits", "1")
    process, address = serve(path, CLITEST_KEY="k")
    first = asked(address, key, record_id="1", email="ada@engines.example")
    assert (first.status_code, first.json()["phone"]) == (200, "+12025550155")
    again = asked(address, key, record_id="1", email="ada@engines.example")
    assert (again.status_code, again.json()["phone"]) == (200, "+12025550155")
    broke = asked(address, key, record_id="2", email="bob@engines.example")
    assert (broke.status_code, broke.json()["details"]["code"]) == (400, "insufficient_credits")
    assert [broke.json()[name] for name in ("credits_required", "credits_remaining")] == [1, 0]
    assert cli("keys", "topup", "globex", "1", "--config", path).exit_code == 0
    assert asked(address, key, record_id="2", email="bob@engines.example").json()["phone"] == "+12025550155"
    wrong = asked(address, key[:-1] + ("b" if key[-1] == "a" else "a"), record_id="1", email="ada@engines.example")
    assert wrong.status_code == 401
    assert calls() == ["paid ada@engines.example", "paid bob@engines.example"]
    process.send_signal(signal.SIGTERM)
    assert ended(process) == (0, "")


def test_a_revoked_key_is_refused_within_a_second(cli: Cli, config: Config, serve: Any) -> None:
    """Another process ends a key, and the server hears of it."""
    path = config("clitest_known")
    key = key_of(cli, path)
    _, address = serve(path)
    assert asked(address, key, record_id="1", email="a@known.example").status_code == 200
    assert cli("keys", "revoke", key.split("_")[1], "--yes", "--config", path).exit_code == 0
    until(lambda: asked(address, key, record_id="1", email="a@known.example").status_code == 401)


def test_sigterm_answers_what_is_under_way(cli: Cli, config: Config, serve: Any, calls: Any) -> None:
    """`/readyz` says no at once, a request under way is answered, and the process ends with exit code 0."""
    path = config("clitest_slow")
    key = key_of(cli, path)
    process, address = serve(path, CLITEST_SLOW="1.5")
    assert httpx.get(address + "/readyz").status_code == 200
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as client:
        body = b'{"record_id": "1", "email": "ada@engines.example"}'
        client.sendall(
            f"POST {PATH} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        until(lambda: calls() == ["began ada@engines.example"])
        process.send_signal(signal.SIGTERM)
        until(lambda: httpx.get(address + "/readyz").status_code == 503)
        answer = b""
        while part := client.recv(65536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"+12025550166" in answer
    assert ended(process) == (0, "")
    assert calls()[-1] == "ended ada@engines.example"


def test_a_second_signal_ends_it_at_once(cli: Cli, config: Config, serve: Any, calls: Any) -> None:
    """It leaves without waiting, and the call under way is an intent in the journal, which nobody makes again."""
    path = config("clitest_slow", more="")
    key = key_of(cli, path, "globex", "--credits", "5")
    process, address = serve(path, CLITEST_SLOW="600")
    with contextlib.suppress(httpx.TimeoutException):
        httpx.post(
            address + PATH,
            json={"record_id": "1", "email": "ada@engines.example"},
            headers={"Authorization": f"Bearer {key}"},
            timeout=1.0,
        )
    until(lambda: calls() == ["began ada@engines.example"])
    process.send_signal(signal.SIGTERM)
    until(lambda: httpx.get(address + "/readyz").status_code == 503)
    process.send_signal(signal.SIGTERM)
    code, said = ended(process)
    assert code == 128 + signal.SIGTERM
    assert "told to end twice" in said
    assert cli("store", "check", "--config", path).exit_code == 0
    (row,) = json.loads(cli("keys", "list", "--json", "--config", path).stdout)
    assert row["credits_remaining"] == 5, "what a dead process had reserved is free again"


def test_several_workers_share_a_port_and_a_balance(
    cli: Cli, config: Config, serve: Any, calls: Callable[[], list[str]]
) -> None:
    """Two processes spend one tenant's credits exactly; one that is killed is replaced; SIGTERM ends all of them."""
    path = config("clitest_paid", more='[providers.clitest_paid]\ncredit_price = "0.05"\n')
    key = key_of(cli, path, "globex", "--credits", "3")
    process, address = serve(path, "--workers", "2", CLITEST_KEY="k")

    def children() -> list[int]:
        return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]

    answers = [asked(address, key, record_id=str(n), email=f"p{n}@engines.example") for n in range(12)]
    assert sorted(answer.status_code for answer in answers) == [200] * 3 + [400] * 9
    assert len(calls()) == 3
    if sys.platform == "linux":
        before = children()
        assert len(before) == 2
        os.kill(before[0], signal.SIGKILL)
        until(lambda: len(children()) == 2 and children() != before)
        assert asked(address, key, record_id="0", email="p0@engines.example").status_code == 200
        running = children()
        process.send_signal(signal.SIGTERM)
        assert ended(process)[0] == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in running)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_workers_end_when_their_supervisor_is_killed(cli: Cli, config: Config, serve: Any) -> None:
    """Nobody is left who serves without being watched."""
    path = config("clitest_known")
    process, address = serve(path, "--workers", "2")
    assert httpx.get(address + "/healthz", timeout=PATIENCE).status_code == 200
    running = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    process.kill()
    process.wait()
    until(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in running))


def test_a_configuration_that_cannot_be_is_said_once(cli: Cli, here: Path, start: Start) -> None:
    """Workers that cannot start are not started again and again."""
    (here / "bad.toml").write_text('[engine]\nproviders = ["nowhere"]\n[store]\nurl = "sqlite:///a.db"\n')
    process = start(["serve", "--port", "0", "--config", "bad.toml", "--workers", "2"])
    code, said = ended(process)
    assert code == 2
    assert "nowhere" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--store", "memory"], "keys are kept in the store"),
        (["--host", "nowhere.invalid"], "cannot listen on nowhere.invalid"),
        (["--port", "65536"], "--port"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_what_cannot_be_served_is_refused(cli: Cli, arguments: list[str], said: str) -> None:
    """Wrong usage has exit code 2 and one line that says what is wrong."""
    result = cli("serve", *arguments)
    assert (result.exit_code, said in result.stderr) == (2, True), result.output


def test_a_port_that_is_taken_is_named(cli: Cli, here: Path) -> None:
    """Two servers cannot have one port."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = cli("--store", "sqlite:///a.db", "serve", "--port", str(port))
    assert (result.exit_code, f"cannot listen on 127.0.0.1:{port}" in result.stderr) == (2, True)
