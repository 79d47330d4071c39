"""Checks of what goes wrong on the wire and at the vendor: the right error, the right price, and never a miss."""

from collections.abc import Iterator
from typing import Final

import attrs

from enrichcore.engine.retry import billed_for
from enrichcore.engine.transport import Wire
from enrichcore.errors import PROVIDER_ERRORS, ProviderError
from enrichcore.model import Billed, Price
from enrichcore.model.price import Per
from enrichcore.testing.act import FAULTS, Act, fault, reply
from enrichcore.testing.bench import Bench
from enrichcore.testing.cases import Case, Exchange
from enrichcore.testing.checks import check, expect, skip

SEE: Final = "what-goes-wrong-and-who-notices"
OTHERWISE: Final = "when-the-vendor-says-it-differently"
CODES: Final = {kind.code: kind for kind in PROVIDER_ERRORS}
LATER: Final = {"unsent", "maybe_sent", "server_error", "rate_limited", "key_refused", "request_refused"}
"""Errors of a poll that leave a job as it is: the vendor has it, and the next call asks again."""
MAYBE_A_MISS: Final = frozenset({204, 400, 404, 410, 422})
"""Statuses with which some vendors say that they know nobody."""
FAR: Final = {"Retry-After": "3600"}


def _places(bench: Bench) -> Iterator[tuple[Case, Exchange, bool]]:
    """Every request of every case that may go wrong: the exchange before it, and whether it polls a job."""
    for case in bench.http_cases():
        for exchange in case.found:
            for place in range(len(exchange)):
                yield case, exchange[:place], bool(case.pending) and place == len(exchange) - 1


def _price(price: Price, code: str) -> Billed:
    """What the design says that an error costs."""
    if not price.paid or code in ("unsent", "rate_limited", "out_of_credits", "key_refused"):
        return Billed.NO
    if code == "maybe_sent":
        return Billed.UNKNOWN
    if code == "unreadable":
        return Billed.YES
    charged = price.errors_billed or (price.per is Per.ATTEMPT and code != "server_error")
    return Billed.YES if charged else Billed.NO


def _comes_to(bench: Bench, act: Act, *codes: str, what: str, price: Billed | None = None) -> None:
    """The act in place of every request is one of these errors, costs what it should, and finds nobody."""
    paid = bench.paid()
    for case, before, polls in _places(bench):
        [looked] = bench.look_up(case, (*before, act))
        word, billed = looked.word, looked.attempt.billed
        wanted, due = set(codes), price if price is not None else _price(bench.provider.price, word)
        if polls and word == "pending":
            # A job goes on at the vendor, whatever became of one poll.
            wanted, due = {"pending"} if wanted & LATER else wanted, Billed.UNKNOWN if paid else Billed.NO
        elif before and word == "unsent" and paid:
            due = Billed.UNKNOWN  # an earlier request of the same lookup was answered
        where = f"request {len(before) + 1} by {case}"
        expect(looked.result.phone is None, f"no number when {what} in {where}", "one")
        expect(word in wanted, f"{' or '.join(sorted(wanted))} when {what} in {where}", word)
        expect(billed is due, f"billed {due.value} when {what} in {where}", billed.value)


@check("wire.unsent", SEE)
def unsent(bench: Bench) -> None:
    """When no connection comes about, the attempt is `unsent` and costs nothing."""
    _comes_to(bench, fault("refused"), "unsent", what=FAULTS["refused"])


@check("wire.lost", SEE)
def lost(bench: Bench) -> None:
    """When the request may have arrived and no whole answer came, it is `maybe_sent` and may have been billed."""
    for name in ("closed", "reset", "closed after headers", "half a body"):
        _comes_to(bench, fault(name), "maybe_sent", what=FAULTS[name])


@check("wire.never_answered", SEE)
def never_answered(bench: Bench) -> None:
    """When the vendor never answers, the call ends at its timeout as `maybe_sent`."""
    for name in ("never", "stalls"):
        _comes_to(bench, fault(name), "maybe_sent", what=FAULTS[name])


@check("wire.slow", SEE)
def slow(bench: Bench) -> None:
    """An answer that takes its time, but less than `timeout`, is an answer like any other."""
    for case in bench.http_cases():
        for exchange in case.found:
            first = attrs.evolve(exchange[0], after=bench.provider.timeout / (len(exchange) + 1))
            quick, late = bench.tell(case, exchange), bench.tell(case, (first, *exchange[1:]))
            expect(late.outcome == quick.outcome, f"the same answer by {case} when it is slow", late.word)


def _status(bench: Bench, status: int, code: str, act: Act | None = None) -> None:
    """A bare status comes to what the general table says, unless the provider's own says otherwise."""
    provider = bench.provider
    own = status in provider.status_errors or status in provider.miss_statuses
    act = act or reply(status, {"message": "in the vendor's words"})
    if not own:
        _comes_to(bench, act, code, what=f"the vendor answers {status}")
        return
    for case, before, _ in _places(bench):
        told = bench.tell(case, (*before, act))
        declared = status in provider.miss_statuses and status in MAYBE_A_MISS
        documented = declared or _is_documented(case, act)
        fine = isinstance(told.outcome, ProviderError) or (told.word in ("miss", "job") and (documented or before))
        expect(fine, f"an error for a bare {status} by {case}, whose documented answers are others", told.word)
        expect(told.word not in ("plugin_fault", "hit"), f"a typed error for a bare {status}", str(told.outcome))


def _is_documented(case: Case, act: Act) -> bool:
    known = [one for exchange in (*case.not_found, *case.pending) for one in exchange]
    return any((one.status, one.body) == (act.status, act.body) for one in known)


@check("status.401", OTHERWISE)
def status_401(bench: Bench) -> None:
    """401 is a key that was refused: nothing is billed, and the provider is suspended."""
    _status(bench, 401, "key_refused")


@check("status.402", OTHERWISE)
def status_402(bench: Bench) -> None:
    """402 is an account without credits: nothing is billed, and the provider is parked."""
    _status(bench, 402, "out_of_credits")


@check("status.403", OTHERWISE)
def status_403(bench: Bench) -> None:
    """403 is a key that may not do this."""
    _status(bench, 403, "key_refused")


@check("status.404", OTHERWISE)
def status_404(bench: Bench) -> None:
    """404 is a miss only where the vendor says so: a mistyped address must not be read as "nobody known"."""
    _status(bench, 404, "request_refused", reply(404, text="<html>no such page</html>"))


@check("status.429", OTHERWISE)
def status_429(bench: Bench) -> None:
    """429 costs nothing, and the wait that the vendor asks for is kept."""
    _status(bench, 429, "rate_limited", reply(429, {"message": "slow down"}, headers=FAR))
    for case in bench.http_cases():
        [looked] = bench.look_up(case, (reply(429, {"message": "slow down"}, headers=FAR),))
        if 429 not in bench.provider.status_errors:  # noqa: PLR2004 - the status of this check
            expect(looked.state == "paced", "a paced provider after 429", looked.state)
        expect(len(looked.asked) == 1, "no second request before the wait is over", f"{len(looked.asked)}")


@check("status.5xx", OTHERWISE)
def status_5xx(bench: Bench) -> None:
    """A 5xx is the vendor's failure, never a miss."""
    for status in (500, 502, 503, 504):
        _status(bench, status, "server_error", reply(status, text="<html>busy</html>"))


@check("status.other_4xx", OTHERWISE)
def status_other(bench: Bench) -> None:
    """Another 4xx is our question that the vendor calls wrong, never a miss."""
    for status in (400, 409, 418, 422):
        _status(bench, status, "request_refused")


@check("errors.documented", OTHERWISE)
def documented(bench: Bench) -> None:
    """Every failure that the vendor documents is read as what it is, and costs what it should."""
    errors = bench.cases.errors
    if not errors:
        skip("the cases document no failures: Cases(errors={'out_of_credits': reply(...)})")
    for code, acts in errors.items():
        expect(code in CODES, f"a code of {', '.join(CODES)} in `errors`", repr(code))
        for act in acts:
            for case in bench.http_cases():
                told = bench.tell(case, (act,))
                expect(told.word == code, f"{code} by {case} for the documented {act.status}", told.word)
                assert isinstance(told.outcome, ProviderError)
                billed = billed_for(told.outcome, bench.provider.price, Wire.ANSWERED)
                due = _price(bench.provider.price, code)
                expect(billed is due, f"billed {due.value} for {code} by {case}", billed.value)


@check("unreadable.html", SEE)
def html(bench: Bench) -> None:
    """A page in HTML with status 200 is unreadable, and counts as paid."""
    _unreadable(bench, fault("html"), FAULTS["html"])


@check("unreadable.truncated", SEE)
def truncated(bench: Bench) -> None:
    """JSON that stops anywhere is unreadable, and counts as paid."""
    for case in bench.http_cases():
        for exchange in case.found:
            for place, act in enumerate(exchange):
                body = act.body.rstrip()
                if not body.startswith((b"{", b"[")):
                    continue
                cuts = [act.with_body(body[: len(body) * part // 8]) for part in range(1, 8)]
                for told in bench.tell_all(case, [(*exchange[:place], cut) for cut in cuts]):
                    expect(told.word in ("unreadable", "request_refused"), f"`unreadable` by {case} for half of it",
                           told.word)  # fmt: skip


@check("unreadable.empty", SEE)
def empty(bench: Bench) -> None:
    """Status 200 and no body is unreadable, unless the vendor says "not found" that way."""
    _unreadable(bench, fault("empty"), FAULTS["empty"])


@check("unreadable.large", SEE)
def large(bench: Bench) -> None:
    """An answer of 30 MB is not read to its end."""
    _unreadable(bench, fault("30 MB"), FAULTS["30 MB"])


@check("unreadable.gzip_bomb", SEE)
def gzip_bomb(bench: Bench) -> None:
    """An answer that unpacks beyond all measure is refused before it does."""
    _unreadable(bench, fault("gzip bomb"), FAULTS["gzip bomb"])


def _unreadable(bench: Bench, act: Act, what: str) -> None:
    documented = [case for case in bench.http_cases() if _is_documented(case, act)]
    if documented:
        skip(f"the vendor says {documented[0]} is not found that way")
    _comes_to(bench, act, "unreadable", what=what)
