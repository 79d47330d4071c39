"""A vendor's job: submitted once, however often it is interrupted, and by whatever engine it is collected."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NoReturn

import attrs
import pytest

from enrichcore.model import Billed, Outcome, Status

if TYPE_CHECKING:
    from tests.faults.conftest import Action
    from tests.faults.vendors.conftest import Rig, Told

JOB = "5b0c6a1e-3f77-4c2b-9d11-7a2e0c9f4410"
PHONE, NEXT_PHONE = "+12025550123", "+12025550177"
FAR = "3000"
CUT = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"status": "FINI'
HIT, MISS, ERROR, SKIPPED = Outcome.HIT, Outcome.MISS, Outcome.ERROR, Outcome.SKIPPED
NO, YES, UNKNOWN = Billed.NO, Billed.YES, Billed.UNKNOWN

pytestmark = pytest.mark.parametrize("rig", ["fullenrich poll"], indirect=True)


def says(word: str) -> Callable[["Rig"], object]:
    return lambda rig: rig.play(rig.says(word))


def plays(fault: Callable[["Rig"], "Action"]) -> Callable[["Rig"], object]:
    return lambda rig: rig.play(fault(rig))


@attrs.frozen(kw_only=True)
class End:
    """What ends a job: what it comes to, and what the next lookup does when nothing is wrong any more."""

    play: Callable[["Rig"], object]
    outcome: Outcome = ERROR
    reason: str | None
    billed: Billed = NO
    state: str = "closed"
    failures: int = 0
    then: tuple[Outcome, str | None]
    then_asked: bool = False


def unreadable(body: bytes) -> End:
    return End(
        play=plays(lambda rig: rig.server.reply(200, body=body)), reason="unreadable", billed=YES, failures=1,
        then=(ERROR, "unreadable"),
    )  # fmt: skip


ENDS: dict[str, End] = {
    "found": End(play=says("found"), outcome=HIT, reason=None, billed=YES, then=(HIT, None)),
    "not found": End(play=says("not found"), outcome=MISS, reason=None, then=(MISS, None)),
    "out of credits": End(
        play=says("out of credits"), reason="out_of_credits", state="parked", then=(SKIPPED, "parked")
    ),
    "canceled": End(play=says("canceled"), reason="job_failed", then=(HIT, None), then_asked=True),
    "unknown to the vendor": End(play=says("gone"), reason="job_failed", then=(HIT, None), then_asked=True),
    "not JSON": unreadable(b"<!doctype html><title>Sign in</title>"),
    "JSON cut short": unreadable(b'{"status": "FINISHED", "data": [{"con'),
    "another shape": unreadable(b'{"phones": ["+12025550123"]}'),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_a_job_is_settled_with_its_id(rig: "Rig", end: str) -> None:
    """The table of events, one phase later; a job that failed unbilled may be submitted anew."""
    expected = ENDS[end]
    expected.play(rig)
    [told] = rig.ask("1")
    attempt = told.attempt
    assert (attempt.outcome, attempt.reason, attempt.billed) == (expected.outcome, expected.reason, expected.billed)
    assert told.next_asked == (0 if expected.outcome is HIT else 1)
    assert (told.state, told.failures) == (expected.state, expected.failures)
    assert told.asked == {"submit": 1, "poll": 1}
    [row] = rig.rows()
    assert (row.outcome, row.reason, row.billed) == (attempt.outcome, attempt.reason, attempt.billed)
    assert (row.id, row.job) == (attempt.id, JOB)
    rig.heal()
    [again] = rig.ask("2")
    assert (again.attempt.outcome, again.attempt.reason) == expected.then
    assert again.asked == ({"submit": 1, "poll": 1} if expected.then_asked else {})


INTERRUPTIONS: dict[str, Callable[["Rig"], object]] = {
    "still running": says("pending"),
    "bad key": says("bad key"),
    "429 beyond the deadline": plays(lambda rig: rig.says("rate limited", Retry_After=FAR)),
    "5xx": plays(lambda rig: rig.server.reply(503, body=b"<html>busy</html>")),
    "a server error in the vendor's words": says("server error"),
    "another bad request": plays(lambda rig: rig.server.reply(400, {"code": "error.other", "message": ""})),
    "refused": lambda rig: rig.refuse(),
    "hang before the request is read": lambda rig: rig.never_read(),
    "hang after the request": plays(lambda rig: rig.server.hang()),
    "reset after the request": plays(lambda rig: rig.server.reset()),
    "closed after the request": plays(lambda rig: rig.server.raw(b"")),
    "body cut by a close": plays(lambda rig: rig.server.raw(CUT)),
    "body cut by a reset": plays(lambda rig: rig.server.raw(CUT, "reset")),
}
"""What leaves a job as it is."""


@pytest.mark.parametrize("event", INTERRUPTIONS)
def test_what_interrupts_a_job_leaves_it_to_the_next_lookup(
    rig: "Rig", event: str, hurry: Callable[[pytest.MonkeyPatch, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its intent stays open and the cascade goes on; the next engine polls the stored id and submits nothing."""
    INTERRUPTIONS[event](rig)
    with monkeypatch.context() as patch:
        if event.startswith("hang"):
            hurry(patch, "call")
        [told] = rig.ask("1")
    attempt = told.attempt
    assert (attempt.outcome, attempt.reason, attempt.billed) == (ERROR, "pending", UNKNOWN)
    assert (told.next_asked, told.result.phone) == (1, NEXT_PHONE)
    assert (told.state, told.failures) == ("suspended" if event == "bad key" else "closed", 0)
    assert (told.asked["submit"], told.in_doubt) == (1, 1)
    [row] = rig.rows()
    assert (row.outcome, row.settled_at, row.job) == (None, None, JOB)
    rig.heal()
    [again] = rig.ask("2", prepare=lambda engine: engine.resume("fullenrich"))
    assert (again.attempt.outcome, again.attempt.billed, again.asked) == (HIT, YES, {"poll": 1})
    assert again.in_doubt == 0
    [row] = rig.rows()
    assert (row.outcome, row.billed, row.credits, row.job) == (HIT, YES, Decimal(10), JOB)


@pytest.mark.parametrize(
    "event", [e for e in INTERRUPTIONS if e not in ("bad key", "refused", "429 beyond the deadline")]
)
def test_an_interruption_that_passes_is_outlived_within_the_lookup(
    rig: "Rig",
    event: str,
    polls: Callable[..., None],
    hurry: Callable[[pytest.MonkeyPatch, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The poll is repeated, the submission never; one row, one charge."""
    polls(0.02)
    INTERRUPTIONS[event](rig)
    if rig.faults:
        rig.play(rig.faults[0], rig.says("found"))
    with monkeypatch.context() as patch:
        if event.startswith("hang"):
            hurry(patch, "call")
        [told] = rig.ask("1")
    assert (told.attempt.outcome, told.attempt.tries, told.next_asked) == (HIT, 1, 0)
    assert told.asked["submit"] == 1
    [row] = rig.rows()
    assert (row.outcome, row.billed, row.job) == (HIT, YES, JOB)


def test_the_job_id_is_in_the_file_before_the_first_poll(rig: "Rig") -> None:
    """The server looks into the journal at the moment when the poll arrives."""
    seen: list[tuple[Any, ...]] = []

    def look(phase: str) -> None:
        if phase == "poll":
            seen.extend((row.job, row.outcome) for row in rig.rows())

    rig.before = look
    [told] = rig.ask("1")
    assert told.attempt.outcome is HIT
    assert seen == [(JOB, None)]


def test_a_deadline_before_the_first_poll_leaves_the_job_to_the_same_engine(
    rig: "Rig", polls: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The caller gets an incomplete result with a time to ask again; the second lookup collects."""
    monkeypatch.setattr(rig.vendor.provider, "typical", 0.1)
    following = rig.following()
    following.phone_by_linkedin = None  # type: ignore[method-assign, assignment]

    async def run() -> tuple["Told", "Told"]:
        async with rig.engine(following) as engine:
            polls(1000.0, first=1000.0)
            first = await rig.lookup(engine, following, "1", 5.0)
            polls(0.02)
            return first, await rig.lookup(engine, following, "1")

    first, second = asyncio.run(run())
    assert (first.result.status, first.result.reason) == (Status.INCOMPLETE, "pending")
    assert first.result.retry_at is not None
    assert first.asked == {"submit": 1}
    assert (second.result.phone, second.asked) == (PHONE, {"poll": 1})
    [row] = rig.rows()
    assert (row.outcome, row.job) == (HIT, JOB)


def test_two_lookups_at_once_share_one_job(rig: "Rig", polls: Callable[..., None]) -> None:
    """Two records of the same person: the second waits for the first and finds its answer in the journal."""
    polls(0.02)
    rig.play(rig.says("pending"), rig.says("pending"), rig.says("found"))
    following = rig.following()

    async def run() -> list["Told"]:
        async with rig.engine(following) as engine:
            return await asyncio.gather(*[rig.lookup(engine, following, str(n)) for n in range(5)])

    told = asyncio.run(run())
    assert {one.result.phone for one in told} == {PHONE}
    assert [rig.phase_of(seen) for seen in rig.server.requests] == ["submit", "poll", "poll", "poll"]
    assert len(rig.rows()) == 1


def test_an_engine_closed_by_force_leaves_the_job_to_the_next(rig: "Rig") -> None:
    """A cancelled poll: the intent and the id stand in the file."""
    polled = threading.Event()
    rig.before = lambda phase: polled.set() if phase == "poll" else None
    rig.play(rig.server.hang())
    following = rig.following()

    async def run() -> None:
        engine = rig.engine(following)
        async with engine:
            task = asyncio.create_task(rig.lookup(engine, following, "1"))
            await asyncio.to_thread(polled.wait, 10)
            await engine.aclose(force=True)
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    [row] = rig.rows()
    assert (row.outcome, row.job) == (None, JOB)
    rig.heal()
    [told] = rig.ask("2")
    assert (told.attempt.outcome, told.asked) == (HIT, {"poll": 1})


CHILD = """
    import asyncio, sys
    from enrichcore import AsyncEngine, Contact
    from enrichcore.plugins import Poll
    from enrichcore_fullenrich import FullEnrich

    async def main():
        FullEnrich.poll = Poll(first=0.01)
        async with AsyncEngine(config=sys.argv[1], providers=["fullenrich"], transport=sys.argv[2]) as engine:
            await engine.enrich_phone(Contact(record_id="1", linkedin_id=sys.argv[3]))

    asyncio.run(main())
"""


@pytest.mark.parametrize("killed_in", ["submit", "poll"])
def test_a_process_killed_with_a_job_is_never_followed_by_a_second_submission(
    rig: "Rig", killed_in: str, require: Callable[[str], NoReturn]
) -> None:
    """SIGKILL while the vendor has the question: with its id the job is collected, without it it stays in doubt."""
    if not hasattr(signal, "SIGKILL"):
        require("this system has no SIGKILL")
    asked = threading.Event()
    rig.phase = killed_in
    rig.before = lambda phase: asked.set() if phase == killed_in else None
    rig.play(rig.server.hang())
    rig.configure("fullenrich")
    child = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(rig.config), rig.kind, "mara-ellsworth-0141"],
        env={k: v for k, v in os.environ.items() if not k.startswith("ENRICHCORE_")},
    )
    try:
        assert asked.wait(30)
    finally:
        child.kill()
        child.wait()
    [row] = rig.rows()
    assert (row.outcome, row.job) == (None, JOB if killed_in == "poll" else None)
    rig.heal()
    [told] = rig.ask("2")
    if killed_in == "poll":
        assert (told.attempt.outcome, told.attempt.billed, told.asked) == (HIT, YES, {"poll": 1})
    else:
        assert (told.attempt.outcome, told.attempt.reason, told.asked) == (SKIPPED, "in_doubt", {})
        assert told.result.phone == NEXT_PHONE
        [row] = rig.rows()
        assert (row.outcome, row.reason, row.billed) == (ERROR, "in_doubt", UNKNOWN)


def test_an_email_leads_to_a_linkedin_id_and_that_to_a_number(rig: "Rig") -> None:
    """Two jobs: the first says who it is (1 credit) and is a miss, the second finds the number (10 credits)."""
    following = rig.following()
    following.phone_by_email = None  # type: ignore[method-assign, assignment]
    person = {"record_id": "1", "email": "mara@northquay.example"}

    async def run() -> "Told":
        async with rig.engine(following) as engine:
            return await rig.lookup(engine, following, person)

    told = asyncio.run(run())
    assert (told.result.phone, told.result.linkedin_id) == (PHONE, "mara-ellsworth-0141")
    assert told.asked == {"submit email": 1, "poll email": 1, "submit": 1, "poll": 1}
    by_method = {row.method: (row.outcome, row.billed, row.credits) for row in rig.rows()}
    assert by_method == {"email": (MISS, YES, Decimal(1)), "linkedin": (HIT, YES, Decimal(10))}
