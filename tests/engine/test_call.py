"""One call of a plugin's code: whatever it does comes out as an answer, a job or a typed error."""

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.engine import call
from enrichcore.engine.channel import NO_HTTP
from enrichcore.engine.transport import Wire
from enrichcore.model import Hit, Job, Miss, Number, Person
from enrichcore.plugins import Missed, Provider
from enrichcore.store.codec import decode_answer, encode_answer

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

HIT = Hit(Number("+12025550143"), person=Person(name="Ada Lovelace"))


class Wired:
    """A client that has come so far."""

    requests = 1

    def __init__(self, wire: Wire) -> None:
        self.wire = wire


def outcome_of(lab: "Lab", said: Any, *, wire: Wire = Wire.ANSWERED, limit: float = 5.0, blocking: bool = False) -> Any:
    """What a hook comes to that says this: a value to return, an error to raise, or a function to call."""

    async def hook(query: Any, http: Any) -> Any:
        return await asyncio.sleep(0, act(said))

    def plain(query: Any, http: Any) -> Any:
        return act(said)

    query: Any = None
    http: Any = Wired(wire)

    async def work() -> Any:
        called: Any = said if inspect.iscoroutinefunction(said) else plain if blocking else hook
        return await call.ask(called, query, http, limit, lab.runtime, blocking=blocking)

    return lab.play(work)


def act(said: Any) -> Any:
    if isinstance(said, BaseException) or (isinstance(said, type) and issubclass(said, BaseException)):
        raise said
    return said() if callable(said) else said


@pytest.mark.parametrize("answer", [HIT, Miss(), Miss(HIT.person), Job("j1"), Job("j1", ready_in=2.0)], ids=repr)
@pytest.mark.parametrize("blocking", [False, True])
def test_an_answer_is_passed_on(lab: "Lab", answer: Any, blocking: bool) -> None:
    assert outcome_of(lab, answer, blocking=blocking) == answer


def test_an_answer_from_memory_needs_no_turn_of_the_loop(lab: "Lab") -> None:
    async def at_once(query: Any, http: Any) -> Hit:
        return HIT

    assert outcome_of(lab, at_once) is HIT


def test_a_hit_without_a_number_is_a_miss(lab: "Lab") -> None:
    said = Hit(person=HIT.person, credits=Decimal(1))
    assert outcome_of(lab, said) == Miss(HIT.person, credits=Decimal(1))


GARBAGE = [
    None, True, 0, "", "+12025550143", b"x", [], [HIT], {}, {"phone": "+1"}, object(), Hit, Miss, Number("+1"), 3.5,
]  # fmt: skip


@pytest.mark.parametrize(
    "said", [lambda said=said: said for said in GARBAGE], ids=[repr(said)[:20] for said in GARBAGE]
)
@pytest.mark.parametrize("blocking", [False, True])
def test_something_that_is_no_answer_is_the_plugins_fault(lab: "Lab", said: Callable[[], Any], blocking: bool) -> None:
    error = outcome_of(lab, said, blocking=blocking)
    assert isinstance(error, errors.PluginFault)
    assert "expected Hit, Miss or Job" in str(error)


@pytest.mark.parametrize(
    "said",
    [Hit("+12025550143"), Hit(None), Hit(Number("+1"), person="Ada"), Miss("Ada"), Job(""), Job(7), Job(None)],  # type: ignore[arg-type]
    ids=repr,
)
def test_an_answer_of_the_wrong_parts_is_the_plugins_fault(lab: "Lab", said: Any) -> None:
    assert isinstance(outcome_of(lab, said), errors.PluginFault)


ODD: list[Any] = [7, 1.5, True, ["x"], {"a": 1}, b"x", object(), "\ud800", "x" * 100_000, float("nan")]


@pytest.mark.parametrize("odd", ODD, ids=[repr(odd)[:20] for odd in ODD])
def test_values_of_a_wrong_kind_inside_an_answer_do_not_cost_it(lab: "Lab", odd: Any) -> None:
    """The answer is paid for: it must be judged, written down and read back, without what cannot be meant."""
    said = Hit(
        Number("+12025550143", type=odd, country=odd, score=odd, do_not_call=odd, company_line=odd),
        Number(odd),
        person=Person(name=odd, company=odd, domain=odd, title=odd, country=odd, email=odd, linkedin_id=odd, score=odd),
        credits=odd,
    )
    outcome = outcome_of(lab, said)
    assert isinstance(outcome, Hit)
    assert isinstance(decode_answer(encode_answer(outcome)), Hit)
    assert outcome.credits is None or outcome.credits >= Decimal(0)
    for number in outcome.numbers:
        assert number.do_not_call in (None, True, False)


@pytest.mark.parametrize("error", errors.PROVIDER_ERRORS, ids=lambda kind: kind.code)
def test_a_typed_error_is_passed_on(lab: "Lab", error: type[errors.ProviderError]) -> None:
    assert type(outcome_of(lab, error)) is error


def test_a_status_that_the_provider_calls_a_miss_is_one(lab: "Lab") -> None:
    assert outcome_of(lab, Missed) == Miss()


READING = [KeyError("phones"), IndexError(), TypeError(), AttributeError(), ValueError(), AssertionError()]


@pytest.mark.parametrize("error", READING, ids=repr)
def test_a_slip_while_reading_an_answer_means_that_it_is_unreadable(lab: "Lab", error: Exception) -> None:
    assert type(outcome_of(lab, error)) is errors.Unreadable
    assert type(outcome_of(lab, error, wire=Wire.UNSENT)) is errors.PluginFault


@pytest.mark.parametrize("error", [RuntimeError("canary"), OSError(), SystemExit(3), MemoryError(), Exception("x")])
@pytest.mark.parametrize("blocking", [False, True])
def test_whatever_else_a_plugin_raises_is_its_own_fault_and_is_not_quoted(
    lab: "Lab", error: BaseException, blocking: bool
) -> None:
    outcome = outcome_of(lab, error, blocking=blocking)
    assert type(outcome) is errors.PluginFault
    assert type(error).__name__ in str(outcome)
    assert "canary" not in str(outcome)


def test_a_cancellation_of_the_plugins_own_making_is_its_fault(lab: "Lab") -> None:
    """Nobody cancelled us: a task inside the plugin was, and that must not look like a forced close."""
    assert type(outcome_of(lab, asyncio.CancelledError)) is errors.PluginFault


def test_a_real_cancellation_goes_through(lab: "Lab") -> None:
    async def work() -> None:
        query: Any = None
        hook: Any = lambda *_: asyncio.sleep(3600)  # noqa: E731
        task = asyncio.create_task(call.ask(hook, query, NO_HTTP, 60.0, lab.runtime))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    lab.play(work)


def test_a_keyboard_interrupt_is_not_the_plugins(lab: "Lab") -> None:
    with pytest.raises(KeyboardInterrupt):
        outcome_of(lab, KeyboardInterrupt)


@pytest.mark.parametrize(
    ("wire", "expected"),
    [(Wire.UNSENT, errors.Unsent), (Wire.MAYBE_SENT, errors.MaybeSent), (Wire.ANSWERED, errors.MaybeSent)],
)
def test_a_timeout_means_unsent_only_when_nothing_was_sent(
    lab: "Lab", wire: Wire, expected: type[errors.ProviderError]
) -> None:
    async def hang(query: Any, http: Any) -> None:
        await asyncio.sleep(3600)

    assert type(outcome_of(lab, hang, wire=wire)) is expected


def test_a_timeout_error_of_the_plugins_own_is_no_timeout_of_ours(lab: "Lab") -> None:
    assert type(outcome_of(lab, TimeoutError, wire=Wire.UNSENT)) is errors.PluginFault


def test_an_answer_that_comes_after_the_timeout_is_still_taken(lab: "Lab") -> None:
    """The plugin was cancelled and answered all the same: the answer is paid for."""

    async def stubborn(query: Any, http: Any) -> Hit:
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            await asyncio.sleep(1)
        return HIT

    assert outcome_of(lab, stubborn) is HIT


@pytest.mark.parametrize("inner", [asyncio.timeout, asyncio.wait_for])
def test_timeouts_and_tasks_inside_a_hook_work_as_usual(lab: "Lab", inner: Any) -> None:
    async def hook(query: Any, http: Any) -> Hit | Miss:
        try:
            if inner is asyncio.timeout:
                async with asyncio.timeout(1.0):
                    await asyncio.sleep(3600)
            else:
                await asyncio.wait_for(asyncio.sleep(3600), 1.0)
        except TimeoutError:
            async with asyncio.TaskGroup() as group:
                group.create_task(asyncio.sleep(0.5))
            return HIT
        return Miss()

    assert outcome_of(lab, hook) is HIT


def test_a_blocking_hook_runs_in_a_thread_and_the_loop_goes_on(lab: "Lab") -> None:
    released = threading.Event()
    seen: list[str] = []

    def plain(query: Any, http: Any) -> Hit:
        seen.append(threading.current_thread().name)
        assert released.wait(10)
        return HIT

    async def work() -> Any:
        query: Any = None
        task = asyncio.create_task(call.ask(plain, query, NO_HTTP, 60.0, lab.runtime, blocking=True))
        while not seen:  # noqa: ASYNC110 - the thread has no event of this loop
            await asyncio.sleep(0)
        released.set()  # only a loop that still runs gets here
        try:
            return await task
        finally:
            lab.runtime.close()

    assert lab.play(work) is HIT
    assert seen[0].startswith("enrichcore")


def test_a_blocking_hook_that_hangs_is_left_to_itself(lab: "Lab") -> None:
    """Its thread cannot be stopped; what it sent nobody knows."""
    released = threading.Event()

    def plain(query: Any, http: Any) -> None:
        released.wait(10)

    async def work() -> Any:
        query: Any = None
        try:
            return await call.ask(plain, query, NO_HTTP, 0.0, lab.runtime, blocking=True)
        finally:
            released.set()
            lab.runtime.close()

    assert type(lab.play(work)) is errors.MaybeSent


# --- collecting the answer of a job -----------------------------------------------------------------------------------


class Collector(Provider):
    name = "collector"

    def __init__(self, said: Any) -> None:
        self.said = said

    async def collect(self, job: Job, query: Any, http: Any) -> Any:
        return await asyncio.sleep(0, act(self.said))


COLLECTED: list[tuple[Any, Any]] = [
    (HIT, Hit), (Miss(), Miss), (Job("j1"), Job), (None, errors.PluginFault), (errors.JobFailed(), errors.JobFailed),
    (KeyError("x"), errors.Unreadable), (SystemExit(1), errors.PluginFault), (Missed, Miss),
    (asyncio.CancelledError, errors.PluginFault),
]  # fmt: skip


@pytest.mark.parametrize(("said", "kind"), COLLECTED, ids=repr)
def test_collecting_a_job_is_sorted_the_same_way(lab: "Lab", said: Any, kind: type[Any]) -> None:
    http: Any = Wired(Wire.ANSWERED)
    query: Any = None

    def work() -> Awaitable[Any]:
        return call.collect(Collector(said), Job("j1"), query, http, 5.0)

    assert type(lab.play(work)) is kind  # type: ignore[arg-type]


def test_a_provider_that_returns_a_job_and_cannot_collect_it_is_told_so(lab: "Lab") -> None:
    query: Any = None
    outcome = lab.play(lambda: call.collect(Provider(), Job("j1"), query, NO_HTTP, 5.0))
    assert isinstance(outcome, errors.PluginFault)
