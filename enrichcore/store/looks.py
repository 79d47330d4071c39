"""Looking, for many contacts at once, whether the SQLite journal holds anything about them."""

import asyncio
from collections.abc import Collection
from typing import Final

from enrichcore.errors import StoreError
from enrichcore.store import ops, sql
from enrichcore.store.erasing import LAST_TAG
from enrichcore.store.group_commit import GroupCommit
from enrichcore.store.protocol import QUESTION
from enrichcore.store.queued import Queued
from enrichcore.store.reading import Reader

_SIZES: Final = (32, 8, 1)
"""Lines that one statement asks about: few sizes, so that prepared statements are used again."""

_Asked = tuple[str, bytes, Collection[bytes], "asyncio.Future[bool]"]


class Looks:
    """Collects what is asked in one turn of the loop and answers it together.

    While a big batch is being written everybody waits for it: two threads that take turns for the interpreter cost more
    than one after the other, and what is queued does not grow without end.
    """

    def __init__(self, reader: Reader, queued: Queued, group: GroupCommit[ops.Op]) -> None:
        self._reader = reader
        self._queued = queued
        self._group = group
        self._asked: list[_Asked] = []

    def look(self, tenant: str, record: bytes, keys: Collection[bytes]) -> asyncio.Future[bool]:
        """Whether nothing is stored or queued of a record and of these questions.

        Raises:
            StoreError: the journal cannot be read.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        if not self._asked:
            loop.call_soon(self._answer, None)
        self._asked.append((tenant, record, keys, answer))
        return answer

    def _answer(self, _: object) -> None:
        if self._group.is_full:
            self._group.room().add_done_callback(self._answer)
            return
        asked, self._asked = self._asked, []
        try:
            heard = self._heard(asked)
        except StoreError as error:
            for *_, answer in asked:
                if not answer.done():
                    answer.set_exception(StoreError(*error.args))
            return
        for at, (*_, answer) in enumerate(asked):
            if not answer.done():
                answer.set_result(at not in heard)

    def _heard(self, asked: list[_Asked]) -> set[int]:
        """Which of those have something stored or queued."""
        heard: set[int] = set()
        lines: list[tuple[int, str, bytes, bytes, bytes]] = []
        for at, (tenant, record, keys, _) in enumerate(asked):
            if self._queued.anything(tenant, record, keys):
                heard.add(at)
            else:
                questions = {key[:QUESTION] for key in keys}
                lines += [(at, tenant, record, question, question + LAST_TAG) for question in questions]
        at, left = 0, len(lines)
        while left:
            size = next(size for size in _SIZES if size <= left)
            flat = [value for line in lines[at : at + size] for value in line]
            heard.update([columns[0] for columns in self._reader.read(sql.anything(size), flat)])
            at += size
            left -= size
        return heard
