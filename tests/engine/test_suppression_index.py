"""The suppression list in memory: who was listed is found, nobody else is, and an unread list lets nobody through."""

import random
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichcore.engine import suppression_index
from enrichcore.engine.suppression_index import SuppressionIndex
from enrichcore.errors import StoreError


def hashes(n: int, seed: int = 1) -> list[bytes]:
    dice = random.Random(seed)
    return [dice.randbytes(16) for _ in range(n)]


def index_of(*listed: bytes) -> SuppressionIndex:
    index = SuppressionIndex()
    index.load((digest, "email") for digest in listed)
    return index


def test_an_empty_list_hits_nothing() -> None:
    index = index_of()
    assert index.hits(hashes(3)) is False
    assert index.hits(()) is False
    assert len(index) == 0


def test_a_list_that_was_never_read_answers_nothing() -> None:
    index = SuppressionIndex()
    with pytest.raises(StoreError, match=r"was not read .* nobody is looked up; `enrichcore store check`"):
        index.hits(hashes(1))
    assert len(index) == 0


def test_a_list_that_could_not_be_read_again_answers_nothing_more_until_it_is() -> None:
    [one, other] = hashes(2)
    index = index_of(one)
    index.lose()
    index.add([one])
    index.remove([other])
    with pytest.raises(StoreError):
        index.hits([one])
    index.load([(other, "email")])
    assert other in index
    assert one not in index


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65, 127, 128, 5000])
def test_exactly_the_listed_hashes_hit(n: int) -> None:
    listed, others = hashes(n), hashes(n, seed=2)
    index = index_of(*listed, *listed[: n // 2])
    assert len(index) == n
    assert all(digest in index for digest in listed)
    assert index.hits(others) is False
    assert index.hits([*others, listed[-1]]) is True
    assert index.hits([listed[0], *others])


EDGES = [bytes(16), b"\xff" * 16, b"\x80" + bytes(15), b"\x7f" + b"\xff" * 15, bytes(7) + b"\x01" + bytes(8)]


@pytest.mark.parametrize("listed", EDGES)
def test_the_first_and_the_last_hash_that_can_be_are_found(listed: bytes) -> None:
    index = index_of(listed)
    assert [digest in index for digest in EDGES] == [digest == listed for digest in EDGES]
    crowd = index_of(*hashes(3000), *EDGES)
    crowd.remove([listed])
    assert [digest in crowd for digest in EDGES] == [digest != listed for digest in EDGES]


def test_hashes_that_are_not_spread_evenly_are_found_as_well() -> None:
    listed = [bytes(6) + n.to_bytes(2, "big") + bytes(8) for n in range(3000)]
    index = index_of(*listed)
    assert all(digest in index for digest in listed)
    assert not index.hits(hashes(100))


def test_what_is_added_and_removed_counts_at_once() -> None:
    [one, other, third] = hashes(3)
    index = index_of(one)
    index.add([other, other, one])
    assert len(index) == 2
    assert one in index
    assert other in index
    index.remove([one, third])
    assert len(index) == 1
    assert one not in index
    assert other in index
    index.remove([one])
    assert len(index) == 1
    index.add([one])
    assert len(index) == 2
    assert one in index
    index.remove([one, other])
    assert len(index) == 0
    assert not index.hits([one, other])


def test_a_hash_that_is_too_short_is_an_error_and_changes_nothing() -> None:
    [one] = hashes(1)
    index = index_of(one)
    with pytest.raises(struct.error):
        index.load([(b"short", "email")])
    with pytest.raises(struct.error):
        index.hits([b"short"])
    assert one in index


def test_many_additions_and_removals_are_merged() -> None:
    index = index_of()
    listed = hashes(20_000)
    for i, digest in enumerate(listed):
        index.add([digest])
        assert len(index) == i + 1
    assert len(index._fresh) <= suppression_index._FEW
    assert len(index._sorted) + len(index._fresh) == 20_000
    assert all(digest in index for digest in listed)
    for digest in listed[:15_000]:
        index.remove([digest])
    assert len(index._gone) <= suppression_index._FEW
    assert len(index) == 5000
    assert not index.hits(listed[:15_000])
    assert all(digest in index for digest in listed[15_000:])


def test_no_more_than_a_few_or_a_part_waits_to_be_merged() -> None:
    few = suppression_index._FEW
    index = index_of()
    index.add(hashes(few))
    assert (len(index._fresh), len(index._sorted)) == (few, 0)
    index.add(hashes(few + 1))
    assert (len(index._fresh), len(index._sorted)) == (0, few + 1)
    index.remove(hashes(few + 1)[:3])
    index.add(hashes(few - 3, seed=2))
    assert (len(index._fresh), len(index._gone)) == (few - 3, 3)
    index.add(hashes(1, seed=3))
    assert (len(index._fresh), len(index._gone), len(index)) == (0, 0, 2 * few - 4)
    big = index_of(*hashes(few * suppression_index._SHARE + suppression_index._SHARE))
    big.add(hashes(few + 1, seed=2))
    assert len(big._fresh) == few + 1
    big.add(hashes(1, seed=3))
    assert len(big._fresh) == 0


def test_a_question_looks_into_a_small_part_of_the_list() -> None:
    for n in (1, 100, 10_000, 100_000):
        index = index_of(*hashes(n))
        starts = index._starts
        longest = max(starts[i + 1] - starts[i] for i in range(len(starts) - 1))
        assert starts[0] == 0
        assert starts[-1] == n
        assert len(starts) <= max(3, n // 16)
        assert longest < 200


def test_an_entry_takes_less_than_nine_bytes() -> None:
    listed = hashes(100_000)
    tracemalloc.start()
    try:
        index = index_of(*listed)
        used = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert len(index) == 100_000
    assert used < 900_000


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["add", "remove", "load"]), st.lists(st.integers(0, 30), max_size=8))),
    st.integers(1, 4),
)
def test_it_is_a_set(steps: list[tuple[str, list[int]]], few: int) -> None:
    """Whatever is loaded, added and removed, in whatever order and merged how often, the index holds what a set has."""
    pool = hashes(31)
    index, model = index_of(), set[bytes]()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(suppression_index, "_FEW", few)
        for verb, picked in steps:
            some = [pool[i] for i in picked]
            if verb == "add":
                index.add(some)
                model.update(some)
            elif verb == "remove":
                index.remove(some)
                model.difference_update(some)
            else:
                index.load((digest, "domain") for digest in some)
                model = set(some)
            assert len(index) == len(model)
            assert [digest in index for digest in pool] == [digest in model for digest in pool]
