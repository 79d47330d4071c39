"""`enrichcore lookup`: one contact."""

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from enrichcore.cli import exits
from enrichcore.cli.options import (
    Globals,
    common,
    contact_fields,
    for_tenant,
    given_contact,
    limited,
    load,
    make_engine,
    note,
    say_broken,
)

if TYPE_CHECKING:
    from enrichcore.model import PhoneResult


@click.command()
@click.option("--record-id", metavar="ID", help="Your id of the contact.")
@contact_fields
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@click.option("--refresh", is_flag=True, help="Ask again, whatever is known.")
@click.option("--max-age", metavar="AGE", help="Use no stored answer older than this, such as 30d or 12h.")
@click.option("--deadline", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Default: 60.")
@click.option("--provider", "providers", multiple=True, metavar="NAME", help="Ask only this one (repeatable).")
@click.option("--budget", metavar="AMOUNT", help='Spend at most this on it, as "0.60 USD".')
@for_tenant
@common
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    as_json: bool,
    refresh: bool,
    max_age: str | None,
    deadline: float | None,
    providers: tuple[str, ...],
    budget: str | None,
    tenant: str,
    record_id: str | None,
    **fields: str | None,
) -> None:
    """Find the phone number of one contact.

    A contact needs first name + last name + (company or domain), or a LinkedIn id, or an email. Without any of these
    options, one JSON object is read from standard input.

    Exit code 3: incomplete, ask again later.
    """
    from enrichcore.cli import interrupt
    from enrichcore.model import Contact, Status

    contact = given_contact(fields, record_id=record_id) or Contact.from_dict(_from_stdin(ctx))
    options = ctx.ensure_object(Globals)
    more: dict[str, Any] = {} if deadline is None else {"deadline": deadline}

    async def look() -> "tuple[PhoneResult, str]":
        async with make_engine(options, providers=providers, budget=limited(options, budget, None)) as engine:
            say_broken(engine, options, providers)
            callable_ = any(step.member.skip is None for step in engine.plan.steps)
            found = await engine.for_tenant(tenant).enrich_phone(contact, refresh=refresh, max_age=max_age, **more)
            if not callable_:
                note(nobody(engine.plan.members))
            return found, load(options).currency

    def stop() -> bool:
        note("stopping: the call under way is finished and stored (Ctrl-C again leaves at once)")
        return True

    try:
        result, currency = interrupt.run(look(), on_first=stop, on_second=lambda: None)
    except interrupt.Interrupted as end:
        note("stopped. What came back is in the store: the same lookup again asks nobody twice")
        ctx.exit(end.code)
    if as_json:
        click.echo(json.dumps(result.to_dict(), ensure_ascii=not _is_unicode(), indent=2))
    else:
        from enrichcore.cli.render import story

        click.echo(story(result, currency))
    if result.status is Status.INVALID:
        ctx.exit(exits.USAGE)
    if result.status is Status.INCOMPLETE:
        from enrichcore.bulk.report import is_only_unresolved

        ctx.exit(exits.DONE if is_only_unresolved(result) else exits.INCOMPLETE)


def nobody(members: Any) -> str:
    """Why no provider can be asked, and what to do."""
    lacking = [f"{m.name}: {m.detail or m.skip}" for m in members.values() if m.skip is not None]
    if lacking:
        return "no provider can be asked. " + "; ".join(lacking)
    return (
        "no provider takes part. Install one and set its key, or configure a directory; "
        "`enrichcore providers list` shows what there is"
    )


def _from_stdin(ctx: click.Context) -> dict[str, Any]:
    from enrichcore.bulk.columns import contact_of
    from enrichcore.errors import InvalidContact

    if sys.stdin.isatty():
        raise click.UsageError("say whom to look for, such as --email ada@engines.example", ctx)
    raw = sys.stdin.buffer.read()
    if not raw.strip():
        raise click.UsageError(
            "say whom to look for, such as --email ada@engines.example, or give a JSON object on standard input", ctx
        )
    try:
        values = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise InvalidContact("standard input", "one JSON object", f"text that is not JSON ({error})") from None
    if not isinstance(values, dict):
        raise InvalidContact("standard input", "one JSON object", f"JSON of another kind ({type(values).__name__})")
    return contact_of(tuple(values), values)


def _is_unicode() -> bool:
    """Whether standard output can take any character."""
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"
