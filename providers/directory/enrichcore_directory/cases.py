"""Whom a directory of three people knows, for the contract suite: `enrichcore providers test directory`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enrichcore.testing import Case, Cases

CSV = """\
first_name,last_name,company,domain,email,linkedin_id,mobile,phone,title,country
Ada,Lovelace,Engines,engines.example,ada@engines.example,ada-lovelace,+44 7700 900123,,Analyst,GB
Grace,Hopper,Compilers,compilers.example,grace@compilers.example,grace-hopper,,+1 202-555-0143,Admiral,US
Alan,Turing,Machines,machines.example,alan@machines.example,alan-turing,,,,GB
"""
NOBODY = {
    "first_name": "Nobody",
    "last_name": "Known",
    "company": "Engines",
    "email": "nobody@engines.example",
    "linkedin_id": "nobody-known",
}


def settings(folder: Path) -> Mapping[str, Any]:
    """A file to look people up in; its index stands beside it."""
    path = folder / "crm.csv"
    path.write_text(CSV, encoding="utf-8")
    return {"path": str(path)}


_KNOWN: dict[str, Any] = {
    "nobody": NOBODY,
    "phones": ("+44 7700 900123",),
    "person": {"name": "Ada Lovelace", "title": "Analyst", "domain": "engines.example"},
}
CASES = Cases(Case("name", **_KNOWN), Case("linkedin", **_KNOWN), Case("email", **_KNOWN), settings=settings)
