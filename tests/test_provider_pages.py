"""What the documentation says of the providers: every event of every provider comes to what the design says."""

from pathlib import Path

import pytest

from docs import generate, provider_pages

ROWS = {name: dict(zip(provider_pages.EVENTS, cells, strict=True)) for name, *cells in provider_pages.matrix()}
WORDS = {
    "found": "hit", "not found": "miss", "pending": "pending", "out of credits": "out_of_credits",
    "bad key": "key_refused", "429": "rate_limited", "5xx": "server_error", "malformed": "unreadable",
    "hang": "maybe_sent",
}  # fmt: skip
NEVER_BILLED = ("out of credits", "bad key", "429")


@pytest.mark.parametrize("event", provider_pages.EVENTS)
@pytest.mark.parametrize("name", ROWS)
def test_an_event_comes_to_what_the_design_says(name: str, event: str) -> None:
    """Whatever a vendor's own way to say it is, the cascade hears the same word."""
    cell = ROWS[name][event]
    if cell == "-":
        assert event in ("pending", "out of credits")
        return
    word, billed = cell.split(", ")
    assert word == WORDS[event]
    paid = provider_pages.classes()[name][1].price.paid
    if not paid or event in NEVER_BILLED:
        assert billed == "no"
    elif event in ("pending", "hang"):
        assert billed == "unknown"


@pytest.mark.parametrize("name", provider_pages.classes())
def test_each_provider_has_a_page_made_from_its_class(name: str) -> None:
    """Methods, price, terms, the evidence grade, what its answers mean, and the sources with the day they were read."""
    kind = provider_pages.classes()[name][1]
    page = provider_pages.page(name)
    assert page.startswith(f"# {name}\n\n{provider_pages.summary(kind)}\n")
    for _, which in provider_pages.facts(name):
        assert which.replace("|", "\\|") in page
    if kind.base_url is not None or kind.key_env is not None:
        _, _, meaning = page.partition("## What its answers mean\n\n")
        assert "| answer | meaning" in meaning.partition("\n## ")[0]
        assert "https://" in page.partition("## Sources\n\nSources")[2]
        assert provider_pages.dates(kind)
    if name in ROWS:
        assert " | ".join(ROWS[name].values()) in page


def test_a_page_that_no_provider_has_any_more_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`docs/generate.py` writes what is missing or old and takes away the others; `--check` only names them."""
    first, *_ = known = dict(list(provider_pages.classes().items())[:2])
    monkeypatch.setattr(provider_pages, "classes", lambda: known)
    monkeypatch.setattr(provider_pages, "page", lambda name: f"# {name}\n")
    (tmp_path / "gone.md").write_text("# gone\n")
    (tmp_path / f"{first}.md").write_text("old\n")
    stale = sorted(f"docs/reference/providers/{name}.md" for name in (*known, "gone"))
    assert sorted(generate._provider_pages(tmp_path, write=False)) == stale
    assert (tmp_path / f"{first}.md").read_text() == "old\n"
    assert sorted(generate._provider_pages(tmp_path, write=True)) == stale
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {f"{n}.md": f"# {n}\n" for n in known}
    assert generate._provider_pages(tmp_path, write=False) == []


def test_each_provider_declares_where_its_facts_are_from() -> None:
    for name, (_, kind) in provider_pages.classes().items():
        said = dict(provider_pages.facts(name))
        assert {"methods", "key", "price", "rate", "evidence", "takes part"} <= said.keys()
        if kind.price.paid:
            assert {"documentation", "terms"} <= said.keys(), name
