"""A site of three saved pages, for the contract suite: `enrichcore providers test website`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from enrichcore.testing import Case, Cases

HOME = """<!doctype html><html lang="en-GB"><title>Engines</title><h1>Engines</h1>
<nav><a href="/team">Our team</a> <a href="/contact">Contact</a></nav><p>We build engines.</p>"""
TEAM = """<!doctype html><html lang="en-GB"><h1>Team</h1><ul>
<li><h3>Ada Lovelace</h3><p>Analyst</p><a href="mailto:ada@engines.example">ada@engines.example</a>
<a href="tel:+447700900123">+44 7700 900123</a></li>
<li><h3>Grace Hopper</h3><p>Admiral</p><a href="tel:+447700900456">+44 7700 900456</a></li></ul>"""
NOBODY = {
    "first_name": "Nobody",
    "last_name": "Known",
    "company": "Nowhere",
    "domain": "nowhere.example",
    "email": "nobody@nowhere.example",
}


def settings(folder: Path) -> Mapping[str, Any]:
    """A folder with two sites; one of them shows no number."""
    for name, text in (
        ("engines.example/index.html", HOME),
        ("engines.example/team.html", TEAM),
        ("nowhere.example/index.html", "<h1>Nowhere</h1>"),
    ):
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return {"saved": str(folder)}


_KNOWN: dict[str, Any] = {
    "nobody": NOBODY,
    "phones": ("+447700900123",),
    "person": {"name": "Ada Lovelace", "domain": "engines.example"},
}
CASES = Cases(Case("name", **_KNOWN), Case("email", **_KNOWN), settings=settings)
