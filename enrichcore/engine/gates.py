"""The gates that a number passes, in order, each with the stable reasons it refuses for: data for pages and tests."""

import attrs


@attrs.frozen
class Gate:
    """One gate: what it asks, the reasons of its refusals, and the policy key that moves it, if one does."""

    name: str
    says: str
    reasons: tuple[str, ...]
    key: str | None = None


GATES: tuple[Gate, ...] = (
    Gate(
        "text",
        "it is text, nothing is hidden behind stars or x's, and it can be read as a number and not as a date",
        ("not_text", "masked", "unparsable"),
    ),
    Gate(
        "region",
        "a national form is taken if all regions that come into question and validate it give one number, or if two "
        "independent signals name the same region",
        ("ambiguous_region",),
    ),
    Gate("plan", "the numbering plan has such a length, and such a range", ("not_possible", "not_valid")),
    Gate(
        "kind",
        "it is a line that a person can have",
        ("premium", "shared_cost", "pager", "voicemail"),
    ),
    Gate("fiction", "no regulator keeps it for films and books", ("fictional",), "allow_fictional"),
    Gate(
        "placeholder",
        "it is not one digit seven times in a row, a run of seven, or one pair over and over",
        ("placeholder",),
    ),
    Gate(
        "company line",
        "it is not toll-free or company-wide, the vendor does not mark it as the company's, and it does not stand in "
        "the same answer a second time with that mark",
        ("company_line",),
        "company_lines",
    ),
    Gate(
        "country",
        "its country is one of those wanted, and none of those refused",
        ("country_not_wanted",),
        "countries",
    ),
    Gate("line type", "its line type is wanted", ("line_type_not_wanted",), "line_types"),
    Gate(
        "score",
        "the match score, moved by the country of the number, reaches the least one for the method",
        ("low_match_score",),
        "min_score",
    ),
    Gate(
        "known numbers",
        "it was not given for too many people before, and is not known as a company's; asked for the winner only",
        ("shared_number", "company_line"),
        "max_people",
    ),
)
"""The gates, the first one first. A number that fails one of the last five is reported as refused."""

NO_NUMBER = "no_number"
"""The reason of a hit without anything to judge."""

REASONS = tuple(dict.fromkeys([reason for gate in GATES for reason in gate.reasons] + [NO_NUMBER]))
"""Every reason for which a number is refused."""
