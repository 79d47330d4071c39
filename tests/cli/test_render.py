"""What is shown is safe for a terminal and lines up."""

from decimal import Decimal

import pytest

from enrichcore.cli.render import clean, count, duration, money, table


def test_what_drives_a_terminal_is_replaced() -> None:
    assert clean("a\x1b[31mb\x07\x00\x9b\u202ec\ud800") == "a\ufffd[31mb\ufffd\ufffd\ufffd\ufffdc\ufffd"


def test_scripts_tabs_and_line_breaks_stay() -> None:
    assert clean("\u05d0\u05d1 Zoë 🦊\n\tx") == "\u05d0\u05d1 Zoë 🦊\n\tx"


def test_columns_line_up_with_wide_and_combining_characters() -> None:
    lines = table(("name", "x"), [("日本", "1"), ("Zoe\u0308", "2"), ("a\nb", "3")]).split("\n")
    assert lines == ["name  x", "日本  1", "Zoe\u0308   2", "a b   3"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (42.4, "42 s"), (65.0, "1 min 05 s"), (7800.0, "2 h 10 min")],
)
def test_durations_are_said_as_people_say_them(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_money_has_a_currency_and_an_unknown_price_is_a_dash() -> None:
    assert money(Decimal("1.20"), "EUR") == "1.2 EUR"
    assert money(Decimal(100), "USD") == "100 USD"
    assert money(None, "USD") == "-"


def test_one_is_singular() -> None:
    assert [count(n, "row") for n in (0, 1, 2000)] == ["0 rows", "1 row", "2,000 rows"]
