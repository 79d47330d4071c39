"""Listing: whether a person or a number is on the suppression list, asked before spending and of every answer."""

from collections.abc import Iterable

from enrichcore.engine.acceptance import Verdict
from enrichcore.engine.keys import Keyer
from enrichcore.engine.run import Run
from enrichcore.engine.suppression import hash_of_phone, hashes_of_answer, hashes_of_subject
from enrichcore.engine.suppression_index import SuppressionIndex
from enrichcore.model import Answer


class Listing:
    """One tenant's list. While it is empty nothing is hashed; while it cannot be read nobody is looked up."""

    def __init__(self, keyer: Keyer) -> None:
        self._keyer = keyer
        self._index = SuppressionIndex()
        self.is_quiet = False
        """Whether the list was read and nobody is on it."""

    @property
    def is_known(self) -> bool:
        """Whether the list was read."""
        return self._index.is_known

    def load(self, entries: Iterable[tuple[bytes, str]]) -> None:
        """Take over the whole list: hashes with their kinds."""
        self._index.load(entries)
        self.is_quiet = len(self._index) == 0

    def lose(self) -> None:
        """The list could not be read: nobody is looked up until it can be."""
        self._index.lose()
        self.is_quiet = False

    def hashes(self, run: Run) -> tuple[bytes, ...]:
        """All by which the person of an enrichment could be listed, as keyed hashes."""
        if run.listed is None:
            run.listed = hashes_of_subject(run.subject, self._keyer, run.learned)
        return run.listed

    def has_person(self, run: Run) -> bool:
        """Whether the person is listed, by what the caller sent or by what answers have taught.

        Raises:
            StoreError: the list could not be read.
        """
        return not self.is_quiet and self._index.hits(self.hashes(run))

    def has_answer(self, answer: Answer, verdict: Verdict) -> bool:
        """Whether what an answer says of this person, or the number in it, is listed.

        Raises:
            StoreError: the list could not be read.
        """
        if self.is_quiet or not verdict.same_person:
            return False
        phone = verdict.phone or verdict.refused_phone
        return self._index.hits(hashes_of_answer(answer.person, phone, self._keyer))

    def has_phone(self, phone: str | None) -> bool:
        """Whether a number in E.164 is listed.

        Raises:
            StoreError: the list could not be read.
        """
        return phone is not None and not self.is_quiet and self._index.hits((hash_of_phone(phone, self._keyer),))
