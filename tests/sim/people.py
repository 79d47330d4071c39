"""The people of the simulation, the contacts that may describe them, and the marks that no log event may show.

Every name, address, id, key and number here holds a mark, so that one look at the log finds any of them.
"""

import random
from collections.abc import Iterator
from typing import Any, Final

import attrs

from enrichcore.model import Contact, Method, Subject

MARKS: Final = ("zq", "+44", "7700 900", "7700900", "7946 0", "2079460")
"""Whatever of a person or a key reaches a log event holds one of these."""


@attrs.frozen(eq=False)
class Human:
    """One invented person and the keys of every question about them."""

    number: int
    first: str
    last: str
    company: str
    domain: str
    email: str
    linkedin: str
    mobile: str
    landline: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    def raw(self, kind: str, style: int) -> str:
        """A number the way one vendor writes it."""
        number = self.mobile if kind == "mobile" else self.landline
        return number if style else "0" + number.removeprefix("+44")


_FIRST = ("Ezqra", "Mizqa", "Ozqar", "Luzqia", "Tezqo", "Hazqel", "Bizqor", "Nazqim")
_LAST = ("Zqalloran", "Zqvidovich", "Zqmbeki", "Zqerrano", "Zqishikawa", "Zqhoulihan")
_FIRMS = ("Zqengines", "Zqtimber", "Zqharbour", "Zqlantern")


def _human(number: int) -> Human:
    first, last = _FIRST[number % 8], _LAST[(number // 8 + number) % 6]
    firm = _FIRMS[number % 4]
    domain = f"{firm.lower()}{number}.example"
    return Human(
        number=number,
        first=first,
        last=last,
        company=f"{firm} {'Ltd' if number % 3 else 'GmbH'}",
        domain=domain,
        email=f"{first.lower()}.{last.lower()}@{domain}",
        linkedin=f"zq-{first.lower()}-{last.lower()}-{number}",
        mobile=f"+447700900{100 + number}",
        landline=f"+442079460{100 + number}",
    )


EVERYONE: Final = tuple(_human(number) for number in range(16))


def _keys() -> Iterator[tuple[tuple[Method, bytes], int]]:
    for human in EVERYONE:
        whole = Contact(
            first_name=human.first,
            last_name=human.last,
            company=human.company,
            email=human.email,
            linkedin_id=human.linkedin,
        )
        by_domain = Contact(first_name=human.first, last_name=human.last, domain=human.domain)
        for contact in (whole, by_domain):
            for method, query in Subject.of(contact).queries.items():
                yield (method, query.key), human.number


WHO: Final[dict[tuple[Method, bytes], int]] = dict(_keys())
"""Who a question is about, by its method and key."""


@attrs.frozen(eq=False)
class Case:
    """One contact as a caller sends it, and who it really is.

    `record` is what binds callers of the same contact together, `keys` the questions that its own fields allow.
    """

    contact: Contact
    human: Human | None
    record: tuple[str, bytes]
    keys: dict[Method, bytes]

    @classmethod
    def of(cls, contact: Contact, human: Human | None) -> "Case":
        """The case of a contact."""
        subject = Subject.of(contact)
        keys = {method: query.key for method, query in subject.queries.items()}
        return cls(contact, human, (subject.record_id, subject.fingerprint), keys)


_SHAPES: Final = (
    ("first_name", "last_name", "company", "email", "linkedin_id"),
    ("first_name", "last_name", "company", "domain"),
    ("first_name", "last_name", "company"),
    ("first_name", "last_name", "domain"),
    ("email",),
    ("email", "first_name", "last_name"),
    ("linkedin_id",),
    ("linkedin_id", "first_name", "last_name"),
    ("first_name", "last_name", "company", "linkedin_id"),
)


def make_case(rng: random.Random, human: Human, serial: int) -> Case:
    """A contact with some of what there is to say about a person; now and then in another spelling."""
    fields = rng.choice(_SHAPES) if rng.random() < 0.97 else ("company",)
    values: dict[str, Any] = {
        "first_name": human.first,
        "last_name": human.last,
        "company": human.company,
        "domain": human.domain,
        "email": human.email.upper() if rng.random() < 0.2 else human.email,
        "linkedin_id": human.linkedin,
    }
    named: dict[str, Any] = {} if rng.random() < 0.1 else {"record_id": f"rec-zq-{serial}"}
    return Case.of(Contact(**named, **{field: values[field] for field in fields}), human)


def make_twin(case: Case) -> Case | None:
    """The same contact with other hints: its record and what identifies it stay, a domain or a name comes or goes."""
    contact, human = case.contact, case.human
    if human is None or contact.company is not None:
        domain = None if human is None or contact.domain is not None else human.domain
        twin = attrs.evolve(contact, domain=domain)
    elif contact.first_name is not None:
        twin = attrs.evolve(contact, first_name=None, last_name=None)
    else:
        twin = attrs.evolve(contact, first_name=human.first, last_name=human.last)
    other = Case.of(twin, human)
    return other if other.record == case.record and twin != contact else None
