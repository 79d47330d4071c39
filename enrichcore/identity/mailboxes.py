"""Whether two mailboxes are one, and what a mailbox's own spelling tells of its owner."""

import re
from enum import IntEnum

from enrichcore.identity.email import email_key
from enrichcore.identity.email_class import is_personal_host, is_role
from enrichcore.identity.name import name_key
from enrichcore.identity.nicknames import same_name

_SEPARATOR = re.compile(r"[._+\-]+")
_MOST_INITIALS = 2


class MailboxFit(IntEnum):
    """How two mailboxes fit."""

    UNKNOWN = 0
    """One of the two is not said."""
    SAME = 1
    SHARED = 2
    """The same mailbox, of a role or a department: it speaks for the company, not for the person."""
    OTHER = 3
    COLLEAGUE = 4
    """Another mailbox on the same host: an alias of the person, or another person."""
    NAMESAKE = 5
    """Another mailbox on the same host, apart by a number or a word: what is given to the second of a name."""


def compare_mailboxes(sent: str | None, said: str | None) -> MailboxFit:
    """How two addresses fit, each as `clean_email` gives it."""
    if sent is None or said is None:
        return MailboxFit.UNKNOWN
    mine, theirs = email_key(sent), email_key(said)
    local, _, host = mine.rpartition("@")
    if mine == theirs:
        return MailboxFit.SHARED if is_role(local) else MailboxFit.SAME
    other, _, other_host = theirs.rpartition("@")
    if host != other_host:
        return MailboxFit.OTHER
    if _of_a_namesake(local, other, host):
        return MailboxFit.NAMESAKE
    return MailboxFit.OTHER if is_personal_host(host) else MailboxFit.COLLEAGUE


def _of_a_namesake(one: str, other: str, host: str) -> bool:
    if _digits(one) != _digits(other):
        return True
    if _letters(one) == _letters(other):
        return is_personal_host(host)  # an employer's dots are its own affair; a public host parts two people by them
    # A word more, before, behind or between: wei.chen.eu, maria.l.santos.
    words, others = sorted((_SEPARATOR.split(one), _SEPARATOR.split(other)), key=len)
    return len(words) > 1 and len(others) > len(words) and set(words) <= set(others)


def _letters(local: str) -> str:
    return "".join(c for c in local if c.isalpha())


def _digits(local: str) -> str:
    return "".join(c for c in local if c.isdigit())


def words_of(email: str) -> tuple[str, ...]:
    """The words that an address spells, in comparison form and without numbers."""
    local = email.rpartition("@")[0].partition("+")[0]
    return tuple(filter(None, ("".join(c for c in name_key(w) if not c.isdigit()) for w in _SEPARATOR.split(local))))


def spells_name(email: str, first: str, last: str) -> bool:
    """Whether an address spells a surname, and the first name or its initial, in any order."""
    words = words_of(email)
    letters = "".join(words)
    for given in name_key(first).split()[:1]:
        for family in name_key(last).split():
            if len(family) > 2 and family in letters:  # noqa: PLR2004
                apart = tuple(w for w in words if w != family)
                rest = apart[0] if len(apart) < len(words) and apart else letters.replace(family, "", 1)
                # Paula's mailbox begins like Paul's name: what is not the whole name may only be its initials.
                if rest == given or (rest and given.startswith(rest) and len(rest) <= _MOST_INITIALS):
                    return True
                if same_name(rest, given):
                    return True
    return False


def spells(email: str, word: str) -> bool:
    """Whether an address spells a word of three letters or more."""
    return len(word) > 2 and word in "".join(words_of(email))  # noqa: PLR2004
