"""Whether a journal is sound: budgets that equal their attempts, and values that open."""

from typing import Final

from enrichcore.errors import StoreError
from enrichcore.store.postgres.parts import Parts

_PAGE: Final = 1000
_SHOWN: Final = 10
"""How many problems of a kind are told one by one."""


class Checking(Parts):
    """Looks through the whole journal; nothing is changed."""

    async def check(self) -> list[str]:
        """What is wrong, as sentences for a person; empty when nothing is."""
        return await self._unequal_budgets() + await self._closed_values()

    async def _unequal_budgets(self) -> list[str]:
        found = [
            f"budget {scope!r} of tenant {tenant!r}: {spent} spent and {reserved} reserved, but its attempts come to "
            f"{charged} and {held} (in billionths)"
            for tenant, scope, spent, reserved, charged, held in await self._read(self._sql.unequal_budgets, _SHOWN + 1)
        ]
        return [*found[:_SHOWN], "there are more such budgets"] if len(found) > _SHOWN else found

    async def _closed_values(self) -> list[str]:
        """Values that the keys given do not open, counted by why."""
        reasons: dict[str, int] = {}

        def count(error: StoreError) -> None:
            reasons[str(error)] = reasons.get(str(error), 0) + 1

        last = -1
        while page := await self._read(self._sql.values_of_attempts, last, _PAGE):
            for columns in page:
                try:
                    self._scribe.opened(self._scribe.sealed(columns))
                except StoreError as error:
                    count(error)
            last = page[-1][0]
        after: tuple[str, bytes] = ("", b"")
        while page := await self._read(self._sql.values_of_results, *after, _PAGE):
            for columns in page:
                known, latest = self._scribe.halves(columns)
                for result in {id(half): half for half in (known, latest) if half is not None}.values():
                    try:
                        self._scribe.opened_result(result)
                    except StoreError as error:
                        count(error)
            after = (page[-1][0], page[-1][1])
        return [f"{number} times: {reason}" for reason, number in sorted(reasons.items())]
