"""What a run would do with a contact, before anybody is asked: what is known, and which calls are before it.

Nothing is called. The contact is followed through the plan step by step: what the journal has costs nothing and may
end it; every other step is a call that may come.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import attrs

from enrichcore.engine.asking import asked_anew, bulk_options
from enrichcore.engine.enricher import Enricher
from enrichcore.engine.plan import Plan, Step
from enrichcore.engine.run import Options, Run
from enrichcore.engine.tenant import Tenant
from enrichcore.errors import InvalidContact
from enrichcore.model import Contact, Method, Outcome, Query, Subject
from enrichcore.plugins.rate import Rate


class Prospect(StrEnum):
    """What would become of a person."""

    SUPPRESSED = "suppressed"
    ANSWERED = "answered"
    """The answer is stored."""
    TO_ASK = "to_ask"
    IN_DOUBT = "in_doubt"
    """Nobody is left to ask, but an earlier call may have been billed and its answer was lost."""
    NOBODY = "nobody"
    """No provider can be asked with what is there."""


@attrs.frozen
class Foreseen:
    """What would become of a person, and the steps that are before it, by index.

    A step that an answer may make possible is `~index`.
    """

    prospect: Prospect
    calls: tuple[int, ...] = ()


class Foresight:
    """Foresees bulk runs of one tenant: options as for `enrich_phones`."""

    def __init__(self, tenant: Tenant, options: Options) -> None:
        self._tenant = tenant
        self._options = options
        self.plan: Plan = tenant.plan
        self.wall = tenant.runner.wall

    @classmethod
    async def of(
        cls, who: Enricher, *, max_age: float | str | None = None, refresh: bool = False, retry: tuple[str, ...] = ()
    ) -> "Foresight":
        """The foresight of whoever would ask.

        Raises:
            ConfigError: an option has a value that it cannot have.
        """
        tenant = await who._ready()  # noqa: SLF001 - the other half of the same thing
        anew = asked_anew(refresh=refresh, retry=retry, since=tenant.runner.wall())
        return cls(tenant, bulk_options(acceptance=who.acceptance, max_age=max_age, anew=anew))

    @staticmethod
    def person(contact: Mapping[str, Any]) -> Subject | None:
        """The person of a contact; None where it cannot be looked up by any method."""
        try:
            subject = Subject.of(Contact.from_dict(contact))
        except InvalidContact:
            return None
        return subject if subject.queries else None

    async def foresee(self, subject: Subject) -> Foreseen:
        """What would become of a person."""
        tenant = self._tenant
        run = tenant.runner.preview(subject, self._options)
        if tenant.listing.has_person(run):
            return Foreseen(Prospect.SUPPRESSED)
        if await tenant.runner.is_answered(run):
            return Foreseen(Prospect.ANSWERED)
        calls, heard, doubt = await self._calls(run)
        if any(index >= 0 for index in calls):
            return Foreseen(Prospect.TO_ASK, calls)
        if doubt:
            return Foreseen(Prospect.IN_DOUBT, calls)
        return Foreseen(Prospect.ANSWERED if heard else Prospect.NOBODY, calls)

    async def calls_made(self) -> dict[str, list[tuple[str, Rate, int]]]:
        """The rates of each provider, with the calls of each window that were made already, by whatever process."""
        found: dict[str, list[tuple[str, Rate, int]]] = {}
        for name, member in self.plan.members.items():
            for text in member.rates:
                rate = Rate.parse(text)
                made = await self._tenant.store.calls_since(name, self.wall() - rate.seconds)
                found.setdefault(name, []).append((text, rate, len(made)))
        return found

    async def _calls(self, run: Run) -> tuple[tuple[int, ...], bool, bool]:
        """The calls before a row, whether the journal has answers for it, and whether one is in doubt."""
        calls: list[int] = []
        heard = doubt = False
        for step in self.plan.steps:
            if step.member.skip is not None:
                continue
            query = run.subject.queries.get(step.method)
            if query is None or step.lacks(query) is not None:
                if _may_be_learned(step, run.subject, query):
                    calls.append(~step.index)
                continue
            told = await self._tenant.asker.stored(run, step, query)
            if told is None:
                calls.append(step.index)
                continue
            attempt, verdict, _ = told
            heard = True
            doubt = doubt or verdict is None
            if attempt.outcome is Outcome.HIT:
                break
        if not heard:  # nothing can have been learned before the first answer
            first = next((index for index in calls if index >= 0), None)
            calls = [] if first is None else [first, *(index for index in calls if index != first)]
        return tuple(calls), heard, doubt


def _may_be_learned(step: Step, subject: Subject, query: Query | None) -> bool:
    """Whether an answer about this person could bring what a step lacks."""
    if query is not None:
        return "domain" in step.requires and getattr(query, "domain", "") is None
    if step.method is Method.NAME:
        return subject.first_name is not None and subject.last_name is not None
    return True
