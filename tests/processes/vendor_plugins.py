"""The plugins for the vendors of `vendor_server.py`, one for each way to treat a call whose answer was lost.

The tests install this module as a distribution of its own: see `conftest.py`.
"""

import os
from collections.abc import Iterable, Sequence

import httpx

from enrichcore.model import Answer, EmailQuery, Hit, Job, Miss, Number, Price, Query
from enrichcore.plugins import Batch, Bearer, Http, Poll, Provider, hookimpl

_SIZE = int(os.environ.get("PROOF_BATCH", "0"))
BATCH = Batch(size=_SIZE) if _SIZE else None
"""Two of the vendors take many questions at once, if a test says so."""


def emails_of(queries: Iterable[Query]) -> dict[str, list[str]]:
    """What is sent for many."""
    return {"emails": [query.email for query in queries if isinstance(query, EmailQuery)]}


def answer(reply: httpx.Response) -> Hit | Miss:
    """What a vendor said."""
    phone = reply.json()["phone"]
    return Hit(Number(phone)) if phone else Miss()


class Holdfast(Provider):
    """Bills every hit, and every repeat anew: a lost answer stays in doubt."""

    name = "holdfast"
    key_env = "HOLDFAST_KEY"
    auth = Bearer()
    price = Price.per_hit(1)
    typical = 0.01
    batch = BATCH

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """The answer comes at once."""
        return answer(await http.post("phone", json={"email": query.email}))

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> list[Answer]:
        """All answers at once."""
        phones = (await http.post("phones", json=emails_of(queries))).json()["phones"]
        return [Hit(Number(phone)) if phone else Miss() for phone in phones]


class Repeatable(Provider):
    """Bills every hit, repeats within a month are free: a lost answer is asked for again."""

    name = "repeatable"
    key_env = "REPEATABLE_KEY"
    auth = Bearer()
    price = Price.per_hit(3, repeats_free_days=30)
    typical = 0.01

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """The answer comes at once."""
        return answer(await http.post("phone", json={"email": query.email}))


class Jobber(Provider):
    """Takes jobs: a job whose answer was not collected is polled again, never submitted again."""

    name = "jobber"
    key_env = "JOBBER_KEY"
    auth = Bearer()
    price = Price.per_hit(2)
    typical = 0.01
    poll = Poll(first=0.05, factor=1.5, every=0.5)
    batch = BATCH

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job:
        """Submit."""
        return Job((await http.post("jobs", json={"email": query.email})).json()["job"])

    async def collect(self, job: Job, query: Query, http: Http) -> Answer | Job:
        """Collect."""
        reply = await http.get(f"jobs/{job.id}")
        return job if reply.json()["status"] == "running" else answer(reply)

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> list[Job]:
        """Submit all as one job."""
        job = (await http.post("batches", json=emails_of(queries))).json()["job"]
        return [Job(job, row=row) for row in range(len(queries))]

    async def collect_batch(self, jobs: Sequence[Job], queries: Sequence[Query], http: Http) -> Sequence[Answer | Job]:
        """Collect all rows of a job that are asked for."""
        said = (await http.get(f"batches/{jobs[0].id}")).json()
        if said["status"] == "running":
            return jobs
        phones = [said["phones"][job.row or 0] for job in jobs]
        return [Hit(Number(phone)) if phone else Miss() for phone in phones]
