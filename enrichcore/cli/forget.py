"""`enrichcore forget`: a person is erased."""

import json
from typing import TYPE_CHECKING

import click

from enrichcore.cli.options import (
    Globals,
    common,
    confirmed,
    contact_fields,
    drive,
    for_tenant,
    given_contact,
    installed,
    make_reader,
    note,
)

if TYPE_CHECKING:
    from enrichcore.store import Forgotten


@click.command(short_help="Erase a person.")
@click.argument("record_id", required=False)
@contact_fields
@click.option("--json", "as_json", is_flag=True, help="Print what was erased, and whom to tell, as JSON.")
@click.option("--yes", is_flag=True, help="Ask no questions.")
@for_tenant
@common
@click.pass_context
def command(
    ctx: click.Context,
    /,
    *,
    record_id: str | None,
    as_json: bool,
    yes: bool,
    tenant: str,
    **fields: str | None,
) -> None:
    """Erase a person: stored results, vendors' answers and jobs, and what links attempts to the person.

    Say whom by RECORD_ID, by the fields of the contact, or best by both: with the fields, other records of the same
    person are found, too. Amounts, providers and times stay for the ledger. Suppressions stay as well; to keep a person
    from being looked up again, put them on that list first.
    """
    from enrichcore.engine.erasure import sentences

    contact = given_contact(fields, record_id=record_id)
    if contact is None:
        raise click.UsageError("say whom: a RECORD_ID, fields such as --email ada@engines.example, or both", ctx)
    person = record_id if record_id is not None and not any(fields.values()) else contact
    confirmed(ctx, "Erase everything that is kept of this person? It cannot be undone.", yes=yes)

    async def work() -> "Forgotten":
        async with make_reader(ctx.ensure_object(Globals)) as engine:
            return await engine.for_tenant(tenant).forget(person)

    forgotten = drive(work())
    providers = {name: plugin.provider for name, plugin in installed().plugins.items()}
    told = sentences(forgotten, providers)
    if not as_json:
        for sentence in told:
            click.echo(sentence)
        return
    recipients = [
        {
            "provider": name,
            "terms": providers[name].terms if name in providers else None,
            "first_party": name in providers and providers[name].first_party,
        }
        for name in forgotten.recipients
    ]
    counts = {"results": forgotten.results, "attempts": forgotten.attempts, "numbers": forgotten.numbers}
    click.echo(json.dumps({**counts, "recipients": recipients}, indent=2))
    for sentence in told[-2:]:
        note(sentence)
