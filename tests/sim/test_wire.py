"""The network of the simulation keeps the promises of a transport, so that the engine's own HTTP client is in play."""

import asyncio
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs
import pytest

from enrichcore.engine.http import ProviderHttp
from enrichcore.engine.transport import Wire
from enrichcore.errors import (
    MaybeSent,
    OutOfCredits,
    ProviderError,
    RateLimited,
    RequestRefused,
    ServerError,
    Unreadable,
    Unsent,
)
from enrichcore.model import Contact, Method, Price
from tests.sim.history import Call, Fate, History, Request
from tests.sim.loop import VirtualLoop
from tests.sim.people import EVERYONE, Case
from tests.sim.process import EVERY_NUMBER
from tests.sim.suppliers import Acme, read
from tests.sim.vendor import LOOKUP_FAULTS, Account, Fault, Outage, Truth, Vendor
from tests.sim.wire import SimTransport

ADA = EVERYONE[3]
KEY = Case.of(Contact(email=ADA.email), ADA).keys[Method.EMAIL]


@attrs.define(eq=False)
class Nobody:
    """As much of a process as a call needs."""

    runtime: Any
    tenant: str = "default"


@attrs.define
class Told:
    """What came of one question: the error, the verdict on the wire, what was billed, how long it took."""

    error: BaseException | None
    wire: Wire
    billed: Decimal
    took: float
    fate: Fate
    numbers: int = 0


def ask(
    fault: Fault | None, *, account: Account | None = None, price: Price | None = None, leave: float = 20.0
) -> Told:
    """Ask one question at a vendor whose every request has one fault; give up after `leave` seconds."""
    loop = VirtualLoop(random.Random(5))
    history = History(0, loop)
    vendor = Vendor(
        name="acme",
        price=price or Price.per_hit(5),
        history=history,
        rng=random.Random(6),
        methods=(Method.EMAIL,),
        truth={ADA.number: Truth(("mobile",), profile=True)},
        outages=() if fault is None else (Outage(start=0.0, end=1e9, faults=(fault,)),),
        accounts={"default": account or Account()},
    )
    supplier = Acme()
    supplier.vendor = vendor

    async def scenario() -> Told:
        process: Any = Nobody(runtime=_Clock(lambda: history.wall))
        case = Case.of(Contact(first_name=ADA.first, last_name=ADA.last, email=ADA.email), ADA)
        request = Request(0, process, case, EVERY_NUMBER, None, 0.0, 0.0)
        call = Call(0, process, request, vendor, Method.EMAIL, KEY, 0.0)
        history.calls.append(call)
        home = ProviderHttp(
            supplier,
            transport=SimTransport(history, {"acme": vendor}, "default"),
            base_url=supplier.base_url,
            key="zq-key",
            user_agent="sim",
            offline=False,
            wall=lambda: history.wall,
        )
        http = home.attempt()
        error: BaseException | None = None
        numbers = 0
        began = loop.time()
        try:
            async with asyncio.timeout(leave):
                answer = read((await http.get("/v1/email", params={"call": 0})).json())
            numbers = len(getattr(answer, "numbers", ()))
        except Exception as caught:  # noqa: BLE001 - the fact of the test
            error = caught
        took = loop.time() - began
        wire = http.wire
        await asyncio.sleep(60)  # what has reached the vendor is billed, whoever waits
        return Told(error, wire, call.invoiced, took, call.fate, numbers)

    try:
        told: Told = loop.run_until_complete(scenario())
        return told
    finally:
        loop.close()


@attrs.frozen
class _Clock:
    wall: Callable[[], float]


FIVE, NOTHING = Decimal(5), Decimal(0)


@pytest.mark.parametrize(
    ("fault", "error", "wire", "billed"),
    [
        (Fault.REFUSED, Unsent, Wire.UNSENT, NOTHING),
        (Fault.CONNECT_HANG, Unsent, Wire.UNSENT, NOTHING),
        (Fault.LOST, MaybeSent, Wire.MAYBE_SENT, NOTHING),
        (Fault.RESET, MaybeSent, Wire.MAYBE_SENT, FIVE),
        (Fault.CUT, MaybeSent, Wire.MAYBE_SENT, FIVE),
        (Fault.HANG, TimeoutError, Wire.MAYBE_SENT, FIVE),
        (Fault.LIMITED, RateLimited, Wire.ANSWERED, NOTHING),
        (Fault.BROKEN, ServerError, Wire.ANSWERED, NOTHING),
        (Fault.TIMED_OUT, ServerError, Wire.ANSWERED, NOTHING),
        (Fault.BAD_REQUEST, RequestRefused, Wire.ANSWERED, NOTHING),
        (Fault.GARBAGE, Unreadable, Wire.ANSWERED, FIVE),
        (Fault.SHAPE, TypeError, Wire.ANSWERED, FIVE),
        (Fault.STRANGER, None, Wire.ANSWERED, FIVE),
        (Fault.SLOW, None, Wire.ANSWERED, FIVE),
        (None, None, Wire.ANSWERED, FIVE),
    ],
)
def test_every_fault_is_what_a_real_network_would_say(
    fault: Fault | None, error: type[Exception] | None, wire: Wire, billed: Decimal
) -> None:
    """The error, the verdict on the wire and the vendor's invoice agree with the table of the design."""
    told = ask(fault)
    assert (type(told.error), told.wire, told.billed) == (error or type(None), wire, billed)
    assert told.numbers == (1 if error is None else 0)


def test_all_faults_are_in_the_table() -> None:
    """No fault that a lookup may meet is left out above."""
    marks = test_every_fault_is_what_a_real_network_would_say.pytestmark  # type: ignore[attr-defined]
    assert {row[0] for row in marks[0].args[1]} == {*LOOKUP_FAULTS, None}


def test_a_connection_that_hangs_ends_with_the_connect_timeout() -> None:
    """It is given up after five seconds, still unsent."""
    assert ask(Fault.CONNECT_HANG).took == pytest.approx(5.0, abs=0.01)


def test_who_gives_up_is_billed_all_the_same() -> None:
    """A caller that leaves while the vendor works does not stop it."""
    told = ask(None, leave=0.05)
    assert isinstance(told.error, TimeoutError)
    assert (told.wire, told.billed, told.fate) == (Wire.MAYBE_SENT, FIVE, Fate.DOUBT)


@pytest.mark.parametrize(
    ("account", "price", "error", "billed"),
    [
        (Account(credits=Decimal(4)), Price.per_hit(5), OutOfCredits, NOTHING),
        (Account(key_works=False), Price.per_hit(5), ProviderError, NOTHING),
        (Account(credits=Decimal(5)), Price.per_hit(5), None, FIVE),
        (Account(credits=Decimal(0)), Price.free(), None, NOTHING),
    ],
)
def test_an_account_without_credits_or_key_is_refused(
    account: Account, price: Price, error: type[Exception] | None, billed: Decimal
) -> None:
    """Nothing is billed then, and what is billed leaves the account."""
    before = account.credits
    told = ask(None, account=account, price=price)
    assert isinstance(told.error, error or type(None))
    assert told.billed == billed
    assert before is None or account.credits == before - billed


@pytest.mark.parametrize("fault", [Fault.BROKEN, Fault.TIMED_OUT, Fault.BAD_REQUEST])
def test_errors_are_billed_where_the_price_says_so(fault: Fault) -> None:
    """A price per attempt bills errors too."""
    told = ask(fault, price=Price.per_attempt(2))
    assert (told.billed, told.fate) == (Decimal(2), Fate.CHARGED)
