"""Settled attempts are kept by the question that they answer, however often it was asked."""

from enrichcore.model import Billed, Outcome
from enrichcore.store.protocol import Row
from enrichcore.store.settled import Settled


def row(attempt: int, key: bytes = b"q") -> Row:
    """An attempt at a question."""
    return Row(
        id=attempt, key=key, tenant="default", record=b"r", provider="echo", method="name", owner=1, started_at=0.0,
        settled_at=1.0, outcome=Outcome.MISS, billed=Billed.NO,
    )  # fmt: skip


def kept(*rows: Row) -> Settled:
    """A table of these rows."""
    table = Settled()
    for one in rows:
        table.keep(one)
    return table


def test_attempts_at_a_question_come_oldest_first() -> None:
    first, second, third, other = row(1), row(2), row(3), row(4, b"other")
    table = kept(first, other, second, third)
    assert list(table.at(b"q")) == [first, second, third]
    assert list(table) == [first, second, third, other]
    assert list(table.keys()) == [b"q", b"other"]
    assert table.at(b"nobody") == ()
    assert table.count == 4


def test_any_attempt_can_be_replaced_in_its_place() -> None:
    rows = [row(1), row(2), row(3)]
    for at, old in enumerate(rows):
        table, new = kept(*rows), row(9)
        table.replace(old, new)
        assert [one.id for one in table.at(b"q")] == [9 if at == index else old.id for index, old in enumerate(rows)]
        assert table.count == 3


def test_a_question_is_dropped_with_all_its_attempts() -> None:
    first, second, other = row(1), row(2), row(3, b"other")
    table = kept(first, second, other)
    assert list(table.pop(b"q")) == [first, second]
    assert list(table) == [other]
    assert table.pop(b"q") == ()
    assert table.count == 1
    table.keep(first)
    assert list(table.at(b"q")) == [first]


def test_the_oldest_questions_are_dropped_until_there_is_room() -> None:
    table = kept(row(1, b"a"), row(2, b"a"), row(3, b"b"), row(4, b"c"))
    assert [one.id for one in table.drop_oldest(3)] == [1, 2, 3]
    assert [one.id for one in table] == [4]
    assert table.drop_oldest(0) == []
    assert [one.id for one in table.drop_oldest(10)] == [4]
    assert table.count == 0


def test_everything_can_be_dropped() -> None:
    table = kept(row(1), row(2))
    table.clear()
    assert (list(table), table.count, table.at(b"q")) == ([], 0, ())
