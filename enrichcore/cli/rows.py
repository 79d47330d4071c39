"""Options that say how a file is read and which of its rows are looked up, and what they come to."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from enrichcore.bulk import Choice, Reading, Report

F = TypeVar("F", bound=Callable[..., Any])

RETRIES = ("incomplete", "errors", "misses")
FORMATS = ("csv", "jsonl", "parquet", "xlsx")
NAMES = (
    "maps", "id_column", "namespace", "include_known", "where", "sort_by", "limit", "sample", "skip_countries",
)  # fmt: skip
"""The options of this module, as they come to a command."""


def which_rows(function: F) -> F:
    """Add the options."""
    for option in (
        click.option(
            "--skip-country",
            "skip_countries",
            multiple=True,
            metavar="COUNTRY",
            help="Do not look up people of this country (repeatable).",
        ),
        click.option(
            "--sample", type=click.IntRange(1), metavar="N", help="Look up N rows drawn at random, the same each time."
        ),
        click.option("--limit", type=click.IntRange(1), metavar="N", help="Look up N rows at most."),
        click.option(
            "--sort-by", metavar="COLUMN", help="Look up in the order of this column; -COLUMN takes the highest first."
        ),
        click.option(
            "--where",
            multiple=True,
            metavar="CONDITION",
            help="Look up only rows such as segment=Gold, size>=50, title~sales (repeatable: all must hold).",
        ),
        click.option("--include-known", is_flag=True, help="Look up rows that have a phone already, too."),
        click.option(
            "--source", "namespace", metavar="NAME", help="Where the ids are from, so that two systems' never meet."
        ),
        click.option("--id-column", metavar="COLUMN", help="The column with the id of a row."),
        click.option(
            "--map",
            "maps",
            multiple=True,
            metavar="FIELD=COLUMN",
            help="Which column a field is, such as company=Customer; without a column, none is (repeatable).",
        ),
    ):
        function = option(function)
    return function


def _listed(ctx: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:  # noqa: ARG001 - click's signature
    """What to retry, each word once, from options that may be lists with commas."""
    words = dict.fromkeys(word.strip().lower() for text in given for word in text.split(","))
    for word in words:
        if word not in RETRIES:
            raise click.BadParameter(f"expected {', '.join(RETRIES)}, got {word!r}")
    return tuple(words)


def to_retry(function: F) -> F:
    """Add `--retry`."""
    return click.option(
        "--retry",
        multiple=True,
        metavar="|".join(RETRIES),
        callback=_listed,
        help="Ask again on purpose: misses, or errors that were billed without an answer (repeatable, or with commas). "
        "incomplete is what every run asks for the rest.",
    )(function)


def reading_of(given: Mapping[str, Any], prefix: str = "") -> "Reading":
    """How the file is to be read.

    Raises:
        ConfigError: a mapping has another form, or there is no such field.
    """
    from enrichcore.bulk import Reading
    from enrichcore.errors import ConfigError

    pairs = []
    for text in given["maps"]:
        field, equals, column = text.partition("=")
        if not equals:
            raise ConfigError(f"expected --map FIELD=COLUMN, such as company=Customer, got {text!r}")
        pairs.append((field.strip(), column.strip()))
    if given["id_column"] is not None:
        pairs.append(("record_id", given["id_column"]))
    return Reading(given=tuple(pairs), namespace=given["namespace"] or None, prefix=prefix)


def choice_of(given: Mapping[str, Any]) -> "Choice":
    """Which rows are looked up.

    Raises:
        ConfigError: a condition has another form, or a country is none.
    """
    from enrichcore.bulk import Choice, Condition

    return Choice(
        where=tuple(map(Condition.parse, given["where"])),
        skip_countries=given["skip_countries"],
        include_known=given["include_known"],
        limit=given["limit"],
        sample=given["sample"],
        sort_by=given["sort_by"],
    )


def left_out(report: "Report") -> str | None:
    """How many rows were not looked up, and why; None where all were."""
    from enrichcore.cli.render import count

    if not report.left_out:
        return None
    reasons = ", ".join(f"{reason} {number:,}" for reason, number in report.left_out.most_common())
    return f"{count(report.left_out.total(), 'row')} not looked up: {reasons}"
