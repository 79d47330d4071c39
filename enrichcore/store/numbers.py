"""For whom numbers were given, and which are shared, in plain dictionaries: the part of MemoryStore that counts."""

from collections.abc import Collection
from itertools import islice
from typing import Any

import attrs

from enrichcore.store.protocol import SharedNumber


@attrs.define(eq=False)
class NumberTable:
    """What is known of numbers. Beyond the `rows` of each kind that a store keeps, the oldest are dropped."""

    people: dict[tuple[str, int], tuple[int, ...]] = attrs.Factory(dict)
    shared: dict[tuple[str, int], SharedNumber] = attrs.Factory(dict)
    mark: int = 0

    def given(self, tenant: str, phone: int, person: int, limit: int, rows: int) -> SharedNumber | None:
        """Count one person more; the number if it is shared now."""
        key = (tenant, phone)
        people = self.people.get(key)
        if people is None:
            self.people[key] = people = (person,)
            if len(self.people) > rows:
                _drop_oldest(self.people, rows)
        elif person not in people:
            self.people[key] = people = (*people, person)
        if len(people) <= limit:
            return None
        before = self.shared.get(key)
        if before is not None and before.people > limit:
            return before
        return self._share(key, len(people), rows, company=before is not None and before.company)

    def company_line(self, tenant: str, phone: int, rows: int) -> SharedNumber:
        """Keep that a number is a company's."""
        before = self.shared.get((tenant, phone))
        if before is not None and before.company:
            return before
        return self._share((tenant, phone), before.people if before is not None else 0, rows, company=True)

    def forget(self, tenant: str, people: Collection[int]) -> int:
        """Count people no more; how many numbers they had been given."""
        gone, found = set(people), 0
        for key, before in list(self.people.items()):
            left = tuple(person for person in before if person not in gone)
            if key[0] == tenant and len(left) < len(before):
                found += len(before) - len(left)
                if left:
                    self.people[key] = left
                else:
                    del self.people[key]
        return found

    def after(self, tenant: str, mark: int) -> list[SharedNumber]:
        """What is shared since `mark`, by mark."""
        return [s for (owner, _), s in self.shared.items() if owner == tenant and s.mark > mark]

    def _share(self, key: tuple[str, int], people: int, rows: int, *, company: bool) -> SharedNumber:
        self.mark += 1
        self.shared.pop(key, None)  # the newest mark comes last
        self.shared[key] = found = SharedNumber(self.mark, key[1], people, company)
        if len(self.shared) > rows:
            _drop_oldest(self.shared, rows)
        return found


def _drop_oldest(table: dict[tuple[str, int], Any], rows: int) -> None:
    # In slices of a sixteenth: taking single entries off the front of a dict is quadratic.
    for key in list(islice(table, max(1, rows // 16))):
        del table[key]
