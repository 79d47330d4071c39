"""Numbers that are nobody's own: one that was given for too many people, and a company's switchboard."""

from collections.abc import Callable
from itertools import islice
from struct import Struct
from typing import Final

from enrichcore.config import MAX_PEOPLE
from enrichcore.engine.acceptance import Verdict, judge
from enrichcore.engine.keys import Keyer
from enrichcore.identity import name_key
from enrichcore.model import Acceptance, Answer, Query, Subject
from enrichcore.phone import read_number
from enrichcore.store import SharedNumber, Store

SHARED_NUMBER: Final = "shared_number"
COMPANY_LINE: Final = "company_line"
_COLUMN: Final = Struct(">q")
"""Keys as the store has them."""
_SIZE: Final = 100_000
"""How many numbers a process counts people of by itself; the store counts beyond."""


class Numbers:
    """What one tenant remembers of numbers beyond one answer. It is the `KnownNumbers` of `judge`.

    What a person sees: the first `max_people` people for whom a number is accepted get it. The next one's answer is
    refused as `shared_number`, and so is, from then on, everybody's: a stored result that holds the number is judged
    anew when it is used next. A number that a vendor marks as the company's is refused as `company_line` from then on,
    whoever says that it is a person's.

    A person is a first and a last name, in whatever order and spelling, so that two records of one person count once;
    without both names, what the caller sent first of company, LinkedIn id and email.

    One process counts at once. What other processes, and earlier ones, were given is counted by the store: the process
    whose note makes a number shared hears of it with the commit, the others with their next `refresh`. So the first
    process to go beyond the limit together with others has given the number to one more person. Nothing of a number or
    a person reaches the store but a keyed hash.

    Args:
        max_people: for how many people one number may be accepted; None or 0 for any number.
        size: how many numbers are counted in this process; beyond, the oldest are left to the store.
    """

    def __init__(
        self,
        store: Store,
        keyer: Keyer,
        tenant: str,
        wall: Callable[[], float],
        *,
        max_people: int | None = MAX_PEOPLE,
        size: int = _SIZE,
    ) -> None:
        self._note = store.note_number
        self._shared_since = store.shared_numbers
        self._key, self._person_key = keyer.number, keyer.person
        self._tenant = tenant
        self._wall = wall
        self._limit = max_people or 0
        self._size = size
        self.mark = b"" if self._limit == MAX_PEOPLE else b"%d" % self._limit
        """What a stored result depends on beside its plan: another limit judges anew what this one refused."""
        self._told = self._learn  # one object: the store compares it
        self._heard = 0
        self._last: tuple[str, bytes] = ("", b"")
        """The number that was asked about, and is counted next."""
        self._people: dict[bytes, tuple[bytes, ...]] = {}
        self._refused: dict[bytes, str] = {}

    async def refresh(self) -> None:
        """Hear what other processes found to be shared; at the start, what is known at all.

        Raises:
            StoreError: the store cannot be read; what is known already still counts.
        """
        for shared in await self._shared_since(self._tenant, self._heard):
            self._learn(shared)
            self._heard = shared.mark

    def refuses(self, phone: str) -> str | None:
        """Why a number in E.164 is nobody's own; None when nothing is known against it."""
        refused = self._refused
        if not refused:
            return None
        key = self._key(phone)
        self._last = phone, key
        return refused.get(key)

    def seen(self, phone: str, subject: Subject) -> bool:
        """Count a number that was accepted for a person; whether this is one too many, so that it is refused now."""
        limit = self._limit
        if not limit:
            return False
        last, key = self._last
        if last != phone:
            key = self._key(phone)
        if key in self._refused:
            return False
        person = self._person_key(who(subject))
        people = self._people.get(key)
        if people is None:
            self._people[key] = (person,)
            if len(self._people) > self._size:
                # In slices: taking single entries off the front of a dict is quadratic.
                for old in list(islice(self._people, max(1, self._size // 16))):
                    del self._people[old]
        elif person in people:
            return False
        elif len(people) < limit:
            self._people[key] = (*people, person)
        else:
            del self._people[key]
            self._refused[key] = SHARED_NUMBER
        unpack = _COLUMN.unpack
        self._note(self._tenant, unpack(key)[0], unpack(person)[0], self._wall(), limit, self._told)
        return people is not None and len(people) >= limit

    def switchboard(self, phone: str) -> None:
        """Keep that a number in E.164 is a company's."""
        key = self._key(phone)
        if self._refused.get(key) != COMPANY_LINE:
            self._people.pop(key, None)
            self._refused[key] = COMPANY_LINE
            self._note(self._tenant, _COLUMN.unpack(key)[0], None, self._wall(), self._limit, self._told)

    def judge(self, answer: Answer, subject: Subject, query: Query, policy: Acceptance) -> Verdict:
        """What an answer is worth, with all that is known of its numbers; what it says of them is remembered."""
        verdict = judge(answer, subject, query, policy, self)
        for phone in verdict.company_phones:
            self.switchboard(phone)
        if policy.company_lines and verdict.phone is not None and _is_company_line(verdict.phone):
            self.switchboard(verdict.phone)  # the plan says so, and no count of people is needed
        # A fictional number cannot be anybody's: tests and demos give one to many.
        while verdict.phone is not None and not verdict.fictional and self.seen(verdict.phone, subject):
            verdict = judge(answer, subject, query, policy, self)
        return verdict

    def _learn(self, shared: SharedNumber) -> None:
        key = _COLUMN.pack(shared.phone)
        if shared.company:
            self._refused[key] = COMPANY_LINE
        elif self._limit and shared.people > self._limit:
            self._refused.setdefault(key, SHARED_NUMBER)


def who(subject: Subject) -> str:
    """The person that is asked for, the same for every spelling that is compared as equal."""
    if subject.first_name is None or subject.last_name is None:
        return next((query.key.decode() for query in subject.queries.values()), "")
    first, last = name_key(subject.first_name), name_key(subject.last_name)
    if " " in first or " " in last:
        return " ".join(sorted([*first.split(), *last.split()]))
    return f"{first} {last}" if first <= last else f"{last} {first}"


def _is_company_line(phone: str) -> bool:
    return read_number(phone, allow_fictional=True).company_line
