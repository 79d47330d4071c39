"""The person match: whether what a vendor returned is about the person who was asked for.

Names alone do not decide: on adversarial name pairs no string distance reaches a precision of 0.98 with a recall over
0.28. So an answer is accepted on a strong id (LinkedIn id, email) with a compatible name, on a name with its company,
or by the key of the lookup where the vendor says nothing that contradicts it.
"""

from enrichcore.identity.compare_companies import CompanyFit, compare_companies
from enrichcore.identity.compare_names import NameFit, compare_names
from enrichcore.identity.country import clean_country
from enrichcore.identity.email import clean_email, email_key
from enrichcore.identity.linkedin import clean_linkedin
from enrichcore.identity.traits import Match, Traits

_KEYED = {
    method: Match(accepted=True, score=0.7, evidence=(f"keyed_by_{method}",))
    for method in ("name", "linkedin", "email")
}
_OTHER_COUNTRY, _SAME_COUNTRY = -0.05, 0.02
_NAME_SCORES = {NameFit.SAME: 0.0, NameFit.PARTIAL: -0.08, NameFit.UNKNOWN: -0.1, NameFit.OTHER_LAST: -0.15}
_NAME_WORDS = {NameFit.SAME: ("name",), NameFit.PARTIAL: ("name_partial",), NameFit.OTHER_LAST: ("name_partial",)}
_COMPANY_WORDS = {
    CompanyFit.NAME: ("company",),
    CompanyFit.DOMAIN: ("domain",),
    CompanyFit.BOTH: ("company", "domain"),
}


def match_person(*, method: str, sent: Traits, said: Traits) -> Match:
    """Judge whether `said`, what a vendor returned, is the person that the caller's `sent` describes.

    `method` is what the lookup was keyed by: `name`, `linkedin` or `email`.

    Raises:
        KeyError: no such method.
    """
    if (
        said.name is None
        and said.linkedin_id is None
        and said.email is None
        and said.company is None
        and said.domain is None
        and said.first_name is None
        and said.last_name is None
        and said.country is None
    ):
        return _KEYED[method]
    keyed = _KEYED[method].evidence
    sent_first, sent_last = _parts(sent)
    name = compare_names(sent_first, sent_last, said.first_name, said.last_name, said.name)
    company = compare_companies(sent.company, sent.domain, said.company, said.domain)
    email, linkedin = _same_email(sent, said), _same_linkedin(sent, said)
    words = (
        *(("email",) if email else ()),
        *(("linkedin_id",) if linkedin else ()),
        *_NAME_WORDS.get(name, ()),
        *_COMPANY_WORDS.get(company, ()),
    )
    country = _same_country(sent, said)
    if country:
        words += ("country",)
    strong = bool(email or linkedin)
    reason = _contradiction(method=method, name=name, company=company, strong=strong, email=email, linkedin=linkedin)
    if reason is not None:
        return Match(accepted=False, score=0.2 if words else 0.0, evidence=words, reason=reason)
    if strong:
        score = 1.0 if linkedin and email else 0.98
        score -= 0.05 if company is CompanyFit.DIFFERENT else 0.0
    else:
        words += keyed
        score = {CompanyFit.UNKNOWN: 0.82, CompanyFit.DIFFERENT: 0.75}.get(company, 0.95)
        if name is NameFit.UNKNOWN and company is CompanyFit.UNKNOWN:
            score = 0.8  # with the deduction for an unknown name: what the key alone is worth
        if email is False or linkedin is False:
            score -= 0.1
    score += _NAME_SCORES[name]
    if country is not None:
        score += _SAME_COUNTRY if country else _OTHER_COUNTRY
    return Match(accepted=True, score=round(min(score, 1.0), 2), evidence=words)


def _contradiction(
    *, method: str, name: NameFit, company: CompanyFit, strong: bool, email: bool | None, linkedin: bool | None
) -> str | None:
    """Why this is someone else, or None."""
    if name in {NameFit.OTHER_PERSON, NameFit.OTHER_GENERATION, NameFit.OTHER_FIRST}:
        return "other_person"
    if name is NameFit.OTHER_LAST and not strong:
        return "other_person"  # with a strong id: a married name
    other_id = email is False or linkedin is False
    if other_id and company is CompanyFit.DIFFERENT:
        return "other_person"
    if strong:
        return None
    if linkedin is False and company not in _COMPANY_WORDS:
        return "other_person"  # another profile, and nothing but perhaps a name in common
    if company is CompanyFit.DIFFERENT and (method == "name" or name is NameFit.UNKNOWN):
        return "other_company"
    return None


def _parts(sent: Traits) -> tuple[str | None, str | None]:
    if sent.first_name is not None or sent.last_name is not None or sent.name is None:
        return sent.first_name, sent.last_name
    first, _, last = sent.name.strip().rpartition(" ")
    return (first, last) if first else (None, last or None)


def _same_email(sent: Traits, said: Traits) -> bool | None:
    if sent.email is None or said.email is None:
        return None
    mine, theirs = clean_email(sent.email), clean_email(said.email)
    return None if mine is None or theirs is None else email_key(mine) == email_key(theirs)


def _same_linkedin(sent: Traits, said: Traits) -> bool | None:
    if sent.linkedin_id is None or said.linkedin_id is None:
        return None
    mine, theirs = clean_linkedin(sent.linkedin_id), clean_linkedin(said.linkedin_id)
    return None if mine is None or theirs is None else mine == theirs


def _same_country(sent: Traits, said: Traits) -> bool | None:
    if sent.country is None or said.country is None:
        return None
    mine, theirs = clean_country(sent.country), clean_country(said.country)
    return None if mine is None or theirs is None else mine == theirs
