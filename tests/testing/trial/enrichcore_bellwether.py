"""Bellwether: numbers by LinkedIn and name. Facts from https://bellwether.example/api, read on 2026-11-25."""

from enrichcore.model import Hit, LinkedInQuery, Miss, NameQuery, Number, Person, Price
from enrichcore.plugins import Header, Http, Provider, hookimpl


class Bellwether(Provider):
    """Finds mobile and direct numbers."""

    name = "bellwether"
    base_url = "https://api.bellwether.example/v1"
    key_env = "BELLWETHER_API_KEY"
    auth = Header("X-Api-Token")
    docs = "https://bellwether.example/api"
    terms = "https://bellwether.example/terms"
    price = Price.per_hit(8)
    rate = ("2/s",)
    miss_statuses = (404,)

    @hookimpl
    async def phone_by_linkedin(self, query: LinkedInQuery, http: Http) -> Hit | Miss:
        """By the address of a profile."""
        return read((await http.post("/contacts/find", json={"profile_url": query.url})).json()["result"])

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By name and company, or its domain."""
        who = {"given": query.first_name, "family": query.last_name, "organisation": query.company or query.domain}
        return read((await http.post("/contacts/find", json=who)).json()["result"])


def read(found: dict[str, str | None]) -> Hit | Miss:
    """Mobile first; the reception is the company's."""
    person = Person(name=found["full_name"], company=found["organisation"], linkedin_id=found["profile_url"])
    kinds = [kind for kind in ("mobile", "direct", "reception") if found[kind]]
    numbers = [Number(found[kind], type=kind, company_line=kind == "reception") for kind in kinds]
    return Hit(*numbers, person=person) if numbers else Miss(person)
