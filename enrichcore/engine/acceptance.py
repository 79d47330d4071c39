"""Judging a claim: what a vendor returns is accepted only as this person's number, of a kind the caller wants."""

from typing import Any

import attrs

from enrichcore.identity import Traits, clean_country, match_person
from enrichcore.model import Acceptance, Answer, Hit, LineType, Method, Number, Person, Query, Subject
from enrichcore.phone import Reading, read_number


@attrs.define(eq=False)
class Verdict:
    """What the engine thinks of an answer: the accepted number, or why none was; and whether it is this person."""

    phone: str | None = None
    reason: str | None = None
    extension: str | None = None
    line_type: LineType | None = None
    do_not_call: bool | None = None
    score: float | None = None
    evidence: tuple[str, ...] = ()
    same_person: bool = True


NOTHING_SAID = Person()
_SILENCE = {method: match_person(method=method.value, sent=Traits(), said=Traits()) for method in Method}
"""The match of an answer without a person, whoever was asked for: the key of the lookup is all there is."""
_SILENT_MISS = {method: Verdict(score=match.score, evidence=match.evidence) for method, match in _SILENCE.items()}
_ANY_TYPE = frozenset({LineType.MOBILE, LineType.LANDLINE, LineType.UNKNOWN})


def judge(answer: Answer, subject: Subject, query: Query, policy: Acceptance) -> Verdict:
    """Match the person first, then read the numbers in the vendor's order and take the best acceptable one."""
    said = answer.person
    if said is None:
        silent = _SILENCE[query.method]
        if not isinstance(answer, Hit) and policy.min_score <= silent.score:
            return _SILENT_MISS[query.method]
        match, said = silent, NOTHING_SAID
    else:
        match = match_person(method=query.method.value, sent=_sent(subject), said=_said(said))
    if not match.accepted:
        return Verdict(
            reason=match.reason or "other_person", score=match.score, evidence=match.evidence, same_person=False
        )
    verdict = Verdict(score=match.score, evidence=match.evidence)
    if match.score < policy.min_score:
        verdict.reason = "low_match_score"
        return verdict
    if not isinstance(answer, Hit):
        return verdict
    refused: str | None = None
    for number in sorted(answer.numbers, key=_preference) if len(answer.numbers) > 1 else answer.numbers:
        reading = read_number(
            number.raw,
            regions=() if _international(number.raw) else _regions(number, said, query, subject),
            vendor_type=number.type,
            allow_fictional=policy.allow_fictional,
        )
        reason = reading.reason or _unwanted(reading, number, policy)
        if reason is None:
            verdict.phone, verdict.extension = reading.phone, reading.extension
            verdict.line_type, verdict.do_not_call = reading.line_type, number.do_not_call
            return verdict
        refused = refused or reason
    verdict.reason = refused or "no_number"
    return verdict


def _sent(subject: Subject) -> Traits:
    return Traits(
        first_name=subject.first_name,
        last_name=subject.last_name,
        company=subject.company,
        domain=subject.domain,
        email=subject.email,
        linkedin_id=subject.linkedin_id,
        country=subject.country,
    )


def _said(person: Person) -> Traits:
    return Traits(
        name=_text(person.name),
        company=_text(person.company),
        domain=_text(person.domain),
        title=_text(person.title),
        country=_text(person.country),
        email=_text(person.email),
        linkedin_id=_text(person.linkedin_id),
    )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _preference(number: Number) -> tuple[bool, bool]:
    kind = (number.type or "").lower()
    return (number.company_line, "mobile" not in kind and "cell" not in kind)


def _international(raw: object) -> bool:
    return isinstance(raw, str) and raw.startswith("+")


def _regions(number: Number, said: Person, query: Query, subject: Subject) -> tuple[str, ...]:
    """Candidate regions for a national form, the most trusted first."""
    found = [clean_country(c) for c in (number.country, said.country, query.country, subject.country) if c]
    return tuple(dict.fromkeys(region for region in found if region is not None))


def _unwanted(reading: Reading, number: Number, policy: Acceptance) -> str | None:
    if (number.company_line or reading.company_line) and not policy.company_lines:
        return "company_line"
    if policy.countries is not None and reading.country not in policy.countries:
        return "country_not_wanted"
    wanted = policy.line_types
    if wanted is None or reading.line_type in wanted:
        return None
    if reading.line_type is LineType.UNKNOWN and wanted & _ANY_TYPE:
        return None
    return "line_type_not_wanted"
