"""The rules of the person match, as data: each a word, a sentence, and what it does. The first that holds decides.

Names alone do not decide: on adversarial pairs of names no string distance is right in 98 of 100 cases and finds more
than 28. So an answer is accepted on an id of one person (LinkedIn, mailbox) with a name that fits, or on a name with
its company, and never on a name alone; and what contradicts vetoes.
"""

from collections.abc import Callable

import attrs

from enrichcore.identity.compare_companies import CompanyFit
from enrichcore.identity.compare_names import NameFit
from enrichcore.identity.facts import Facts
from enrichcore.identity.linkedin import LinkedInFit
from enrichcore.identity.mailboxes import MailboxFit


@attrs.frozen
class Rule:
    """One row of the decision table."""

    word: str
    """The reason of a refusal, or the ground of an acceptance. Stable."""
    says: str
    """When it holds, in a sentence."""
    accepts: bool
    score: float
    """What it is worth before `ADJUSTMENTS`; 0 to 1."""
    holds: Callable[[Facts], bool] = attrs.field(repr=False)


@attrs.frozen
class Adjustment:
    """What an accepted answer is worth more or less for."""

    says: str
    by: float
    holds: Callable[[Facts], bool] = attrs.field(repr=False)


def _refuse(word: str, says: str, score: float, holds: Callable[[Facts], bool]) -> Rule:
    return Rule(word, says, False, score, holds)


def _accept(word: str, says: str, score: float, holds: Callable[[Facts], bool]) -> Rule:
    return Rule(word, says, True, score, holds)


_NAMED = frozenset({NameFit.PARTIAL, NameFit.SAME})
_FITTING = _NAMED | {NameFit.TURNED}


def _married(f: Facts) -> bool:
    """Whether an id explains another surname."""
    if f.linkedin is LinkedInFit.SAME:
        return f.company is not CompanyFit.DIFFERENT
    return f.mailbox is MailboxFit.SAME and f.surname_in_mailbox and f.company is not CompanyFit.DIFFERENT


RULES: tuple[Rule, ...] = (
    _refuse(
        "not_a_person",
        "the record names an office, a team, an assistant or a switchboard",
        0.05,
        lambda f: f.name is NameFit.OFFICE,
    ),
    _refuse(
        "not_a_person",
        "no name is said, and the mailbox or the title is that of a role, an office or a switchboard",
        0.05,
        lambda f: f.name is NameFit.UNKNOWN and f.office and f.mailbox is not MailboxFit.SHARED,
    ),
    _refuse(
        "other_generation",
        "both names state a generation, and not the same one",
        0.1,
        lambda f: f.name is NameFit.OTHER_GENERATION,
    ),
    _refuse(
        "other_person",
        "the first name, or the whole name, is another, whatever else agrees",
        0.05,
        lambda f: f.name in {NameFit.OTHER_PERSON, NameFit.OTHER_FIRST},
    ),
    _refuse(
        "other_person",
        "the surname is another, and no id explains it",
        0.1,
        lambda f: f.name is NameFit.OTHER_LAST and not _married(f),
    ),
    _refuse(
        "other_person",
        "first name and surname have changed places, both could be either, and no id is the same",
        0.2,
        lambda f: f.name is NameFit.SWAPPED and not f.strong,
    ),
    _refuse(
        "other_generation",
        "only one name states a generation, the company bears the family's name, and no id is the same",
        0.3,
        lambda f: f.one_generation and not f.strong,
    ),
    _refuse(
        "other_profile",
        "the LinkedIn id is another, and the mailbox is not the same or the company is another",
        0.15,
        lambda f: (
            f.linkedin is LinkedInFit.OTHER and (f.mailbox is not MailboxFit.SAME or f.company is CompanyFit.DIFFERENT)
        ),
    ),
    _refuse(
        "other_mailbox",
        "the mailbox is that of a namesake on the same host, and the LinkedIn id is not the same",
        0.2,
        lambda f: f.mailbox is MailboxFit.NAMESAKE and f.linkedin is not LinkedInFit.SAME,
    ),
    _accept(
        "linkedin_id",
        "the LinkedIn id is the same, and the name fits or is not said",
        0.98,
        lambda f: f.linkedin is LinkedInFit.SAME,
    ),
    _accept(
        "email",
        "the mailbox is the same and one person's, and the name fits or is not said",
        0.97,
        lambda f: f.mailbox is MailboxFit.SAME,
    ),
    _refuse(
        "other_mailbox",
        "the mailbox is another, and nothing but a name agrees",
        0.2,
        lambda f: f.mailbox >= MailboxFit.OTHER and (f.company <= CompanyFit.ELSEWHERE or f.name not in _FITTING),
    ),
    _refuse(
        "other_mailbox",
        "the mailbox is another on the same host, in another country",
        0.25,
        lambda f: f.mailbox is MailboxFit.COLLEAGUE and f.country is False,
    ),
    _refuse(
        "other_company",
        "the company is another, and no id is the same",
        0.2,
        lambda f: f.company is CompanyFit.DIFFERENT,
    ),
    _refuse(
        "other_company",
        "the company has the same name on another domain, and the country is not known to be the same",
        0.3,
        lambda f: f.company is CompanyFit.ELSEWHERE and not f.country,
    ),
    _refuse(
        "other_country",
        "the country is another, no id is the same, and no mailbox is said that spells the name",
        0.35,
        lambda f: f.country is False and not f.spelled,
    ),
    _accept(
        "name_and_domain",
        "the name fits, and the company by its domain",
        0.94,
        lambda f: f.name in _NAMED and f.company >= CompanyFit.DOMAIN,
    ),
    _accept(
        "name_and_company",
        "the name fits, and the company by its name",
        0.9,
        lambda f: f.name in _NAMED and f.company >= CompanyFit.ELSEWHERE,
    ),
    _accept(
        "name_and_company",
        "the name fits the other way round, and the company by its domain, or by its name in the same country",
        0.9,
        lambda f: f.name is NameFit.TURNED and f.company >= (CompanyFit.NAME if f.country else CompanyFit.DOMAIN),
    ),
    _accept(
        "name_and_key",
        "the name fits, as far as it is said and can be read, the lookup was keyed by an id, and nothing contradicts",
        0.85,
        lambda f: f.keyed_by_id and f.name >= NameFit.UNREADABLE,
    ),
    _accept(
        "name_and_domain",
        "no name is said but by a mailbox that spells it, and the company fits",
        0.9,
        lambda f: f.name is NameFit.UNKNOWN and f.spelled and f.company >= CompanyFit.NAME,
    ),
    _refuse(
        "no_name",
        "a company is said and no name, where a person was asked for by name",
        0.3,
        lambda f: f.name is NameFit.UNKNOWN and f.says_place and not f.keyed_by_id,
    ),
    _accept(
        "key",
        "no name is said, and nothing contradicts the key of the lookup",
        0.7,
        lambda f: f.name is NameFit.UNKNOWN,
    ),
    _refuse("name_only", "a name or a part of one, and nothing else", 0.4, lambda f: True),  # noqa: ARG005 - the last row
)
"""The decision table. The first rule that holds decides; the last one always holds."""

REASONS = tuple(dict.fromkeys(rule.word for rule in RULES if not rule.accepts))
"""The words of the reasons for which a person is refused."""

ADJUSTMENTS: tuple[Adjustment, ...] = (
    Adjustment(
        "a second id is the same too",
        0.02,
        lambda f: f.linkedin is LinkedInFit.SAME and f.mailbox is MailboxFit.SAME,
    ),
    Adjustment("the company agrees by name and domain", 0.02, lambda f: f.company is CompanyFit.BOTH),
    Adjustment(
        "the company agrees, where no name is said",
        0.05,
        lambda f: f.name is NameFit.UNKNOWN and f.company >= CompanyFit.NAME,
    ),
    Adjustment("the country is the same", 0.02, lambda f: f.country is True),
    Adjustment("the country is another", -0.05, lambda f: f.country is False),
    Adjustment(
        "an old public LinkedIn address points to the same profile", 0.02, lambda f: f.linkedin is LinkedInFit.ALIAS
    ),
    Adjustment(
        "the name fits in part: an initial, a nickname, another spelling", -0.06, lambda f: f.name is NameFit.PARTIAL
    ),
    Adjustment("the name is a slip of the pen away", -0.1, lambda f: f.name is NameFit.CLOSE),
    Adjustment("only one part of the name is said", -0.1, lambda f: f.name is NameFit.THIN),
    Adjustment("the name is said the other way round", -0.1, lambda f: f.name in {NameFit.SWAPPED, NameFit.TURNED}),
    Adjustment("the surname is another", -0.15, lambda f: f.name is NameFit.OTHER_LAST),
    Adjustment(
        "no name is said beside an id, or none that can be read",
        -0.08,
        lambda f: f.name is NameFit.UNREADABLE or (f.name is NameFit.UNKNOWN and f.strong),
    ),
    Adjustment("the company is another: a new employer", -0.05, lambda f: f.company is CompanyFit.DIFFERENT),
    Adjustment("another LinkedIn id", -0.08, lambda f: f.linkedin is LinkedInFit.OTHER),
    Adjustment("another mailbox", -0.04, lambda f: f.mailbox >= MailboxFit.OTHER),
)
"""What is added to the score of an accepted answer, each where it holds."""
