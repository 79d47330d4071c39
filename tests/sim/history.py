"""What happened in one simulation: every call, every request, every row of the journal, every event, in order."""

import contextvars
from collections.abc import Callable
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import attrs

from enrichcore.engine.suppression import Entry
from enrichcore.errors import StoreError
from enrichcore.model import Acceptance, Attempt, Contact, Method, PhoneResult
from enrichcore.store import ClaimAnswer, Row, StoredResult, TakenOver
from enrichcore.store.results import definite
from tests.sim.loop import OWNER, VirtualLoop
from tests.sim.people import Case, Human

if TYPE_CHECKING:
    from tests.sim.process import Process
    from tests.sim.scenario import Strike
    from tests.sim.vendor import Reply, Vendor

WALL = 1_790_000_000.0
"""Wall seconds at the start of every simulation."""
DAY = 86_400.0
DOUBTS = 5.0
"""Seconds by which the clocks of two processes may differ."""


class Fate(StrEnum):
    """What the engine can know of a call's cost."""

    DOUBT = "doubt"
    UNBILLED = "unbilled"
    ANSWERED = "answered"
    PROMISED = "promised"
    CHARGED = "charged"


@attrs.frozen
class Told:
    """The content of an answer: the vendor's numbers as (E.164, line type), and whether it is someone else."""

    numbers: tuple[tuple[str, str], ...] = ()
    stranger: bool = False
    readable: bool = True


Question = tuple[str, str, Method, bytes]
"""Tenant, provider, method, query key: what may be paid for once."""


@attrs.define(eq=False)
class Call:
    """One invocation of a lookup hook. Times are virtual seconds, `settled` is wall seconds."""

    number: int
    process: "Process"
    request: "Request"
    vendor: "Vendor"
    method: Method
    key: bytes
    started: float
    sent: float | None = None
    wall_began: float = 0.0
    ended: float | None = None
    settled: float | None = None
    fate: Fate = Fate.DOUBT
    attempt: int | None = None
    told: Told | None = None
    retry_after: float | None = None
    invoiced: Decimal = Decimal(0)
    reply: "Reply | None" = None
    lasts: float = 0.0
    """How long a blocking SDK takes."""

    @property
    def question(self) -> Question:
        return (self.process.tenant, self.vendor.name, self.method, self.key)

    def __str__(self) -> str:
        where = f"{self.vendor.name}/{self.method}"
        return f"call {self.number} of {self.process} to {where} for request {self.request.number}"


@attrs.define(eq=False)
class Request:
    """One caller who wants one number, or one row of a bulk run."""

    number: int
    process: "Process"
    case: Case
    acceptance: Acceptance
    deadline: float | None
    asked: float
    asked_wall: float
    refresh: bool = False
    max_age: float | None = None
    bulk: "Bulk | None" = None
    result: PhoneResult | None = None
    error: BaseException | None = None
    ended: float | None = None
    left: bool = False
    """Whether the caller went away."""
    answers: int = 0
    accepted: bool = False
    """Whether the run that this request started has an accepted answer."""
    pending: bool = False
    """Whether a job that was paid for still runs."""
    tries: dict[tuple[str, Method, bytes], list[Call]] = attrs.field(factory=dict)
    run_id: str = ""
    record: bytes = b""
    """The journal's key of its record."""
    strike: "Strike | None" = None
    """What befalls it, and after how many steps of the tasks that work for it."""
    steps: int = 0

    @property
    def contact(self) -> Contact:
        return self.case.contact

    @property
    def over(self) -> bool:
        return self.ended is not None

    def __str__(self) -> str:
        return f"request {self.number} of {self.process}"


@attrs.define(eq=False)
class Bulk:
    """One bulk run."""

    number: int
    process: "Process"
    ordered: bool
    rows: list[Request]
    bad_rows: int = 0
    stop_after: int | None = None
    taken: int = 0
    answered: list[PhoneResult] = attrs.field(factory=list)
    closed: float | None = None
    error: BaseException | None = None

    @property
    def cut(self) -> bool:
        """Whether its reader has had enough."""
        return self.stop_after is not None and len(self.answered) > self.stop_after


@attrs.define(eq=False)
class Wish:
    """A person who does not want to be looked up, or wants to be forgotten. Times are virtual seconds."""

    tenant: str
    entry: Entry | None
    """What goes on the suppression list; None for somebody to be forgotten."""
    human: Human
    process: "Process"
    durable: float | None = None
    """When the journal had done it."""
    wall: float = 0.0
    """The same in wall seconds."""
    done: float | None = None
    """When the one who asked for it heard that it is done."""
    questions: frozenset[bytes] = frozenset()
    """The first part of the keys of all questions about the person."""
    ending: float | None = None
    """When somebody began to take the entry off the list again."""
    ended: float | None = None
    """When the journal had done that."""


@attrs.frozen
class Violation:
    """A rule that did not hold, and how."""

    rule: str
    text: str
    at: float


@attrs.define(eq=False)
class Event:
    """One log event."""

    at: float
    process: "Process | None"
    name: str
    keys: dict[str, Any]


REQUEST: contextvars.ContextVar[Request | None] = contextvars.ContextVar("sim_request", default=None)
"""The request for which the running task works."""


class History:
    """Everything that happened, and who wants to hear of it at once."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.seed = seed
        self.loop = loop
        self.jumps: list[tuple[float, float]] = []
        self.leapt = 0.0
        """Seconds that the wall clocks have jumped by all in all."""
        self.lifted: float | None = None
        """When all budgets were lifted."""
        self.owners: dict[int, Process] = {}
        self.calls: list[Call] = []
        self.questions: dict[Question, list[Call]] = {}
        self.requests: list[Request] = []
        self.bulks: list[Bulk] = []
        self.rows: dict[int, Row] = {}
        self.taken_over: dict[tuple[int, str], int] = {}
        """Jobs that a process took over, by process and provider."""
        self.known: dict[tuple[str, bytes], StoredResult] = {}
        self.events: list[Event] = []
        self.violations: list[Violation] = []
        self.trace: list[str] = []
        self.on_call: list[Callable[[Call], None]] = []
        self.on_sent: list[Callable[[Call], None]] = []
        self.on_row: list[Callable[[Process, Row], None]] = []
        self.on_event: list[Callable[[Event], None]] = []
        self.on_end: list[Callable[[Request], None]] = []
        self.on_write: list[Callable[[Process, str, Any, Any], None]] = []
        """Told of everything that the journal has written: by whom, which verb, of what, and what it answered."""
        self.on_attempt: list[Callable[[Request, Attempt], None]] = []
        self.wishes: list[Wish] = []
        self.lifting: list[tuple[Process, Entry]] = []
        """Entries that are being taken off the list, and by whom."""
        self.decided: dict[int, bool] = {}
        """What a person has said of attempts in doubt: whether they are on the invoice."""
        self.expiries = 0
        """How often something old was deleted."""
        self.strikes: list[str] = []
        """What has befallen those who were waiting, at the n-th step of their work."""

    @property
    def now(self) -> float:
        return self.loop._now

    @property
    def wall(self) -> float:
        return WALL + self.loop._now + self.leapt

    def jumped(self, since: float) -> float:
        """Seconds that the wall clocks have jumped since then."""
        return sum(seconds for at, seconds in self.jumps if at >= since)

    def note(self, text: str) -> None:
        self.trace.append(f"{self.loop.time():.6f} {text}")

    def broken(self, rule: str, text: str) -> None:
        self.violations.append(Violation(rule, text, self.now))
        self.note(f"VIOLATION {rule}: {text}")

    # --- as it happens ----------------------------------------------------------------------------------------------

    def call(self, vendor: "Vendor", method: Method, key: bytes) -> Call:
        """A lookup hook begins."""
        process, request = OWNER.get(), REQUEST.get()
        assert process is not None
        assert request is not None
        call = Call(len(self.calls), process, request, vendor, method, key, self.now)  # type: ignore[arg-type]
        call.wall_began = self.wall
        self.calls.append(call)
        self.note(f"{call}")
        for listener in self.on_call:
            listener(call)
        request.tries.setdefault((vendor.name, method, key), []).append(call)
        return call

    def sent(self, call: Call) -> None:
        """Bytes of a question leave for the vendor: from here on it may cost."""
        call.sent = self.now
        self.note(f"call {call.number} is on the wire")
        for listener in self.on_sent:
            listener(call)
        self.questions.setdefault(call.question, []).append(call)

    def came_back(self, call: Call, fate: Fate, told: Told | None = None) -> None:
        """The engine has learned what became of a call."""
        call.fate, call.ended, call.told = fate, self.now, told
        call.settled = call.process.runtime.wall()
        self.note(f"call {call.number} came back: {fate}{'' if told is None else f' {len(told.numbers)} numbers'}")

    def row(self, process: "Process", row: Row) -> None:
        """A settled attempt is committed."""
        self.rows[row.id] = row
        outcome = row.outcome.value if row.outcome is not None else "open"
        self.note(
            f"{process} settles {row.id & 0xFFFF:x} {row.provider}: {outcome} {row.reason} {row.billed} {row.credits}"
        )
        for listener in self.on_row:
            listener(process, row)

    def answered_claim(self, process: "Process", answer: ClaimAnswer) -> None:
        """The journal has answered a claim."""
        if isinstance(answer, TakenOver):
            key = (process.number, answer.row.provider)
            self.taken_over[key] = self.taken_over.get(key, 0) + 1
            self.note(f"{process} takes over {answer.row.id & 0xFFFF:x} at {answer.row.provider}")

    def wrote(self, process: "Process", verb: str, what: Any, answer: Any = None) -> None:
        """The journal has committed an operation."""
        for listener in self.on_write:
            listener(process, verb, what, answer)

    def saved(self, result: StoredResult) -> None:
        """A finished enrichment is committed."""
        if definite(result):
            self.known[result.tenant, result.record] = result

    def forget_results(self, kept: set[tuple[str, bytes]]) -> None:
        """Somebody was forgotten: of the results only these are left."""
        self.known = {key: result for key, result in self.known.items() if key in kept}

    def wishes_for(self, process: "Process", entry: Entry) -> list[Wish]:
        """The wishes that put an entry on the list of a process's tenant and were not taken back."""
        mine = (w for w in self.wishes if w.tenant == process.tenant and w.ended is None)
        return [w for w in mine if w.entry is not None and (w.entry.kind, w.entry.forms) == (entry.kind, entry.forms)]

    def event(self, name: str, keys: dict[str, Any]) -> None:
        """A log event is written."""
        event = Event(self.now, OWNER.get(), name, keys)  # type: ignore[arg-type]
        self.events.append(event)
        if "state" in keys:
            self.note(f"{event.process}: {keys['provider']} is {keys['state']}")
        for listener in self.on_event:
            listener(event)

    def ended(self, request: Request, result: PhoneResult | None, error: BaseException | None) -> None:
        """A caller has its answer."""
        request.answers += 1
        if isinstance(error, StoreError) and request.process.failed_at is None:
            request.process.failed_at = self.now
        request.result, request.error, request.ended = result, error, self.now
        said = f"{result.status} {result.reason} {result.provider}" if result is not None else f"{error!r}"
        self.note(f"{request} ends: {said}")
        for listener in self.on_end:
            listener(request)
