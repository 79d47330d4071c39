"""The person match: whether what a vendor returned is about the person who was asked for. `rules` is what decides."""

import attrs

from enrichcore.identity.traits import Match, Traits

_KEYED = {
    method: Match(accepted=True, score=0.7, evidence=(f"keyed_by_{method}",))
    for method in ("name", "linkedin", "email")
}


def match_person(*, method: str, sent: Traits, said: Traits) -> Match:
    """Judge whether `said`, what a vendor returned, is the person that the caller's `sent` describes.

    `method` is what the lookup was keyed by: `name`, `linkedin` or `email`. `sent` holds only what the caller knew:
    what another vendor said of the person is no evidence.

    Raises:
        KeyError: no such method.
    """
    keyed = _KEYED[method]
    said = _usable(said)
    if not (_names_someone(said) or said.company or said.domain or said.email or said.linkedin_id or said.country):
        return keyed
    from enrichcore.identity.judge import judge  # noqa: PLC0415 - its tables are for those who have something to compare

    return judge(method, _usable(sent), said)


def _names_someone(traits: Traits) -> bool:
    return bool(traits.name or traits.first_name or traits.last_name)


def _usable(traits: Traits) -> Traits:
    """`traits` without what is no text (a vendor's JSON has anything in any place) and the rest of what is too long."""
    wrong: dict[str, str | None] = {}
    for field in _FIELDS:
        value = getattr(traits, field)
        longest = _LONGEST_ADDRESS if field in _ADDRESSES else _LONGEST
        if value is not None and (not isinstance(value, str) or len(value) > longest):
            wrong[field] = value[:longest] if isinstance(value, str) else None
    return attrs.evolve(traits, **wrong) if wrong else traits


_FIELDS = tuple(field.name for field in attrs.fields(Traits))
_ADDRESSES = frozenset({"domain", "email", "linkedin_id"})
_LONGEST, _LONGEST_ADDRESS = 512, 4096
"""Letters of a value that count. A megabyte of a vendor's text is nobody's name; an address may carry a long query."""
