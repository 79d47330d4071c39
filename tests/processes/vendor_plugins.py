"""The plugins for the vendors of `vendor_server.py`, one for each way to treat a call whose answer was lost.

The tests install this module as a distribution of its own: see `conftest.py`.
"""

import httpx

from enrichcore.model import Answer, EmailQuery, Hit, Job, Miss, Number, Price, Query
from enrichcore.plugins import Bearer, Http, Poll, Provider, hookimpl


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

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Hit | Miss:
        """The answer comes at once."""
        return answer(await http.post("phone", json={"email": query.email}))


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

    @hookimpl
    async def phone_by_email(self, query: EmailQuery, http: Http) -> Job:
        """Submit."""
        return Job((await http.post("jobs", json={"email": query.email})).json()["job"])

    async def collect(self, job: Job, query: Query, http: Http) -> Answer | Job:
        """Collect."""
        reply = await http.get(f"jobs/{job.id}")
        return job if reply.json()["status"] == "running" else answer(reply)
