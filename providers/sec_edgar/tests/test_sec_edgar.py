"""SEC EDGAR: one request for the company that was meant, and none where several or none may be."""

import json
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from enrichcore_sec_edgar import SecEdgar
from enrichcore_sec_edgar_cases import CASES, COMPANIES, COMPANY, CONTACT, THRESHOLD

from enrichcore.errors import ConfigError, ProviderError
from enrichcore.model import Acceptance, Hit, Miss
from enrichcore.testing import Vendor, check_provider, reply

Ask = Callable[..., Any]


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    assert callable(CASES.settings)
    made = CASES.settings(tmp_path)
    assert isinstance(made, dict)
    return made


@pytest.fixture
def vendor(settings: dict[str, Any]) -> Callable[..., Vendor]:
    def answering(**changed: Any) -> Vendor:
        return Vendor(SecEdgar, reply(200, {**COMPANY, **changed}), settings=settings)

    return answering


def test_it_is_installed_under_its_own_name() -> None:
    """The entry point is called like the provider and leads to its class."""
    [entry] = [e for e in entry_points(group="enrichcore") if e.value.startswith("enrichcore_sec_edgar:")]
    assert entry.name == SecEdgar.name
    assert entry.load() is SecEdgar


def test_it_keeps_the_contract() -> None:
    """Every check of `enrichcore providers test sec_edgar`."""
    check_provider(SecEdgar, CASES).assert_ok()


def test_one_request_says_who_asks_and_nothing_of_the_person(vendor: Callable[..., Vendor]) -> None:
    asked = vendor()
    answer = asked.ask("name", **CONTACT)
    assert isinstance(answer, Hit)
    [number] = answer.numbers
    assert (number.raw, number.country, number.company_line) == ("(503) 555-0142", "US", True)
    [one] = asked.asked
    assert one.url == "https://data.sec.gov/submissions/CIK0009999999.json"
    assert one.headers["user-agent"] == "enrichcore-sec-edgar/0.1 (ops@engines.example)"
    assert b"Ellsworth" not in one.everything
    assert b"northquay.example" not in one.everything


@pytest.mark.parametrize(("company", "asks"), [
    ("Northquay", True), ("NORTHQUAY CORPORATION", True), ("Northquay Corp.", True),
    ("NQAY", True), ("nqay", False), ("Twin Holdings", False), ("Twin", False), ("Nowhere Brewing", False),
])  # fmt: skip
def test_a_name_that_several_have_or_none_asks_nobody(vendor: Callable[..., Vendor], company: str, asks: bool) -> None:
    """By name, with or without its legal form; by ticker only in capitals; two of one name are nobody."""
    asked = vendor()
    answer = asked.ask("name", **{**CONTACT, "company": company})
    assert isinstance(answer, Hit) is asks
    assert len(asked.asked) == asks


@pytest.mark.parametrize(("changed", "hit"), [
    ({"name": "SOMEBODY ELSE INC", "tickers": []}, False),
    ({"name": "RENAMED INC", "formerNames": [{"name": "Northquay Corp", "from": "", "to": ""}]}, True),
    ({"name": "RENAMED INC", "formerNames": [7, None, {}]}, False),
    ({"website": "https://www.northquay.example/investors"}, True),
    ({"website": "other.example"}, False),
    ({"website": "other.example", "investorWebsite": "http://ir.northquay.example"}, True),
    ({"website": "http://["}, True),
    ({"phone": "  "}, False), ({"phone": "(503) 555-****"}, False),
])  # fmt: skip
def test_whose_number_it_is(vendor: Callable[..., Vendor], changed: dict[str, Any], hit: bool) -> None:
    answer = vendor(**changed).ask("name", **CONTACT)
    assert isinstance(answer, Hit if hit else Miss)


@pytest.mark.parametrize(("state", "country"), [("OR", "US"), ("X0", None), ("XX", None), (None, None), ([], None)])
def test_the_country_is_said_where_the_code_is_a_state(vendor: Callable[..., Vendor], state: Any, country: Any) -> None:
    answer = vendor(addresses={"business": {"stateOrCountry": state}}).ask("name", **CONTACT)
    assert answer.numbers[0].country == country  # type: ignore[union-attr]


@pytest.mark.parametrize("accepted", [True, False])
def test_a_company_line_counts_only_where_the_policy_allows_it(vendor: Callable[..., Vendor], accepted: bool) -> None:
    policy = Acceptance(allow_fictional=True, company_lines=accepted)
    result = vendor().enrich(**CONTACT, acceptance=policy)
    assert result.found is accepted


def test_who_asks_too_often_waits_ten_minutes(settings: dict[str, Any]) -> None:
    attempt = Vendor(SecEdgar, reply(403, text=THRESHOLD), settings=settings).attempt("name", **CONTACT)
    assert attempt.reason == "rate_limited"
    with pytest.raises(ProviderError) as caught:
        Vendor(SecEdgar, reply(403, text=THRESHOLD), settings=settings).ask("name", **CONTACT)
    assert caught.value.retry_after == 600.0  # type: ignore[attr-defined]


def test_the_list_with_exchanges_is_read_as_well(settings: dict[str, Any]) -> None:
    rows = [[row["cik_str"], row["title"], row["ticker"], "Nasdaq"] for row in COMPANIES.values()]
    listed = {"fields": ["cik", "name", "ticker", "exchange"], "data": rows}
    Path(settings["companies"]).write_text(json.dumps(listed), encoding="utf-8")
    assert isinstance(Vendor(SecEdgar, reply(200, COMPANY), settings=settings).ask("name", **CONTACT), Hit)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", "[1]", '{"0": {"cik_str": "x"}}', '{"fields": ["cik"], "data": []}']
)
def test_another_file_is_refused_with_the_address_of_the_right_one(settings: dict[str, Any], text: str) -> None:
    Path(settings["companies"]).write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"company_tickers\.json"):
        Vendor(SecEdgar, reply(200, COMPANY), settings=settings).ask("name", **CONTACT)


@pytest.mark.parametrize(("key", "value"), [
    ("companies", 7), ("companies", ""), ("companies", "no/such/file.json"), ("contact", ""), ("contact", "nobody"),
])  # fmt: skip
def test_without_a_contact_and_a_list_nothing_is_asked(settings: dict[str, Any], key: str, value: Any) -> None:
    vendor = Vendor(SecEdgar, reply(200, COMPANY), settings={**settings, key: value})
    with pytest.raises(ConfigError, match=key):
        vendor.ask("name", **CONTACT)
    assert not vendor.asked
