"""Engine: the same engine without await, from any thread, under a running loop, after a fork, at a program's end."""

import asyncio
import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import pytest

from enrichcore import (
    Acceptance,
    Attempt,
    ConfigError,
    Contact,
    Engine,
    EngineClosed,
    InvalidContact,
    StoreError,
)
from enrichcore.errors import KeyRefused
from enrichcore.model import Hit, Miss, Number, Query
from enrichcore.testing import FakeProvider

ADA = Contact(record_id="1", email="ada@known.example")
NUMBER = "+12025550143"


def portals() -> int:
    return sum(thread.name == "enrichcore-portal" for thread in threading.enumerate())


def known(query: Any) -> Hit | Miss:
    return Hit(Number(NUMBER)) if query.email.endswith("@known.example") else Miss()


def make(answers: Any = known, **options: Any) -> Engine:
    provider = FakeProvider(answers, methods=["email"])
    options.setdefault("store", "memory")
    return Engine(providers=[provider], acceptance=Acceptance(allow_fictional=True), env={}, **options)


@pytest.fixture
def engine() -> Iterator[Engine]:
    with make() as made:
        yield made


def test_the_thread_starts_on_the_first_call_and_ends_with_the_engine() -> None:
    before = portals()
    engine = make()
    assert portals() == before
    assert engine.enrich_phone(ADA).phone == NUMBER
    assert portals() == before + 1
    engine.enrich_phone(ADA)
    assert portals() == before + 1
    engine.close()
    assert portals() == before


def test_one_that_was_never_used_closes_without_having_started() -> None:
    before = portals()
    make().close()
    assert portals() == before


def test_wrong_arguments_are_said_at_once() -> None:
    with pytest.raises(ConfigError, match="not installed"):
        Engine(providers=["vendor_x"], store="memory", env={})
    with pytest.raises(TypeError):
        Engine(nonsense=1)


def test_it_does_what_the_async_engine_does(engine: Engine) -> None:
    assert engine.enrich_phone({"record_id": "2", "email": "bob@other.example"}).status == "not_found"
    assert engine.enrich_phone(ADA, deadline=5, refresh=True).found
    told = engine.explain("2")
    assert told is not None
    assert told.status == "not_found"
    assert engine.explain("nobody") is None


@pytest.mark.parametrize(
    ("call", "error"),
    [
        (lambda engine: engine.enrich_phone({"email": 5}), InvalidContact),
        (lambda engine: engine.enrich_phone(ADA, max_age="soon"), ConfigError),
        (lambda engine: engine.enrich_phone(ADA, nonsense=1), TypeError),
        (lambda engine: list(engine.enrich_phones([ADA], concurrency=0)), ConfigError),
        (lambda engine: list(engine.enrich_phones(1 / 0 for _ in [1])), ZeroDivisionError),
        (lambda engine: list(engine.enrich_phones(None)), TypeError),
        (lambda engine: engine.resume("nobody"), ConfigError),
    ],
)
def test_exceptions_pass_through_and_the_engine_goes_on(engine: Engine, call: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        call(engine)
    assert engine.enrich_phone(ADA).found


def test_a_suspended_provider_is_resumed() -> None:
    answers: list[Any] = [KeyRefused("no"), NUMBER]
    with make(lambda _query: _raise_or(answers.pop(0))) as engine:
        assert engine.enrich_phone(ADA).reason == "key_refused"
        assert engine.enrich_phone(ADA).reason == "suspended"
        engine.resume("fake")
        assert engine.enrich_phone(ADA).found


def test_a_provider_is_resumed_for_a_tenant() -> None:
    answers: list[Any] = [KeyRefused("no"), NUMBER]
    with make(lambda _query: _raise_or(answers.pop(0))) as engine:
        tenant = engine.for_tenant("globex")
        assert tenant.enrich_phone(ADA).reason == "key_refused"
        tenant.resume("fake")
        assert tenant.enrich_phone(ADA).found


def _raise_or(said: Any) -> Any:
    if isinstance(said, Exception):
        raise said
    return said


def test_many_contacts_come_out_in_order_when_asked(engine: Engine) -> None:
    contacts = [{"record_id": str(i), "email": f"p{i}@known.example"} for i in range(3000)]
    results = list(engine.enrich_phones(contacts, ordered=True, concurrency=7))
    assert [r.record_id for r in results] == [c["record_id"] for c in contacts]
    assert all(r.found for r in results)


def test_a_slow_reader_does_not_make_the_engine_run_ahead_without_end(engine: Engine) -> None:
    taken = 0

    def contacts() -> Iterator[dict[str, str]]:
        nonlocal taken
        while True:
            taken += 1
            yield {"record_id": str(taken), "email": f"p{taken}@known.example"}

    results = engine.enrich_phones(contacts(), concurrency=5)
    for _ in range(10):
        next(results)
    results.close()  # type: ignore[attr-defined]
    assert taken < 5000


def test_a_generator_that_is_closed_early_stops_and_the_engine_goes_on(engine: Engine) -> None:
    results = engine.enrich_phones({"record_id": str(i), "email": f"p{i}@known.example"} for i in range(10**9))
    assert next(results).found
    results.close()  # type: ignore[attr-defined]
    assert engine.enrich_phone(ADA).found
    assert list(results) == []


def test_a_generator_that_is_never_started_asks_nobody() -> None:
    provider = FakeProvider(known, methods=["email"])
    with Engine(providers=[provider], store="memory", env={}) as engine:
        engine.enrich_phones([ADA])
    assert provider.calls == []


def test_closing_ends_a_generator_with_an_error_instead_of_silence() -> None:
    """Rows that were not read are missing; a loop over them must not look finished."""
    engine = make()
    results = engine.enrich_phones({"record_id": str(i), "email": f"p{i}@known.example"} for i in range(10**9))
    next(results)
    engine.close()
    with pytest.raises(EngineClosed, match="closed before all results were read"):
        for _ in results:
            pass


def test_a_closed_engine_says_so_and_closing_twice_is_fine() -> None:
    engine = make()
    engine.enrich_phone(ADA)
    engine.close()
    engine.close()
    for call in (lambda: engine.enrich_phone(ADA), lambda: engine.explain("1"), engine.__enter__):
        with pytest.raises(EngineClosed):
            call()


def test_many_threads_share_one_engine(engine: Engine) -> None:
    before = portals()

    def work(thread: int) -> list[str]:
        return [
            engine.enrich_phone({"record_id": f"{thread}-{i}", "email": f"p{thread}.{i}@known.example"}).record_id
            for i in range(25)
        ]

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(work, range(8)))
    assert told == [[f"{thread}-{i}" for i in range(25)] for thread in range(8)]
    assert portals() == before


def test_threads_that_come_first_at_once_start_one_portal() -> None:
    before = portals()
    engine = make()
    gate = threading.Barrier(8)

    def work(index: int) -> bool:
        gate.wait(10)
        return engine.enrich_phone({"record_id": str(index), "email": "ada@known.example"}).found

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))
    assert portals() == before + 1
    engine.close()


def test_a_call_of_another_thread_that_meets_the_closing_gets_an_answer_or_an_error() -> None:
    """Never silence: a thread that waits for ever is worse than an error."""
    engine = make()
    engine.enrich_phone(ADA)
    gate = threading.Barrier(5)

    def work(thread: int) -> str:
        gate.wait(10)
        for i in range(1000):
            try:
                engine.enrich_phone({"record_id": f"{thread}-{i}", "email": f"p{thread}.{i}@known.example"})
            except EngineClosed:
                return "closed"
        return "done"

    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(work, thread) for thread in range(4)]
        gate.wait(10)
        engine.close()
        assert {future.result(30) for future in futures} <= {"closed", "done"}


def test_it_works_under_a_running_loop(engine: Engine) -> None:
    async def work() -> bool:
        return engine.enrich_phone(ADA).found and all(r.found for r in engine.enrich_phones([ADA]))

    assert asyncio.run(work())


def test_a_callback_that_calls_the_engine_and_would_wait_for_itself_is_told() -> None:
    told: list[BaseException] = []

    def again(_attempt: Attempt) -> None:
        try:
            calling.enrich_phone(ADA)
        except RuntimeError as error:
            told.append(error)

    with make(on_attempt=again) as calling:
        assert calling.enrich_phone(ADA).found
    assert "it would wait for itself" in str(told[0])


def test_an_engine_that_could_not_open_says_why_each_time(tmp_path: Path) -> None:
    before = portals()
    (tmp_path / "file").write_text("no folder")
    engine = make(store=f"sqlite:///{tmp_path / 'file' / 'x.db'}")
    for _ in range(2):
        with pytest.raises(StoreError):
            engine.enrich_phone(ADA)
    assert portals() == before


def test_a_call_under_way_is_finished_and_kept_when_the_engine_closes(tmp_path: Path) -> None:
    began, gate = threading.Event(), threading.Event()

    async def slowly(query: Query) -> str:
        began.set()
        await asyncio.to_thread(gate.wait, 10)
        return NUMBER

    store = f"sqlite:///{tmp_path / 'x.db'}"
    engine = make(slowly, store=store)
    with ThreadPoolExecutor(2) as pool:
        call = pool.submit(engine.enrich_phone, ADA)
        assert began.wait(10)
        closing = pool.submit(engine.close)
        gate.set()
        closing.result(30)
        assert call.result(30).found
    with make(lambda _query: None, store=store) as again:
        assert again.enrich_phone(ADA).cached


PROGRAM = """
import sys
from enrichcore import Acceptance, Engine
from enrichcore.testing import FakeProvider

def make():
    provider = FakeProvider(lambda query: "+12025550143", methods=["email"])
    return Engine(
        providers=[provider], store="sqlite:///x.db", secret=b"x" * 32,
        acceptance=Acceptance(allow_fictional=True), env={},
    )

def contacts(count):
    for index in range(count):
        yield {"record_id": str(index), "email": f"p{index}@known.example"}
"""


def program(folder: Path, code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM + textwrap.dedent(code)],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.parametrize(
    "ending",
    [
        "engine = make(); engine.enrich_phone(next(contacts(1)))",
        "make().enrich_phone(next(contacts(1)))",
        "def work():\n    make().enrich_phone(next(contacts(1)))\nwork()",
        "results = make().enrich_phones(contacts(10**9)); next(results)",
        "engine = make(); list(engine.enrich_phones(contacts(5))); sys.exit(0)",
    ],
)
def test_a_program_that_ends_without_closing_ends_quietly_and_keeps_every_answer(tmp_path: Path, ending: str) -> None:
    program(tmp_path, ending)
    with make(store=f"sqlite:///{tmp_path / 'x.db'}", secret=b"x" * 32) as engine:
        told = engine.explain("0")
        assert told is not None
        assert told.found


def test_engines_come_and_go_in_one_program(tmp_path: Path) -> None:
    """Each has a thread of its own; what is loaded in one of them must survive it."""
    code = """
    for index in range(5):
        with make() as engine:
            assert engine.enrich_phone({"record_id": str(index), "email": "ada@known.example"}).found
    """
    assert program(tmp_path, code) == ""


@pytest.mark.parametrize(
    "warm", ["", "engine.enrich_phone(next(contacts(1)))", "list(engine.enrich_phones(contacts(20)))"]
)
def test_after_a_fork_child_and_parent_both_work(tmp_path: Path, warm: str, require: Callable[[str], NoReturn]) -> None:
    """Also right after a call, when its answer may still be on the way to the disk."""
    if not hasattr(os, "fork"):
        require("os.fork")
    code = f"""
    import os, warnings
    warnings.simplefilter("ignore", DeprecationWarning)  # newer versions warn of a fork beside threads
    engine = make()
    {warm}
    child = os.fork()
    mine = engine.enrich_phone({{"record_id": "child" if child == 0 else "parent", "email": "ada@known.example"}})
    engine.close()
    if child == 0:
        os._exit(0 if mine.found else 1)
    print(os.waitpid(child, 0)[1], mine.status)
    print(make().explain("child").status)
    """
    assert program(tmp_path, code) == "0 found\nfound\n"


def test_a_fork_in_the_middle_of_work_disturbs_nothing_and_the_child_is_told(
    tmp_path: Path, require: Callable[[str], NoReturn]
) -> None:
    """A journal that is open in both would lose what one of them writes."""
    if not hasattr(os, "fork"):
        require("os.fork")
    code = """
    import os, threading, warnings
    warnings.simplefilter("ignore", DeprecationWarning)
    engine = make()
    results = engine.enrich_phones(contacts(3000), ordered=True)
    first = next(results)
    child = os.fork()
    if child == 0:
        try:
            engine.enrich_phone(first.record_id)
        except Exception as error:
            os._exit(7 if type(error).__name__ == "EngineClosed" and "forked" in str(error) else 1)
        os._exit(2)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 1 + sum(result.found for result in results))
    engine.close()
    """
    assert program(tmp_path, code) == "7 3000\n"


def test_ctrl_c_in_a_waiting_call_is_passed_on_and_the_engine_closes() -> None:
    import _thread

    began = threading.Event()

    async def for_ever(query: Query) -> None:
        began.set()
        await asyncio.sleep(3600)

    def interrupt() -> None:
        began.wait(10)
        _thread.interrupt_main()

    thread = threading.Thread(target=interrupt)
    thread.start()
    engine = make(for_ever)
    with pytest.raises(KeyboardInterrupt):
        engine.enrich_phone(ADA, deadline=0.5)
    thread.join()
    engine.close()


def test_the_ledger_the_list_and_the_erasure_need_no_await() -> None:
    """What the async engine says of money and of privacy, the façade says too, for itself and for a tenant."""
    from enrichcore.engine.suppression import Entry

    with make() as engine:
        for who in (engine, engine.for_tenant("globex")):
            assert who.enrich_phone(ADA).found
            assert [row.provider for row in who.ledger()] == ["fake"]
            assert who.spending(["run:x"]) == {}
            assert who.in_doubt() == []
            assert who.expire() == 0
            assert who.forget(ADA).attempts == 1
            assert who.suppress([Entry("email", "ada@known.example")]) == 1
            assert who.suppression() == {"email": 1}
            assert who.enrich_phone(ADA).status == "suppressed"
            assert who.unsuppress([Entry("email", "ada@known.example")]) == 1
        with pytest.raises(ConfigError, match="is in doubt"):
            engine.decide(1, billed=True)
