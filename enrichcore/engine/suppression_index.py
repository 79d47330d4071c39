"""The suppression list in memory: whether somebody is on it, in a microsecond."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain, groupby
from struct import Struct
from typing import Final

from enrichcore.errors import StoreUnavailable

_PREFIX: Final = Struct(">Q")
_BITS: Final = 64
_FEW: Final = 4096
_SHARE: Final = 32
"""What was added and taken off is merged once it is more than a few, and more than this part of the list."""
_PER_BUCKET: Final = 6
"""Bits of which about as many keys share a bucket as they can count: 32 to 64."""


class SuppressionIndex:
    """One tenant's list in memory: the first 8 bytes of each hash.

    That somebody is taken for listed who is not happens with a list of a million once in 10^13 questions; the store's
    own check in `claim` compares whole hashes.

    Nothing is known before the first `load`, nor after `lose`: asking then raises, so that a list which could not be
    read lets nobody through, and what is added or removed then changes nothing, because the next `load` brings it.
    """

    __slots__ = ("_count", "_fresh", "_gone", "_known", "_shift", "_sorted", "_starts")

    def __init__(self) -> None:
        self.lose()

    def lose(self) -> None:
        """Forget everything, because the list could not be read again."""
        self._known = False
        self._put(array("Q"))

    def load(self, entries: Iterable[tuple[bytes, str]]) -> None:
        """Take over the whole list, as `Store.suppressed` gives it, in any order."""
        prefix = _PREFIX.unpack_from
        ordered = sorted([prefix(digest)[0] for digest, _ in entries])
        self._put(array("Q", (key for key, _ in groupby(ordered))))
        self._known = True

    def add(self, hashes: Iterable[bytes]) -> None:
        """Add hashes; those that are listed already change nothing."""
        for digest in hashes if self._known else ():
            key = _PREFIX.unpack_from(digest)[0]
            if not self._is_sorted_in(key):
                self._fresh.add(key)
            self._gone.discard(key)
        self._settle()

    def remove(self, hashes: Iterable[bytes]) -> None:
        """Take hashes off; those that are not listed change nothing."""
        for digest in hashes if self._known else ():
            key = _PREFIX.unpack_from(digest)[0]
            self._fresh.discard(key)
            if self._is_sorted_in(key):
                self._gone.add(key)
        self._settle()

    def hits(self, hashes: Iterable[bytes]) -> bool:
        """Whether any of these hashes is listed.

        Raises:
            StoreUnavailable: the list could not be read.
        """
        if not self._count:
            if not self._known:
                raise StoreUnavailable(
                    "the suppression list was not read from the store, so nobody is looked up; "
                    "`enrichcore store check` says what is wrong with the store"
                )
            return False
        unpack, ordered, starts, shift = _PREFIX.unpack_from, self._sorted, self._starts, self._shift
        fresh, gone = self._fresh, self._gone
        for digest in hashes:
            key = unpack(digest)[0]
            bucket = key >> shift
            end = starts[bucket + 1]
            at = bisect_left(ordered, key, starts[bucket], end)
            if (at < end and ordered[at] == key and key not in gone) or key in fresh:
                return True
        return False

    def __contains__(self, digest: bytes) -> bool:
        return self.hits((digest,))

    @property
    def is_known(self) -> bool:
        """Whether the list was read."""
        return self._known

    def __len__(self) -> int:
        """How many entries are listed."""
        return self._count

    def _is_sorted_in(self, key: int) -> bool:
        bucket = key >> self._shift
        end = self._starts[bucket + 1]
        at = bisect_left(self._sorted, key, self._starts[bucket], end)
        return at < end and self._sorted[at] == key

    def _settle(self) -> None:
        """Count; merge what was added and taken off into the array once it is more than a small part of it."""
        fresh, gone = self._fresh, self._gone
        if len(fresh) + len(gone) > max(_FEW, len(self._sorted) // _SHARE):
            kept = (key for key in self._sorted if key not in gone) if gone else self._sorted
            self._put(array("Q", sorted(chain(kept, fresh))))
        else:
            self._count = len(self._sorted) + len(fresh) - len(gone)

    def _put(self, ordered: "array[int]") -> None:
        """Make `ordered` the list, with a table of where each run of first bits begins: hashes are spread evenly."""
        bits = max(1, len(ordered).bit_length() - _PER_BUCKET)
        self._shift = _BITS - bits
        edges = (bisect_left(ordered, bucket << self._shift) for bucket in range(1 << bits))
        self._starts = array("I", chain(edges, (len(ordered),)))
        self._sorted = ordered
        self._fresh: set[int] = set()
        self._gone: set[int] = set()
        self._count = len(ordered)
