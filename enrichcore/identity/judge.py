"""The verdict on traits that say something: the facts, the first rule that holds, the score and the evidence."""

from enrichcore.identity.compare_companies import CompanyFit
from enrichcore.identity.compare_names import NameFit
from enrichcore.identity.facts import Facts, compare
from enrichcore.identity.linkedin import LinkedInFit
from enrichcore.identity.mailboxes import MailboxFit
from enrichcore.identity.rules import ADJUSTMENTS, RULES
from enrichcore.identity.traits import Match, Traits

_IN_PART = (NameFit.PARTIAL, NameFit.CLOSE, NameFit.THIN, NameFit.SWAPPED, NameFit.TURNED, NameFit.OTHER_LAST)
_NAME_WORDS = {NameFit.SAME: ("name",), **dict.fromkeys(_IN_PART, ("name_partial",))}
_COMPANY_WORDS = {
    CompanyFit.ELSEWHERE: ("company",),
    CompanyFit.NAME: ("company",),
    CompanyFit.DOMAIN: ("domain",),
    CompanyFit.BOTH: ("company", "domain"),
}
EVIDENCE = (
    "email", "linkedin_id", "linkedin_alias", "name", "name_partial", "company", "domain", "country", "keyed_by_name",
    "keyed_by_linkedin", "keyed_by_email",
)  # fmt: skip
"""The words of the evidence, in the order in which they stand."""


def judge(method: str, sent: Traits, said: Traits) -> Match:
    """What the rules make of `said`, laid beside `sent`."""
    facts = compare(method, sent, said)
    rule = next(rule for rule in RULES if rule.holds(facts))
    words = _evidence(facts)
    if not rule.accepts:
        return Match(accepted=False, score=rule.score if words else 0.0, evidence=words, reason=rule.word)
    score = rule.score + sum(adjustment.by for adjustment in ADJUSTMENTS if adjustment.holds(facts))
    if not facts.strong:
        words += (f"keyed_by_{method}",)
    return Match(accepted=True, score=round(min(max(score, 0.0), 1.0), 2), evidence=words)


def _evidence(facts: Facts) -> tuple[str, ...]:
    words: tuple[str, ...] = ()
    if facts.mailbox is MailboxFit.SAME:
        words += ("email",)
    if facts.linkedin is LinkedInFit.SAME:
        words += ("linkedin_id",)
    elif facts.linkedin is LinkedInFit.ALIAS:
        words += ("linkedin_alias",)
    words += _NAME_WORDS.get(facts.name, ()) + _COMPANY_WORDS.get(facts.company, ())
    return (*words, "country") if facts.country else words
