"""Wikidata: the number of a company, by its domain.

One SPARQL query: items whose official website (P856) has the domain, and their phone numbers (P1329).

| answer | meaning | billed |
|---|---|---|
| 200 with a row | hit: the company's line | no |
| 200 without rows | miss | no |
| 403 | the service has blocked the application | no |
| 429 | rate limited: who ignores its Retry-After is shut out for a day | no |
| 400 | our question is wrong | no |
| 5xx | the vendor failed, or the query took too long | no |

Sources: https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual (limits),
https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy and https://www.w3.org/TR/sparql11-results-json/ (shape),
read on 2026-11-22. No queries side by side and a User-Agent with a contact are wanted; the rate keeps to that.
The data is CC0.
"""

from urllib.parse import quote

from enrichcore.errors import Unreadable
from enrichcore.model import Hit, Miss, NameQuery, Number, Price
from enrichcore.plugins import ContactSettings, Http, Provider, blocked, hookimpl

ROWS = 20


class Wikidata(Provider):
    """https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual, read 2026-11-22."""

    name = "wikidata"
    base_url = "https://query.wikidata.org"
    docs = "https://www.mediawiki.org/wiki/Wikidata_Query_Service/User_Manual"
    terms = "https://foundation.wikimedia.org/wiki/Policy:User-Agent_policy"
    price = Price.free()
    rate = ("1/s",)
    requires = {"name": {"domain"}}  # noqa: RUF012 - a ClassVar fact
    when_named = True
    status_errors = {403: blocked("the service has blocked this application; see its user agent policy")}  # noqa: RUF012 - a ClassVar fact
    Settings = ContactSettings

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By the domain of the company; nothing of the person is sent."""
        reply = await http.get(
            "/sparql",
            params={"query": _sparql(query.domain or ""), "format": "json"},
            headers={"Accept": "application/sparql-results+json", **self.settings.agent(self.name)},
        )
        rows = reply.json()["results"]["bindings"]
        if not isinstance(rows, list):
            raise Unreadable("expected a list in 'results.bindings'", status=reply.status_code)
        numbers: dict[str, Number] = {}
        for row in rows:
            phone = row["phone"]
            if phone["type"] != "literal":  # "some value", which is not known
                continue
            raw = phone["value"]
            if not isinstance(raw, str):
                raise Unreadable("expected text in 'phone.value'", status=reply.status_code)
            if raw.strip():
                numbers[raw.strip()] = Number(raw.strip(), company_line=True)
        return Hit(*numbers.values()) if numbers else Miss()


def _sparql(domain: str) -> str:
    """The query: a website is compared as a whole, in the ways in which it is usually written."""
    host = quote(domain, safe="")
    names = [host] if host.startswith("www.") else [host, f"www.{host}"]
    sites = " ".join(f"<{scheme}://{name}{end}>" for scheme in ("https", "http") for name in names for end in ("", "/"))
    where = f"VALUES ?site {{ {sites} }} ?item wdt:P856 ?site; wdt:P1329 ?phone"
    return f"SELECT DISTINCT ?phone WHERE {{ {where} }} LIMIT {ROWS}"
