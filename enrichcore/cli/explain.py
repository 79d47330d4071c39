"""`enrichcore explain`: the story of one record."""

import json
from typing import TYPE_CHECKING

import click

from enrichcore.cli.options import Globals, common, drive, for_tenant, load, make_reader

if TYPE_CHECKING:
    from enrichcore.model import PhoneResult


@click.command(short_help="Tell the story of a record's last enrichment.")
@click.argument("record_id")
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON.")
@for_tenant
@common
@click.pass_context
def command(ctx: click.Context, record_id: str, *, as_json: bool, tenant: str) -> None:
    """Tell the story of a record's last enrichment: who was asked, what came back, what it cost."""
    from enrichcore.cli.render import story
    from enrichcore.errors import EnrichcoreError

    options = ctx.ensure_object(Globals)

    async def look() -> "tuple[PhoneResult | None, str, str]":
        async with make_reader(options) as engine:
            return await engine.for_tenant(tenant).explain(record_id), engine.store_url, load(options).currency

    result, store, currency = drive(look())
    if result is None:
        raise EnrichcoreError(f"nothing is known of record {record_id!r} in {store}")
    click.echo(json.dumps(result.to_dict(), indent=2) if as_json else story(result, currency))
