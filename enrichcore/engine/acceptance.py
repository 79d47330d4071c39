"""Judging a claim: what a vendor returns is accepted only as this person's number, of a kind the caller wants.

The gates are listed in `gates`, the signals for a region and what a country does to the score in `regions`.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Any, Protocol

import attrs

from enrichcore.engine.gates import NO_NUMBER
from enrichcore.engine.regions import RegionFit, home_countries, region_fit, regions
from enrichcore.identity import Match, Traits, match_person
from enrichcore.model import Acceptance, Answer, Hit, LineType, Method, Number, Person, Query, Subject
from enrichcore.phone import Reading, read_number


class KnownNumbers(Protocol):
    """What is remembered of numbers beyond one answer."""

    def refuses(self, phone: str) -> str | None:
        """Why an E.164 number is nobody's own (`shared_number`, `company_line`); None if nothing speaks against it."""
        ...


@attrs.define(eq=False)
class Verdict:
    """What the engine thinks of an answer: the accepted number, or why none was; and whether it is this person.

    `reason` is that of the first refusal. `refused_phone` is the best number of this person against which only the
    policy speaks, or what is known of the number, with its own reason. `score` and `evidence` are those of the number
    that is accepted or reported as refused, else those of the person.
    """

    phone: str | None = attrs.field(default=None, repr=False)
    reason: str | None = None
    extension: str | None = attrs.field(default=None, repr=False)
    line_type: LineType | None = None
    do_not_call: bool | None = None
    score: float | None = None
    evidence: tuple[str, ...] = ()
    same_person: bool = True
    plan_line_type: LineType | None = None
    claimed_line_type: LineType | None = None
    refused_phone: str | None = attrs.field(default=None, repr=False)
    refused_reason: str | None = None
    company_phones: tuple[str, ...] = attrs.field(default=(), repr=False)
    """E.164 of the numbers that the answer marks as the company's, as far as they were read."""
    fictional: bool = False


NOTHING_SAID = Person()
_SILENCE = {method: match_person(method=method.value, sent=Traits(), said=Traits()) for method in Method}
"""The match of an answer without a person, whoever was asked for: the key of the lookup is all there is."""
_SILENT_MISS = {method: Verdict(score=match.score, evidence=match.evidence) for method, match in _SILENCE.items()}
_ANY_TYPE = frozenset({LineType.MOBILE, LineType.LANDLINE, LineType.UNKNOWN})
_UNKNOWN = LineType.UNKNOWN
_LOW_SCORE, _COMPANY_LINE = "low_match_score", "company_line"
_NO_READINGS: Mapping[int, Reading] = MappingProxyType({})


def judge(
    answer: Answer, subject: Subject, query: Query, policy: Acceptance, known: KnownNumbers | None = None
) -> Verdict:
    """Match the person first, then read the numbers in the vendor's order and take the best acceptable one.

    `known` is asked last, and only about a number that would be taken.
    """
    said = answer.person
    if said is None:
        match = _SILENCE[query.method]
        if not isinstance(answer, Hit) and policy.least_score(query.method) <= match.score:
            return _SILENT_MISS[query.method]
    else:
        match = match_person(method=query.method.value, sent=_sent(subject), said=_said(said))
    if not match.accepted:
        return Verdict(
            reason=match.reason or "other_person", score=match.score, evidence=match.evidence, same_person=False
        )
    verdict = Verdict(score=match.score, evidence=match.evidence)
    if isinstance(answer, Hit):
        _Hearing(verdict, match, said or NOTHING_SAID, subject, query, policy, known).hear(answer.numbers)
    elif match.score < policy.least_score(query.method):
        verdict.reason = _LOW_SCORE
    return verdict


_Claim = tuple[Number, Reading, RegionFit | None, float]
"""A number that passes every gate but the last, with its score."""


@attrs.define(eq=False, init=False)
class _Hearing:
    """The numbers of one answer, one after the other. What it comes to is written into `verdict`."""

    verdict: Verdict
    match: Match
    said: Person
    subject: Subject
    query: Query
    policy: Acceptance
    known: KnownNumbers | None
    least: float
    homes: tuple[str, ...]
    best: float
    """The score of the best number refused so far."""

    def __init__(
        self, verdict: Verdict, match: Match, said: Person, subject: Subject, query: Query, policy: Acceptance,
        known: KnownNumbers | None,
    ) -> None:  # fmt: skip
        self.verdict, self.match, self.said, self.subject, self.query = verdict, match, said, subject, query
        self.policy, self.known = policy, known
        self.least = policy.least_score(query.method)
        self.homes = home_countries(subject, said)
        self.best = -1.0

    def hear(self, numbers: tuple[Number, ...]) -> None:
        """Take the best acceptable number, mobiles before others and the company's last, else say why none is."""
        if len(numbers) == 1:
            self._take_one(numbers, _NO_READINGS)
        else:
            # What the answer marks as the company's is known first: it may stand there again as the person's.
            marked = {id(number): self._read(number) for number in numbers if number.company_line}
            for _, alike in groupby(sorted(numbers, key=_preference), key=_preference):
                if self._take_one(tuple(alike), marked):
                    break
        verdict = self.verdict
        if verdict.phone is None:
            verdict.reason = verdict.reason or NO_NUMBER

    def _take_one(self, numbers: Sequence[Number], marked: Mapping[int, Reading]) -> bool:
        """Whether one of several numbers of equal rank is accepted: one of the person's country before others."""
        waiting: list[_Claim] = []
        for number in numbers:
            reading = (marked and marked.get(id(number))) or self._read(number)
            if reading.phone is None:
                self.verdict.reason = self.verdict.reason or reading.reason
                continue
            homes, score = self.homes, self.match.score
            fit = region_fit(reading.phone, reading.country, homes) if homes else None
            if fit is not None:
                score = round(min(max(score + fit.by, 0.0), 1.0), 2)
            claim = number, reading, fit, score
            reason = _unwanted(reading, number, self.policy, self.verdict.company_phones)
            if reason is None and score < self.least:
                reason = _LOW_SCORE
            if reason is not None:
                self._refuse(claim, reason)
            elif homes and (fit is None or fit.by < 0):
                waiting.append(claim)  # another one may be of the person's country
            elif self._accept(claim):
                return True
        if waiting:
            waiting.sort(key=_score_of, reverse=True)
            return any(map(self._accept, waiting))
        return False

    def _read(self, number: Number) -> Reading:
        raw = number.raw
        reading = read_number(
            raw,
            regions=() if _international(raw) else regions(number, self.said, self.query, self.subject),
            vendor_type=number.type,
            allow_fictional=self.policy.allow_fictional,
        )
        if number.company_line and reading.phone is not None and reading.phone not in self.verdict.company_phones:
            self.verdict.company_phones += (reading.phone,)
        return reading

    def _accept(self, claim: _Claim) -> bool:
        number, reading, fit, score = claim
        if self.known is not None:
            assert reading.phone is not None
            reason = self.known.refuses(reading.phone)
            if reason is not None and not (reason == _COMPANY_LINE and self.policy.company_lines):
                self._refuse(claim, reason)
                return False
        verdict = self.verdict
        verdict.phone, verdict.extension, verdict.do_not_call = reading.phone, reading.extension, number.do_not_call
        verdict.line_type, verdict.fictional = reading.line_type, reading.fictional
        verdict.plan_line_type, verdict.claimed_line_type = reading.plan_line_type, reading.claimed_line_type
        verdict.reason = verdict.refused_phone = verdict.refused_reason = None
        self._score(fit, score)
        return True

    def _refuse(self, claim: _Claim, reason: str) -> None:
        """Keep the best of the numbers that are real and this person's, and not wanted."""
        _, reading, fit, score = claim
        verdict = self.verdict
        verdict.reason = verdict.reason or reason
        if score > self.best:
            self.best = score
            verdict.refused_phone, verdict.refused_reason = reading.phone, reason
            self._score(fit, score)

    def _score(self, fit: RegionFit | None, score: float) -> None:
        self.verdict.score = score
        self.verdict.evidence = self.match.evidence if fit is None else (*self.match.evidence, fit.word)


def _unwanted(reading: Reading, number: Number, policy: Acceptance, company: tuple[str, ...]) -> str | None:
    """Why the caller does not want this number; `company` are the answer's numbers of the company."""
    if not policy.company_lines and (number.company_line or reading.company_line or reading.phone in company):
        return _COMPANY_LINE
    if policy.countries is not None and reading.country not in policy.countries:
        return "country_not_wanted"
    if reading.country in policy.refused_countries:
        return "country_not_wanted"
    wanted = policy.line_types
    if wanted is None:
        return None
    line = reading.line_type
    if line in wanted or (line is _UNKNOWN and wanted & _ANY_TYPE):
        return None
    return "line_type_not_wanted"


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


def _score_of(claim: _Claim) -> float:
    return claim[3]


def _international(raw: object) -> bool:
    return isinstance(raw, str) and raw.startswith("+")
