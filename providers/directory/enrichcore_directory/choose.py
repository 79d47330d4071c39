"""From the rows under one key to an answer: the same person entered twice is one, two people are nobody."""

from collections.abc import Callable, Iterable, Sequence

from enrichcore.identity import email_key, name_key
from enrichcore.model import Hit, Miss, Number, Person
from enrichcore_directory.entry import digits
from enrichcore_directory.index import Known

COMPANY = "company_phone"


def answer_for(rows: Sequence[Known], group: Callable[[Sequence[Known]], list[list[Known]]]) -> Hit | Miss:
    """A hit with all numbers of one person; a miss with what is known when there is none, or no telling whose."""
    if len(rows) == 1:
        return _answer(rows)
    if not rows:
        return Miss()
    people = group(rows)
    reachable = [person for person in people if any(row.phones for row in person)]
    if len(people) == 1:
        return _answer(people[0])
    if len(reachable) == 1 and not _contradicted(reachable[0], people):
        return _answer(reachable[0])
    if reachable:
        return Miss()  # two people answer to this key: a number would be a guess
    return _answer(rows, agreed=True)


def namesakes(rows: Sequence[Known]) -> list[list[Known]]:
    """Rows with one name, parted into people: rows that share an email, a profile or a personal number are one."""
    people: list[tuple[set[str], list[Known]]] = []
    for row in rows:
        marks, mine = _marks(row), [row]
        others = []
        for theirs, entries in people:
            if marks & theirs:
                marks |= theirs
                mine = entries + mine
            else:
                others.append((theirs, entries))
        people = [*others, (marks, mine)]
    return [entries for _, entries in people]


def sharers(name: str | None) -> Callable[[Sequence[Known]], list[list[Known]]]:
    """A grouping for rows with one email or profile: by their names; only `name`'s where it is among them."""

    def group(rows: Sequence[Known]) -> list[list[Known]]:
        people: dict[str, list[Known]] = {}
        for row in rows:
            people.setdefault(name_key(row.name) if row.name else "", []).append(row)
        wanted = name_key(name) if name else ""
        if wanted and wanted in people:
            return [people[wanted] + people.get("", [])]
        nameless = people.pop("", [])
        if len(people) <= 1:
            return [[*nameless, *(row for rows in people.values() for row in rows)]]
        return [*people.values(), *([nameless] if nameless else [])]

    return group


def _marks(row: Known) -> set[str]:
    marks = {f"p{digits(number)}" for number, role in row.phones if role != COMPANY}
    if row.email is not None:
        marks.add(f"e{email_key(row.email)}")
    if row.linkedin_id is not None:
        marks.add(f"l{row.linkedin_id}")
    return marks


def _contradicted(person: Sequence[Known], people: Iterable[Sequence[Known]]) -> bool:
    """Whether another profile or address of the same name says that there are two of them."""
    for field in ("linkedin_id", "email"):
        mine = {getattr(row, field) for row in person} - {None}
        others = {getattr(row, field) for other in people if other is not person for row in other} - {None}
        if mine and others:
            return True
    return False


def _answer(rows: Sequence[Known], *, agreed: bool = False) -> Hit | Miss:
    person = Person(
        name=_first(rows, "name", agreed=agreed),
        company=_first(rows, "company", agreed=agreed),
        domain=_first(rows, "domain", agreed=agreed),
        title=_first(rows, "title", agreed=agreed),
        country=_first(rows, "country", agreed=agreed),
        email=_first(rows, "email", agreed=agreed),
        linkedin_id=_first(rows, "linkedin_id", agreed=agreed),
    )
    numbers: dict[str, Number] = {}
    for row in rows:
        refuses = None if row.do_not_call is None else bool(row.do_not_call)
        for number, role in row.phones:
            company = role == COMPANY
            numbers.setdefault(
                digits(number),
                Number(
                    number,
                    type="phone" if company else role,
                    country=row.country,
                    do_not_call=refuses,
                    company_line=company,
                ),
            )
    return Hit(*numbers.values(), person=person) if numbers else Miss(person)


def _first(rows: Sequence[Known], field: str, *, agreed: bool) -> str | None:
    """The first value of one person; of several people only what they `agree` on."""
    values = list(dict.fromkeys(value for row in rows if (value := getattr(row, field)) is not None))
    return values[0] if values and (len(values) == 1 or not agreed) else None
