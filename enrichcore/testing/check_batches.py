"""Checks of what asks for many at once: everybody gets the own answer, and what befalls the request befalls all."""

from collections.abc import Iterator, Mapping
from typing import Final

from enrichcore.model import Billed
from enrichcore.testing.act import fault, reply
from enrichcore.testing.bench import Bench, Looked, last
from enrichcore.testing.cases import Case, Exchange
from enrichcore.testing.checks import check, expect, skip

MANY: Final = "many-at-once"
STRANGER: Final[Mapping[str, str]] = {
    "first_name": "Nobody",
    "last_name": "Known",
    "company": "Nowhere",
    "domain": "nowhere.example",
    "email": "nobody@nowhere.example",
    "linkedin_id": "nobody-known-000",
}
"""Who stands beside the person of a case in a batch."""


def _batches(bench: Bench) -> Iterator[tuple[Case, Exchange]]:
    batch = bench.provider.batch
    if batch is None:
        skip("it asks for one at a time: it declares no `batch`")
    for method in bench.plugin.lookups:
        if batch.methods is None or method.value in batch.methods:
            said = [(case, exchange) for case in bench.http_cases() if case.method is method for exchange in case.batch]
            expect(said, f"a case by {method.value} with `batch=`, the answer for its person and a stranger", "none")
            yield from said


def _words(bench: Bench, case: Case, exchange: Exchange) -> tuple[list[str], list[Looked]]:
    looked = bench.look_up_many(case, exchange, [bench.fields(case), {**bench.fields(case), **_stranger(bench, case)}])
    return [one.word for one in looked], looked


def _stranger(bench: Bench, case: Case) -> dict[str, str]:
    return {name: STRANGER[name] for name in bench.fields(case) if name in STRANGER}


@check("batch.answers", MANY)
def answers(bench: Bench) -> None:
    """A batch is one request, in which everybody gets the own answer, and costs what it costs alone."""
    for case, exchange in _batches(bench):
        words, looked = _words(bench, case, exchange)
        wanted = ["miss" if case.phones == () else "hit", "miss"]
        expect(words == wanted, f"{' and '.join(wanted)} by {case}", " and ".join(words))
        asked = len(looked[0].asked)
        expect(asked == len(exchange), f"{len(exchange)} requests for both by {case}", f"{asked}")
        alone = [bench.look_up(case, one)[0].attempt.credits for one in case.found[:1]]
        expect(not alone or looked[0].attempt.credits == alone[0],
               f"the credits of a lookup alone by {case}: {alone}", f"{looked[0].attempt.credits}")  # fmt: skip


@check("batch.lost", MANY)
def lost(bench: Bench) -> None:
    """When no whole answer comes to the request of a batch, everybody in it may have been billed."""
    due = Billed.UNKNOWN if bench.paid() else Billed.NO
    for case, _ in _batches(bench):
        words, looked = _words(bench, case, (fault("reset"),))
        expect(words == ["maybe_sent"] * 2, f"`maybe_sent` for both by {case}", " and ".join(words))
        billed = {one.attempt.billed.value for one in looked}
        expect(billed == {due.value}, f"billed {due.value} by {case}", ", ".join(sorted(billed)))


@check("batch.unreadable", MANY)
def unreadable(bench: Bench) -> None:
    """When the answer to a batch is of another shape, nobody in it is found, or said not to be."""
    odd = (reply(200, []), reply(200, {}), reply(200, [None, None]), reply(200, text="<html>"), reply(200, text=""))
    for case, exchange in _batches(bench):
        for act in odd:
            words, _ = _words(bench, case, last(exchange, act))
            expect(words == ["unreadable"] * 2, f"`unreadable` for both by {case}", " and ".join(words))
