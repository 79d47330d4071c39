"""What two sets of traits have in common and where they part: everything that the rules of the match ask about."""

import attrs

from enrichcore.identity.company import company_key
from enrichcore.identity.compare_companies import CompanyFit, compare_companies
from enrichcore.identity.compare_names import NameFit, compare_names
from enrichcore.identity.country import clean_country
from enrichcore.identity.email import clean_email
from enrichcore.identity.email_class import is_role
from enrichcore.identity.linkedin import LinkedInFit, clean_linkedin, compare_linkedin
from enrichcore.identity.mailboxes import MailboxFit, compare_mailboxes, spells, spells_name, words_of
from enrichcore.identity.name import name_key
from enrichcore.identity.spellings import EVERY, FAMILY_FIRST, tongues
from enrichcore.identity.traits import Traits
from enrichcore.identity.written import OFFICE_SIGNS, OFFICES, take_apart

_SHORTEST_WORD = 3


@attrs.frozen(kw_only=True)
class Facts:
    """The comparison, field by field. Nothing in it is about the person."""

    method: str
    name: NameFit
    company: CompanyFit
    mailbox: MailboxFit
    linkedin: LinkedInFit
    country: bool | None
    """Whether both say the same country; None where one does not say it."""
    one_generation: bool
    """Whether only one of the two states a generation, at a company that bears the family's name."""
    surname_in_mailbox: bool
    """Whether the mailbox, the same in both, spells the surname that was sent or the one that was said."""
    office: bool
    """Whether the mailbox or the title that was said is that of a role, an office or a switchboard."""
    spelled: bool
    """Whether the mailbox that was said spells the name that was sent."""
    says_place: bool
    """Whether a company, a domain or a mailbox was said."""

    @property
    def strong(self) -> bool:
        """Whether an id that belongs to one person is the same."""
        return self.linkedin is LinkedInFit.SAME or self.mailbox is MailboxFit.SAME

    @property
    def keyed_by_id(self) -> bool:
        """Whether the lookup itself was keyed by such an id."""
        return self.method != "name"


def compare(method: str, sent: Traits, said: Traits) -> Facts:
    """Lay `said` beside `sent`."""
    mine, theirs = _address(sent.email), _address(said.email)
    mailbox = compare_mailboxes(mine, theirs)
    linkedin = compare_linkedin(sent.linkedin_id, said.linkedin_id)
    home, there = _country(sent.country), _country(said.country)
    strong = linkedin is LinkedInFit.SAME or mailbox is MailboxFit.SAME
    first, last = _parts(sent)
    one_generation = in_mailbox = False
    if not first and not last:
        name = NameFit.UNKNOWN
        spelled = _spelled_by(mine if mailbox is MailboxFit.SAME or method == "email" else None, sent.linkedin_id)
        if spelled is not None and (said.name or said.first_name or said.last_name):
            name = _name(*spelled, said, home, there, strong=True)
            # An id that spells a name tells who it is not; who it is, it tells by being the same.
            name = name if name is NameFit.OTHER_PERSON else NameFit.UNKNOWN
    else:
        name = _name(first, last, said, home, there, strong=strong)
        if name >= NameFit.CLOSE and theirs is not None and mailbox not in {MailboxFit.SAME, MailboxFit.SHARED}:
            name = _turned(first, last, said, theirs, home, there) or name
        if name is NameFit.OTHER_LAST and mailbox is MailboxFit.SAME and mine is not None:
            surnames = set(name_key(f"{last} {said.last_name or said.name or ''}").split()) - set(
                name_key(first or "").split()
            )
            in_mailbox = any(spells(mine, word) for word in surnames)
        elif name >= NameFit.CLOSE and sent.company and not strong:
            one_generation = _one_generation(first, last, said, sent.company)
    company = compare_companies(
        sent.company, sent.domain, said.company, said.domain, sent_host=_host(mine), said_host=_host(theirs)
    )
    country = None if home is None or there is None else home == there
    return Facts(
        method=method, name=name, company=company, mailbox=mailbox, linkedin=linkedin, country=country,
        one_generation=one_generation, surname_in_mailbox=in_mailbox,
        office=(theirs is not None and is_role(theirs.rpartition("@")[0])) or _is_office(said.title),
        spelled=theirs is not None and spells_name(theirs, first or "", last or ""),
        says_place=bool(said.company or said.domain or said.email),
    )  # fmt: skip


def _name(
    first: str | None, last: str | None, said: Traits, home: str | None, there: str | None, *, strong: bool
) -> NameFit:
    whole = said.name
    if said.first_name and said.last_name:
        whole = f"{said.first_name} {said.last_name}"
    if not whole and not said.first_name and not said.last_name:
        return NameFit.UNKNOWN
    if whole and first and last and name_key(f"{first} {last}") == name_key(whole):
        return NameFit.SAME
    family = name_key(last or "").split()
    languages = EVERY if strong else tongues((home, there), family, [*family, *name_key(whole or "").split()])
    return compare_names(
        first, last, said.first_name, said.last_name, said.name,
        languages=languages, family_first=home in FAMILY_FIRST or there in FAMILY_FIRST, strong=strong,
    )  # fmt: skip


def _turned(
    first: str | None, last: str | None, said: Traits, mailbox: str, home: str | None, there: str | None
) -> NameFit | None:
    """SWAPPED, where the name is said the other way round and a mailbox of its own says that this is its order."""
    if home in FAMILY_FIRST or there in FAMILY_FIRST:
        return None
    mine = name_key(first or ""), name_key(last or "")
    theirs = tuple(name_key(said.name or f"{said.first_name or ''} {said.last_name or ''}").split())
    return NameFit.SWAPPED if theirs == words_of(mailbox) == mine[::-1] else None


def _one_generation(first: str | None, last: str | None, said: Traits, company: str) -> bool:
    mine = take_apart(last or "", "last").generation or take_apart(first or "", "first").generation
    theirs = take_apart((said.name or f"{said.first_name or ''} {said.last_name or ''}").replace(",", " ")).generation
    if (mine is None) is (theirs is None):
        return False
    family = [w for w, light in zip(*_words(last or ""), strict=True) if not light]
    return not set(family).isdisjoint(company_key(company).split())


def _words(last: str) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    written = take_apart(last, "last")
    return written.words, written.light


def _spelled_by(email: str | None, linkedin: str | None) -> tuple[str, str] | None:
    """The first and last name that an id spells, where it spells just two words."""
    words: tuple[str, ...] = ()
    if email is not None and not is_role(email.rpartition("@")[0]):
        words = words_of(email)
    elif linkedin is not None and (slug := clean_linkedin(linkedin)) is not None:
        words = tuple(w for w in slug.split("-") if w.isalpha())
    return (words[0], words[1]) if len(words) == 2 and all(len(w) >= _SHORTEST_WORD for w in words) else None  # noqa: PLR2004


def _parts(sent: Traits) -> tuple[str | None, str | None]:
    if sent.first_name is not None or sent.last_name is not None or sent.name is None:
        return sent.first_name, sent.last_name
    first, _, last = sent.name.strip().rpartition(" ")
    return (first, last) if first else (None, last or None)


def _address(text: str | None) -> str | None:
    """The address in `text`, which may have a name before it."""
    if text is None:
        return None
    email = clean_email(text)
    return clean_email(text[text.rfind("<") :]) if email is None and text.rstrip().endswith(">") else email


def _is_office(title: str | None) -> bool:
    if not title:
        return False
    found = set(name_key(title).split())
    return "manager" not in found and (not found.isdisjoint(OFFICES) or any(sign in title for sign in OFFICE_SIGNS))


def _host(email: str | None) -> str | None:
    return None if email is None else email.rpartition("@")[2].removeprefix("www.")


def _country(text: str | None) -> str | None:
    return None if text is None else clean_country(text)
