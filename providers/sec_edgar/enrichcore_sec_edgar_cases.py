"""What the SEC documents, for the contract suite: `enrichcore providers test sec_edgar`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enrichcore.model import Acceptance
from enrichcore.testing import Case, Cases, reply

COMPANIES = {
    "0": {"cik_str": 9999999, "ticker": "NQAY", "title": "NORTHQUAY CORP"},
    "1": {"cik_str": 9999998, "ticker": "ODD", "title": "A&B / C?d=e#f 100% \u2013 \u0160koda"},
    "2": {"cik_str": 9999997, "ticker": "TWIN", "title": "Twin Holdings Inc."},
    "3": {"cik_str": 9999996, "ticker": "TWINB", "title": "TWIN HOLDINGS"},
}
"""A list as the SEC writes it; one company has a name that breaks what is put together by hand."""
OFFICE = {
    "street1": "1 FICTION WAY",
    "street2": None,
    "city": "PORTLAND",
    "stateOrCountry": "OR",
    "zipCode": "97201",
    "stateOrCountryDescription": "OR",
}
COMPANY: dict[str, Any] = {
    "cik": "0009999999",
    "entityType": "operating",
    "sic": "7372",
    "sicDescription": "Services-Prepackaged Software",
    "name": "NORTHQUAY CORP",
    "tickers": ["NQAY"],
    "exchanges": ["Nasdaq"],
    "website": "",
    "investorWebsite": "",
    "fiscalYearEnd": "1231",
    "stateOfIncorporation": "DE",
    "addresses": {"mailing": OFFICE, "business": OFFICE},
    "phone": "(503) 555-0142",
    "flags": "",
    "formerNames": [],
    "filings": {"recent": {"accessionNumber": [], "filingDate": [], "form": []}, "files": []},
}
CONTACT: dict[str, Any] = {
    "first_name": "Mara",
    "last_name": "Ellsworth",
    "company": "Northquay Corp",
    "domain": "northquay.example",
}
THRESHOLD = "<!DOCTYPE html><html><body><h1>Request Rate Threshold Exceeded</h1></body></html>"


def settings(folder: Path) -> Mapping[str, Any]:
    """A contact, and a list of companies."""
    path = folder / "company_tickers.json"
    path.write_text(json.dumps(COMPANIES), encoding="utf-8")
    return {"contact": "ops@engines.example", "companies": str(path)}


CASES = Cases(
    Case(
        "name",
        reply(200, COMPANY),
        [reply(200, {**COMPANY, "phone": None}), reply(200, {**COMPANY, "phone": ""})],
        fields=CONTACT,
        phones=("(503) 555-0142",),
        sends=("/submissions/CIK0009999999.json",),
    ),
    errors={
        "rate_limited": [reply(403, text=THRESHOLD), reply(429, text="slow down")],
        "key_refused": reply(403, text="<h1>Your Request Originates from an Undeclared Automated Tool</h1>"),
        "request_refused": reply(404, text="<Error><Code>NoSuchKey</Code></Error>"),
        "server_error": reply(503, text="busy"),
    },
    settings=settings,
    acceptance=Acceptance(allow_fictional=True, company_lines=True),
)
