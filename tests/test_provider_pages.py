"""What the documentation says of the providers: every event of every provider comes to what the design says."""

import pytest

from docs import provider_pages

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


def test_each_provider_declares_where_its_facts_are_from() -> None:
    for name, (_, kind) in provider_pages.classes().items():
        said = dict(provider_pages.facts(name))
        assert {"methods", "key", "price", "rate", "evidence", "takes part"} <= said.keys()
        if kind.price.paid:
            assert {"documentation", "terms"} <= said.keys(), name
