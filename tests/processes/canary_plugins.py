"""Plugins whose every word is a canary: vendors that err, code that raises what it knows, and one that finds.

The tests install this module as a distribution of its own; CANARIES in the environment says which planting.
"""

import os
from typing import Any

import httpx

from enrichcore.errors import JobFailed, MaybeSent, ProviderError
from enrichcore.model import Answer, Attempt, Job, PhoneResult, Price, Query
from enrichcore.plugins import Http, Poll, Provider, hookimpl
from enrichcore.plugins import Query as InQuery
from tests.processes.canaries import plant

PLANTED = plant(os.environ["CANARIES"])


class Talker(Provider):
    """Sends all it knows to a path of the vendor, with the key in the URL."""

    key_env = "CANARY_KEY"
    auth = InQuery("apiId")
    price = Price.per_hit(1)
    typical = 0.01
    path = ""

    async def ask(self, query: Query, http: Http) -> Any:
        """The vendor's answer, or what this plugin makes of it."""
        known = {name: str(getattr(query, name)) for name in dir(query) if not name.startswith("_")}
        return await http.post(f"{self.path}/{PLANTED.contact().linkedin_id}", json=known, params={"q": str(query)})

    @hookimpl
    async def phone_by_name(self, query: Query, http: Http) -> Answer | Job:
        """By name."""
        return self.read(await self.ask(query, http))

    @hookimpl
    async def phone_by_linkedin(self, query: Query, http: Http) -> Answer | Job:
        """By LinkedIn slug."""
        return self.read(await self.ask(query, http))

    @hookimpl
    async def phone_by_email(self, query: Query, http: Http) -> Answer | Job:
        """By email address."""
        return self.read(await self.ask(query, http))

    def read(self, reply: httpx.Response) -> Answer | Job:
        """What the vendor said; it is read, so that a broken answer is noticed."""
        reply.json()
        return PLANTED.hit()


class Erring(Talker):
    name, path = "canary_erring", "error"


class Refusing(Talker):
    name, path = "canary_refusing", "refused"


class Redirecting(Talker):
    name, path = "canary_redirecting", "redirect"


class Cutting(Talker):
    name, path = "canary_cutting", "cut"


class Garbling(Talker):
    name, path = "canary_garbling", "html"


class Hostile(Talker):
    """Raises everything it knows, with a cause that knows as much."""

    name = "canary_hostile"

    async def ask(self, query: Query, http: Http) -> Any:
        try:
            raise KeyError(query, PLANTED.body())
        except KeyError as error:
            raise RuntimeError(f"{query} {PLANTED.body()} {PLANTED.key()}") from error


class Quitting(Talker):
    """Ends the program, as it thinks."""

    name = "canary_quitting"

    async def ask(self, query: Query, http: Http) -> Any:
        raise SystemExit(f"{query} {PLANTED.body()}")


class Telling(Talker):
    """Raises an error of ours with what does not belong into it."""

    name = "canary_telling"

    async def ask(self, query: Query, http: Http) -> Any:
        raise MaybeSent(f"{query} {PLANTED.body()}") from ProviderError(PLANTED.key())


class Misreading(Talker):
    """Returns what is no answer, full of data."""

    name, path = "canary_misreading", "good"

    def read(self, reply: httpx.Response) -> Answer | Job:
        answer: Any = reply.json()
        return answer  # type: ignore[no-any-return]


class Mistaking(Talker):
    """Finds somebody else."""

    name, path = "canary_mistaking", "good"

    def read(self, reply: httpx.Response) -> Answer | Job:
        return PLANTED.wrong_hit()


class Missing(Talker):
    """Knows the person, but no number."""

    name, path = "canary_missing", "good"

    def read(self, reply: httpx.Response) -> Answer | Job:
        return PLANTED.miss()


class Working(Talker):
    """Takes a job that fails with what it knows."""

    name, path = "canary_working", "good"
    poll = Poll(first=0.01, factor=1.5, every=0.05)

    def read(self, reply: httpx.Response) -> Answer | Job:
        return PLANTED.job()

    async def collect(self, job: Job, query: Query, http: Http) -> Answer | Job:
        """It failed."""
        raise JobFailed(f"{job} {query}")


class Finding(Talker):
    """Finds the person, at last."""

    name, path = "canary_finding", "good"


@hookimpl
def enrichcore_providers(settings: object) -> list[type[Provider]]:
    """All of them, in the order in which they are asked."""
    return [
        Erring, Refusing, Redirecting, Cutting, Garbling, Hostile, Quitting, Telling, Misreading, Mistaking, Missing,
        Working, Finding,
    ]  # fmt: skip


@hookimpl
def enrichcore_attempt_finished(attempt: Attempt) -> None:
    """An observer that raises what it was told."""
    raise RuntimeError(f"{attempt} {PLANTED.body()}")


@hookimpl
def enrichcore_enrichment_finished(result: PhoneResult) -> None:
    """Likewise."""
    raise RuntimeError(f"{result} {result.to_dict()}")
