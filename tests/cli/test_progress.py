"""How far a run is: a live view on a terminal, lines in a pipe, JSON lines for a program."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from enrichcore.bulk.pulse import Beat, Brake, Doing, Pulse
from enrichcore.cli.progress import Progress, line, provider_rows
from enrichcore.model import Attempt, Billed, Method, Outcome, PhoneResult, Status

Cli = Callable[..., Result]
Config = Callable[..., str]
Start = Callable[..., "subprocess.Popen[bytes]"]
PRICE = '[providers.clitest_paid]\ncredit_price = "0.05"\n'  # a hit costs 0.10
SCHEMA: dict[str, Any] = {
    "event": str, "elapsed_s": float, "rows": int, "total": (int, type(None)), "found": int, "not_found": int,
    "incomplete": int, "suppressed": int, "invalid": int, "skipped": int, "fill_rate": (float, type(None)), "cost": str,
    "currency": str, "budget": (dict, type(None)), "rows_per_s": float, "left_s": (float, type(None)),
    "brake": (dict, type(None)), "providers": list,
}  # fmt: skip
PROVIDER: dict[str, Any] = {
    "name": str, "state": str, "hits": int, "misses": int, "rejects": int, "errors": int, "latency_ms": dict,
}  # fmt: skip


def _input(here: Path, count: int = 30) -> None:
    (here / "in.csv").write_text("email\n" + "".join(f"p{i}@known.example\n" for i in range(count)))


def events(errors: str) -> list[dict[str, Any]]:
    """Every line of standard error, which must be JSON."""
    return [json.loads(each) for each in errors.splitlines()]


# --- on a terminal ----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_gets_a_live_view_and_standard_output_does_not(start: Start, config: Config, here: Path) -> None:
    import pty

    _input(here)
    ours, theirs = pty.openpty()
    command = ["enrich", "in.csv", "--out", "-", "--config", config("clitest_known")]
    process = start(command, stderr=theirs, env={"TERM": "xterm", "COLUMNS": "140"})
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 65536):
            shown += chunk
    except OSError:
        pass  # how a pseudo-terminal says that its other end is closed
    finally:
        os.close(ours)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, shown
    for needle in (b"30/30 rows", b"fill rate 100.0%", b"rows/s", b"clitest_known", b"misses", b"\x1b[?25h"):
        assert needle in shown
    assert b"\x1b" not in output
    assert output.count(b",found,") == 30


def test_a_pipe_gets_no_view(start: Start, config: Config, here: Path) -> None:
    _input(here)
    process = start(["enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known")])
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert output == b""
    assert b"\x1b" not in errors
    assert b"rows/s" not in errors
    assert b"30 found" in errors


# --- for a program ----------------------------------------------------------------------------------------------------


def check(event: dict[str, Any]) -> None:
    """An event of the documented form."""
    assert event.keys() == SCHEMA.keys()
    for name, kind in SCHEMA.items():
        assert isinstance(event[name], kind), name
    for provider in event["providers"]:
        assert provider.keys() == PROVIDER.keys()
        for name, kind in PROVIDER.items():
            assert isinstance(provider[name], kind), name
        assert provider["latency_ms"].keys() == {"p50", "p95"}


def test_a_program_gets_nothing_but_json_lines(
    cli: Cli, config: Config, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLITEST_KEY", "k")
    _input(here)
    path = config("clitest_paid", more=PRICE)
    result = cli("enrich", "in.csv", "--out", "-", "--config", path, "--budget", "2 USD", "--progress", "json")
    assert result.exit_code == 3
    said = events(result.stderr)
    assert {event["event"] for event in said} <= {"note", "progress", "finished"}
    [end] = [event for event in said if event["event"] == "finished"]
    check(end)
    assert (end["rows"], end["total"], end["found"], end["incomplete"]) == (30, 30, 20, 10)
    assert (Decimal(end["cost"]), end["currency"], end["fill_rate"]) == (Decimal(2), "USD", 0.6667)
    assert {name: Decimal(amount) for name, amount in end["budget"].items()} == {"limit": 2, "spent": 2}
    [provider] = end["providers"]
    assert [provider[name] for name in ("name", "state", "hits", "misses", "errors")] == [
        "clitest_paid", "closed", 20, 0, 0,
    ]  # fmt: skip
    assert provider["latency_ms"]["p50"] <= provider["latency_ms"]["p95"]
    assert "10 rows over budget" in said[-1]["text"]
    again = cli("enrich", "in.csv", "--out", "out.csv", "--config", path, "--budget", "2 USD", "--progress", "json")
    [end] = [event for event in events(again.stderr) if event["event"] == "finished"]
    assert Decimal(end["budget"]["spent"]) == 1  # of another output


def test_what_ends_a_command_is_json_too(cli: Cli, config: Config) -> None:
    result = cli("enrich", "no.csv", "--out", "-", "--config", config("clitest_known"), "--progress", "json")
    assert result.exit_code == 2
    [said] = events(result.stderr)
    assert said == {"event": "note", "text": "enrichcore: no.csv: cannot read the input: No such file or directory"}


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_progress_goes_on_while_no_row_is_done(start: Start, config: Config, here: Path) -> None:
    _input(here, 3)
    command = ["enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_slow"), "--progress", "json"]
    process = start(command, env={"CLITEST_SLOW": "4"})
    assert process.stderr is not None
    seen: list[dict[str, Any]] = []
    while sum(event["event"] == "progress" for event in seen) < 2:
        seen.append(json.loads(process.stderr.readline()))
    process.send_signal(signal.SIGINT)
    said = [*seen, *events(process.communicate(timeout=60)[1].decode())]
    assert process.returncode == 130
    for event in said:
        if event["event"] != "note":
            check(event)
    assert [event["rows"] for event in said if event["event"] == "progress"][:2] == [0, 0]
    assert "Run the same command again to continue" in said[-1]["text"]


def test_none_is_none(cli: Cli, config: Config, here: Path) -> None:
    _input(here)
    result = cli("enrich", "in.csv", "--out", "out.csv", "--config", config("clitest_known"), "--progress", "none")
    assert "rows/s" not in result.stderr
    assert "30 found" in result.stderr


# --- what is said -----------------------------------------------------------------------------------------------------


def pulse_of(clock: Callable[[], float], total: int | None = None, passed_over: int = 0) -> Pulse:
    return Pulse(total=total, clock=clock, passed_over=lambda: passed_over)


def progress(shown: str | None = "lines") -> Progress:
    return Progress("x", pulse_of(lambda: 0.0, total=1), shown)


def test_a_wait_is_said_once_and_short_ones_not_at_all(capsys: pytest.CaptureFixture[str]) -> None:
    with progress() as shown:
        shown.waiting("acme", "paced", 0.2)
        for _ in range(5):
            shown.waiting("acme", "open", 65.0)
        shown.waiting("globex", "parked", 30.0)
    said = capsys.readouterr().err.splitlines()
    assert said == [
        "waiting 1 min 05 s for acme (open): Ctrl-C stops and loses nothing",
        "waiting 30 s for globex (parked): top up its account and it goes on; Ctrl-C stops and loses nothing",
    ]


def test_a_wait_is_an_event_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("json") as shown:
        shown.waiting("acme", "open", 65.0)
    said = events(capsys.readouterr().err)
    assert said[0] == {"event": "waiting", "provider": "acme", "reason": "open", "seconds": 65.0}
    assert said[1]["event"] == "finished"
    assert said[1]["brake"] == {"provider": "acme", "reason": "open", "seconds": 65.0}


FACTS: dict[str, Any] = {
    "elapsed": 10.0, "rows": 1200, "total": 20_000, "statuses": {"found": 600, "not_found": 400, "incomplete": 0},
    "skipped": 200, "fill_rate": 0.6, "cost": Decimal("12.3"), "currency": "USD", "limit": Decimal(300),
    "spent": Decimal("20.00"), "rows_per_second": 41.27, "left": 455.0, "brake": None, "providers": {},
}  # fmt: skip


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, "1,200/20,000 rows · 41.3 rows/s · 7 min 35 s left · 600 found · fill rate 60.0% · 20.00 of 300.00 USD"),
        (
            {"total": None, "left": None, "limit": None},
            "1,200 rows · 41.3 rows/s · 600 found · fill rate 60.0% · 12.30 USD",
        ),
        (
            {"fill_rate": None, "cost": Decimal(0), "limit": None, "left": None, "brake": Brake("acme", "paced", 12.0)},
            "1,200/20,000 rows · 41.3 rows/s · waiting for acme (paced, 12 s) · 600 found",
        ),
    ],
)
def test_a_moment_in_one_line(facts: dict[str, Any], said: str) -> None:
    assert line(Beat(**{**FACTS, **facts})) == said


# --- what is counted --------------------------------------------------------------------------------------------------


class Clock:
    """Seconds that a test sets."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def result(status: Status, *outcomes: Outcome, cached: bool = False, cost: str = "0") -> PhoneResult:
    attempts = tuple(
        Attempt(
            provider="acme", method=Method.EMAIL, outcome=outcome, duration_ms=100.0 * n, cached=cached,
            billed=Billed.YES, cost=Decimal(cost),
        )
        for n, outcome in enumerate(outcomes, 1)
    )  # fmt: skip
    return PhoneResult(record_id="1", status=status, attempts=attempts, cost=Decimal(cost))


def test_what_was_stored_already_and_what_was_not_asked_is_not_what_a_provider_does() -> None:
    pulse = pulse_of(Clock(), total=4, passed_over=1)
    for each in (
        result(Status.FOUND, Outcome.MISS, Outcome.HIT, cost="0.05"),
        result(Status.NOT_FOUND, Outcome.REJECTED, Outcome.ERROR, Outcome.SKIPPED),
        result(Status.FOUND, Outcome.HIT, cached=True),
        result(Status.INVALID),
        result(Status.INVALID),
    ):
        pulse.add(each)
    beat = pulse.beat({"acme": "paced", "bee": "closed"})
    assert provider_rows(beat) == [
        ("acme", "paced", "1", "1", "1", "1", "200, 200"),
        ("bee", "closed", "0", "0", "0", "0", ""),
    ]
    assert (beat.rows, beat.found, beat.cost, beat.fill_rate) == (5, 2, Decimal("0.10"), 2 / 3)
    assert (beat.statuses["invalid"], beat.skipped) == (1, 1)


def test_the_speed_is_that_of_the_last_half_minute_and_says_how_much_is_left() -> None:
    clock = Clock()
    pulse = pulse_of(clock, total=1000)
    for second in range(1, 101):
        clock.now = float(second)
        for _ in range(1 if second <= 60 else 5):
            pulse.add(result(Status.NOT_FOUND))
        beat = pulse.beat({})
    assert beat.rows == 260
    assert beat.rows_per_second == pytest.approx(5.0)
    assert beat.left == pytest.approx((1000 - 260) / 5)


def test_a_brake_is_the_longest_wait_that_is_not_over() -> None:
    clock = Clock()
    pulse = pulse_of(clock)
    pulse.waiting("acme", "paced", 10.0)
    pulse.waiting("bee", "open", 60.0)
    pulse.waiting("acme", "paced", 5.0)
    assert pulse.beat({}).brake == Brake("bee", "open", 60.0)
    clock.now = 61.0
    assert pulse.beat({}).brake is None


def test_a_latency_is_that_of_the_latest_calls() -> None:
    doing = Doing()
    assert doing.latency(0.5) is None
    doing.durations.extend([9_999.0] * 50 + [float(n) for n in range(1, 129)])
    assert (doing.latency(0.5), doing.latency(0.95), doing.latency(1.0)) == (65.0, 122.0, 128.0)
    assert len(doing.durations) == 128


def test_the_documented_fields_are_all_there() -> None:
    told = Beat(**{**FACTS, "providers": {"acme": ("open", Doing())}}).to_dict()
    check({"event": "progress", **told})
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "enrich-a-file.md").read_text("utf-8")
    for name in (*told, *told["providers"][0]):
        assert f"`{name}`" in page, name
