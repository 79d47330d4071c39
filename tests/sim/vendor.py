"""A vendor: what it knows, what it charges, how it fails, and the invoice that it writes by itself.

A vendor lives outside every process: what has reached it is answered and billed, whoever still waits for it.
"""

import random
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import attrs
import msgspec

from enrichcore.model import Method, Price
from enrichcore.model.price import Per
from tests.sim.history import DAY, Call, Fate, History, Told
from tests.sim.people import EVERYONE, WHO, Human


class Fault(StrEnum):
    """How one request goes wrong."""

    REFUSED = "refused"
    CONNECT_HANG = "connect hang"
    LOST = "lost on the way"
    RESET = "reset after the work"
    CUT = "cut body"
    HANG = "hang"
    SLOW = "slow"
    LIMITED = "429"
    BROKEN = "503"
    TIMED_OUT = "408"
    BAD_REQUEST = "400"
    GARBAGE = "garbage"
    SHAPE = "wrong shape"
    STRANGER = "wrong person"
    RAISES = "plugin raises"
    DEAF = "plugin ignores its cancellation"


WIRE_FAULTS: Final = (
    Fault.REFUSED, Fault.CONNECT_HANG, Fault.LOST, Fault.RESET, Fault.CUT, Fault.HANG, Fault.SLOW, Fault.LIMITED,
    Fault.BROKEN, Fault.TIMED_OUT,
)  # fmt: skip
"""What may befall any request."""
LOOKUP_FAULTS: Final = (*WIRE_FAULTS, Fault.BAD_REQUEST, Fault.GARBAGE, Fault.SHAPE, Fault.STRANGER)
HOOK_FAULTS: Final = (Fault.RAISES, Fault.DEAF)
SDK_FAULTS: Final = (Fault.HANG, Fault.SLOW, Fault.LIMITED, Fault.BROKEN, Fault.LOST, Fault.RESET, Fault.STRANGER)


@attrs.frozen
class Truth:
    """What a vendor knows of one person."""

    kinds: tuple[str, ...] = ()
    profile: bool = False
    says: bool = False
    style: int = 0


@attrs.define(eq=False)
class Account:
    """One customer's account: the credits left (None: no end), whether its key works, and what was billed."""

    credits: Decimal | None = None
    key_works: bool = True
    invoice: list[tuple[float, Call, Decimal]] = attrs.field(factory=list)
    paid: dict[tuple[Method, bytes], float] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Outage:
    """A time in which a share of a vendor's requests, mostly all, meet one of a few faults."""

    start: float
    end: float
    faults: tuple[Fault, ...]
    share: float = 1.0


@attrs.define(eq=False)
class Reply:
    """What the vendor sends back, and what it means for the engine."""

    status: int
    body: bytes
    fate: Fate
    headers: list[tuple[str, str]] = attrs.field(factory=list)
    told: Told | None = None
    retry_after: float | None = None


@attrs.define(eq=False)
class VendorJob:
    """A question that the vendor works on."""

    id: str
    call: Call
    done: float
    fails: bool
    stranger: bool
    bill: Decimal = Decimal(0)


@attrs.define(eq=False)
class Vendor:
    """One vendor. `latency` is in seconds, `faults` a share of requests; both end when the world is calm."""

    name: str
    price: Price
    history: History
    rng: random.Random
    methods: tuple[Method, ...]
    truth: dict[int, Truth]
    latency: tuple[float, float] = (0.05, 0.6)
    faults: float = 0.0
    kinds: tuple[Fault, ...] = LOOKUP_FAULTS
    outages: tuple[Outage, ...] = ()
    tells_credits: bool = False
    needs_domain: bool = False
    timeout: float = 10.0
    hit_lifetime: float = 90 * DAY
    miss_lifetime: float = 14 * DAY
    discount: bool = False
    """Whether an answer without a mobile costs half."""
    calm: bool = False
    accounts: dict[str, Account] = attrs.field(factory=dict)
    jobs: dict[str, VendorJob] = attrs.field(factory=dict)

    # --- going wrong ------------------------------------------------------------------------------------------------

    def fault(self, allowed: tuple[Fault, ...]) -> Fault | None:
        """The fault of the next request, among those that can befall it."""
        if self.calm:
            return None
        now = self.history.now
        for outage in self.outages:
            if outage.start <= now < outage.end and self.rng.random() < outage.share:
                possible = [fault for fault in outage.faults if fault in allowed]
                return self.rng.choice(possible) if possible else None
        if self.faults and self.rng.random() < self.faults:
            kinds = [kind for kind in self.kinds if kind in allowed]
            return self.rng.choice(kinds) if kinds else None
        return None

    def pause(self, fault: Fault | None = None) -> float:
        """Seconds until the answer comes."""
        low, high = self.latency
        wait = low + (high - low) * self.rng.random()
        return wait if fault is not Fault.SLOW else wait + self.timeout * 1.5 * self.rng.random()

    # --- answering --------------------------------------------------------------------------------------------------

    def lookup(self, account: Account, call: Call, fault: Fault | None, *, as_job: bool = False) -> Reply:
        """Work on a question that has arrived, and bill it."""
        refusal = self._refusal(account, fault)
        if refusal is not None:
            return refusal
        if fault in (Fault.BROKEN, Fault.TIMED_OUT, Fault.BAD_REQUEST):
            return self._error(account, call, fault)
        if fault in (Fault.GARBAGE, Fault.SHAPE):
            self._bill(account, call, self.price.credits)
            body = b"<html>" if fault is Fault.GARBAGE else b'{"numbers": 7, "person": [], "job": 9}'
            return Reply(200, body, Fate.CHARGED, told=Told(readable=False))
        # Where the caller says no name, nobody can tell that an answer is about someone else.
        stranger = fault is Fault.STRANGER and call.request.contact.first_name is not None
        return (
            self._submit(account, call, stranger=stranger) if as_job else self._answer(account, call, stranger=stranger)
        )

    def _refusal(self, account: Account, fault: Fault | None) -> Reply | None:
        if not account.key_works:
            return Reply(401, b"{}", Fate.UNBILLED)
        if fault is Fault.LIMITED:
            wait = self.rng.choice((None, 1.0, 3.0, 20.0))
            headers = [] if wait is None else [("Retry-After", f"{wait:g}")]
            return Reply(429, b"{}", Fate.UNBILLED, headers, retry_after=10.0 if wait is None else wait)
        if self.price.paid and account.credits is not None and account.credits < self.price.credits:
            return Reply(402, b"{}", Fate.UNBILLED)
        return None

    def _error(self, account: Account, call: Call, fault: Fault) -> Reply:
        billed = self.price.errors_billed or (self.price.per is Per.ATTEMPT and fault is Fault.BAD_REQUEST)
        if billed:
            self._bill(account, call, self.price.credits)
        status = {Fault.BROKEN: 503, Fault.TIMED_OUT: 408, Fault.BAD_REQUEST: 400}[fault]
        return Reply(status, b"{}", Fate.CHARGED if billed else Fate.UNBILLED)

    def _answer(self, account: Account, call: Call, *, stranger: bool) -> Reply:
        content, told = self.content(call, stranger=stranger)
        billed = self._bill(account, call, self.charge(told, known="person" in content))
        if self.tells_credits:
            content["credits"] = str(billed)
        missed = not content["numbers"] and "person" not in content
        return Reply(404 if missed else 200, msgspec.json.encode(content), Fate.ANSWERED, told=told)

    def content(self, call: Call, *, stranger: bool) -> tuple[dict[str, Any], Told]:
        """The numbers and the person that a question is answered with."""
        number = WHO.get((call.method, call.key))
        truth = self.truth.get(-1 if number is None else number, Truth())
        human = None if number is None else EVERYONE[number]
        if stranger:
            human = EVERYONE[(0 if number is None else number) + 7 & 15]
            truth = Truth(("mobile",), profile=True, says=True)
        if human is None or not (truth.kinds or truth.profile):
            return {"numbers": []}, Told(stranger=stranger)
        content: dict[str, Any] = {
            "numbers": [{"raw": human.raw(kind, truth.style), "type": kind, "country": "GB"} for kind in truth.kinds]
        }
        if truth.profile:
            content["person"] = _said(human, everything=truth.says)
        numbers = tuple((human.mobile if kind == "mobile" else human.landline, kind) for kind in truth.kinds)
        return content, Told(numbers, stranger)

    def charge(self, told: Told, *, known: bool) -> Decimal:
        """What an answer costs by the price list."""
        per = self.price.per
        if self.discount and per is not Per.ATTEMPT and told.numbers and "mobile" not in dict(told.numbers).values():
            return self.price.credits / 2
        if per is Per.ATTEMPT or (told.numbers and per is not Per.FREE):
            return self.price.credits
        return self.price.credits if per is Per.MATCH and known else Decimal(0)

    def _bill(self, account: Account, call: Call, credits: Decimal) -> Decimal:
        if not credits:
            return credits
        question = (call.method, call.key)
        wall, before = self.history.wall, account.paid.get(question)
        days = self.price.repeats_free_days
        if days and before is not None and wall - before <= days * DAY:
            return Decimal(0)
        account.paid[question] = wall
        if account.credits is not None:
            account.credits -= credits
        account.invoice.append((self.history.now, call, credits))
        call.invoiced += credits
        self.history.note(f"{self.name} bills call {call.number}: {credits}")
        return credits

    # --- jobs -------------------------------------------------------------------------------------------------------

    def _submit(self, account: Account, call: Call, *, stranger: bool) -> Reply:
        # Mostly quick, sometimes too slow for the caller, on bad days beyond what the provider waits for at all.
        lasts = self.rng.choice((0.5, 2.0, 2.0, 6.0, 15.0, 15.0 if self.calm else 70.0))
        job = VendorJob(f"j{len(self.jobs)}", call, self.history.now + lasts, self.rng.random() < 0.1, stranger)
        self.jobs[job.id] = job
        if self.price.per is Per.ATTEMPT:
            job.bill = self._bill(account, call, self.price.credits)
        else:
            self.history.loop.call_at(job.done, self._finish, account, job)
        body = msgspec.json.encode({"job": job.id})
        return Reply(200, body, Fate.PROMISED)

    def _finish(self, account: Account, job: VendorJob) -> None:
        if not job.fails:
            content, told = self.content(job.call, stranger=job.stranger)
            job.bill = self._bill(account, job.call, self.charge(told, known="person" in content))

    def poll(self, account: Account, job_id: str, fault: Fault | None) -> Reply:
        """Say how far a job is; asking costs nothing."""
        if not account.key_works:
            return Reply(401, b"{}", Fate.PROMISED)
        if fault is Fault.LIMITED:
            return Reply(429, b"{}", Fate.PROMISED, [("Retry-After", "2")])
        if fault in (Fault.BROKEN, Fault.TIMED_OUT):
            return Reply(503, b"{}", Fate.PROMISED)
        job = self.jobs[job_id]
        if self.history.now < job.done:
            return Reply(200, b'{"status": "working"}', Fate.PROMISED)
        if job.fails:
            billed = bool(job.bill)
            body = msgspec.json.encode({"status": "failed", "billed": billed})
            return Reply(200, body, Fate.CHARGED if billed else Fate.UNBILLED)
        content, told = self.content(job.call, stranger=job.stranger)
        content["status"] = "done"
        if self.tells_credits:
            content["credits"] = str(job.bill)
        return Reply(200, msgspec.json.encode(content), Fate.ANSWERED, told=told)

    def balance(self, account: Account, fault: Fault | None) -> Reply:
        """Say what is left, for free."""
        if fault is Fault.BROKEN:
            return Reply(503, b"{}", Fate.UNBILLED)
        left = None if account.credits is None else str(account.credits)
        return Reply(200, msgspec.json.encode({"left": left}), Fate.UNBILLED)


def _said(human: Human, *, everything: bool) -> dict[str, str]:
    said = {"name": human.name, "company": human.company, "domain": human.domain}
    if everything:
        said |= {"email": human.email, "linkedin_id": human.linkedin}
    return said
