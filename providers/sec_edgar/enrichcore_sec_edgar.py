"""SEC EDGAR: the number of a company that files with the Securities and Exchange Commission, by its name.

The list of companies (name, ticker, CIK) is a file that you download once; a lookup is one request for what the
company says of itself, its `phone` among it. Nothing of the person is sent.

| answer | meaning | billed |
|---|---|---|
| 200 with a `phone`, of the company that was meant | hit: the company's line | no |
| 200 without one, or of another company | miss | no |
| the list has no company of that name, or several | miss, without a request | no |
| 403 "Request Rate Threshold Exceeded", 429 | rate limited, for 10 minutes | no |
| other 403 | the service has blocked the application | no |
| 404 | our question is wrong: the list names a CIK that is not there | no |
| 5xx | the vendor failed | no |

A name that several companies have is nobody's: none is guessed. A company that is named by its ticker, in capitals, is
found where no company has that name.

Sources: https://www.sec.gov/search-filings/edgar-application-programming-interfaces and
https://www.sec.gov/os/accessing-edgar-data in the copies that https://github.com/dgunning/edgartools keeps, read on
2026-11-22 (calls, the User-Agent with a contact, 10 requests a second for all your machines together), and tests of the
limit of 2026-10-14 (403 without a contact, 10 minutes). What the page of a 403 says is only seen in clients. The Atom
feed of the company search is left alone: for several companies it has no names. The data is public.
"""

import asyncio
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import httpx

from enrichcore.errors import ConfigError, KeyRefused, ProviderError, RateLimited, Unreadable
from enrichcore.identity import clean_domain, company_key, registrable_domain
from enrichcore.model import Hit, Miss, NameQuery, Number, Price
from enrichcore.plugins import ContactSettings, Http, Provider, hookimpl, is_masked, object_of, text_of

LIST = "https://www.sec.gov/files/company_tickers.json"
BLOCKED_FOR = 600.0
"""Seconds until somebody who asked too often may ask again."""
LARGEST = 64 * 1024 * 1024
"""Bytes of the list of companies; today's has about one million."""
_TICKER = re.compile(r"[A-Z]{2,5}(?:[-.][A-Z]{1,2})?", re.ASCII)
_HOST = re.compile(r"(?:https?://)?([^/?#:\s]+)", re.IGNORECASE)


def _path(value: Any) -> str:
    if not isinstance(value, str | os.PathLike) or not os.fspath(value):
        raise ConfigError(
            f"[providers.sec_edgar] companies: expected the path of a file, got {value!r}; get it from {LIST}"
        )
    return str(value)


@attrs.frozen(kw_only=True)
class SecEdgarSettings(ContactSettings):
    """`contact`: an email address that the SEC can write to, which it requires. `companies`: the file with all of them.

    It is `company_tickers.json` or `company_tickers_exchange.json` of www.sec.gov/files, which changes now and then.
    """

    companies: str = attrs.field(converter=_path)


@attrs.frozen
class Companies:
    """The CIKs of every company by its name and by its ticker."""

    by_name: Mapping[str, frozenset[int]]
    by_ticker: Mapping[str, int]

    @classmethod
    def read(cls, path: Path) -> "Companies":
        """Read the list.

        Raises:
            ConfigError: the file cannot be read, or is another one.
        """
        try:
            with path.expanduser().open("rb") as file:
                listed = json.loads(file.read(LARGEST))
            rows = list(_rows(listed))
        except OSError as error:
            raise ConfigError(
                f"[providers.sec_edgar] companies: cannot read {path}: {error.strerror}; get it from {LIST}"
            ) from None
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            raise ConfigError(f"[providers.sec_edgar] companies: {path} is not the list of {LIST}") from None
        names: dict[str, set[int]] = {}
        for cik, name, _ in rows:
            names.setdefault(company_key(name), set()).add(cik)
        return cls({key: frozenset(ciks) for key, ciks in names.items() if key}, {t: cik for cik, _, t in rows})

    def find(self, company: str) -> int | None:
        """The only company of that name, else the one of that ticker."""
        found = self.by_name.get(company_key(company), frozenset())
        if found:
            return next(iter(found)) if len(found) == 1 else None
        return self.by_ticker.get(company) if _TICKER.fullmatch(company) else None


def _rows(listed: Any) -> Iterator[tuple[int, str, str]]:
    """CIK, name and ticker, from either of the two files."""
    if "fields" in listed:
        places = [listed["fields"].index(field) for field in ("cik", "name", "ticker")]
        rows = [tuple(row[place] for place in places) for row in listed["data"]]
    else:
        rows = [(row["cik_str"], row["title"], row["ticker"]) for row in listed.values()]
    if not rows:
        raise ValueError("no companies")
    for cik, name, ticker in rows:
        yield int(cik), str(name), str(ticker or "")


def _forbidden(response: httpx.Response) -> ProviderError:
    if b"Request Rate Threshold Exceeded" in response.content:
        return RateLimited("more than 10 requests a second came from you", retry_after=BLOCKED_FOR)
    return KeyRefused("the service has blocked this application; is there an address in `contact` that it accepts?")


class SecEdgar(Provider):
    """https://www.sec.gov/search-filings/edgar-application-programming-interfaces, read 2026-11-22 in copies."""

    name = "sec_edgar"
    base_url = "https://data.sec.gov"
    docs = "https://www.sec.gov/search-filings/edgar-application-programming-interfaces"
    terms = "https://www.sec.gov/about/privacy-information"
    price = Price.free()
    rate = ("8/s",)  # 10 are allowed, for all machines together
    requires = {"name": {"company"}}  # noqa: RUF012 - a ClassVar fact
    typical = 0.5
    when_named = True
    status_errors = {403: _forbidden}  # noqa: RUF012 - a ClassVar fact
    Settings = SecEdgarSettings
    companies = Companies({}, {})

    async def setup(self) -> None:
        """Read the list of companies.

        Raises:
            ConfigError: it cannot be read.
        """
        self.companies = await asyncio.to_thread(Companies.read, Path(self.settings.companies))

    @hookimpl
    async def phone_by_name(self, query: NameQuery, http: Http) -> Hit | Miss:
        """By the company; nothing of the person is sent, nor of the company but its number in the list."""
        company = query.company or ""
        cik = self.companies.find(company)
        if cik is None:
            return Miss()
        reply = await http.get(f"/submissions/CIK{cik:010d}.json", headers=self.settings.agent(self.name))
        body = reply.json()
        if not isinstance(body, dict):
            raise Unreadable("expected an object", status=reply.status_code)
        said = body["phone"]
        if said is not None and not isinstance(said, str):
            raise Unreadable(f"expected text in 'phone', got a {type(said).__name__}", status=reply.status_code)
        raw = text_of(said)
        if raw is None or is_masked(raw) or not _is(body, company, query.domain):
            return Miss()
        return Hit(Number(raw.strip(), country=_country(body), company_line=True))


def _is(body: dict[str, Any], company: str, domain: str | None) -> bool:
    """Whether it is the company: by one of its names or its ticker, and, where both are known, by its website."""
    former = body.get("formerNames")
    names = [body["name"], *(object_of(one).get("name") for one in (former if isinstance(former, list) else ()))]
    keys = {company_key(name) for name in names if isinstance(name, str)} - {""}
    tickers = body.get("tickers")
    if company_key(company) not in keys and not (isinstance(tickers, list) and company in tickers):
        return False
    sites = {_domain(body.get(field)) for field in ("website", "investorWebsite")} - {None}
    return not (domain and sites) or (registrable_domain(domain) or domain) in sites


def _domain(site: object) -> str | None:
    """The registered domain of a website."""
    match = _HOST.match(site) if isinstance(site, str) else None
    domain = clean_domain(match[1]) if match else None
    return (registrable_domain(domain) or domain) if domain else None


def _country(body: dict[str, Any]) -> str | None:
    """`US` where the office is in a state: the codes of other countries have a digit in them."""
    code = object_of(object_of(body.get("addresses")).get("business")).get("stateOrCountry")
    return "US" if isinstance(code, str) and code.isalpha() and code != "XX" else None
