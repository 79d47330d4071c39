"""`enrichcore store`: whether the journal is sound, and its tables up to date."""

import json
import os
from typing import TYPE_CHECKING

import attrs
import click

from enrichcore.cli import exits
from enrichcore.cli.options import Globals, common, drive, load, store_of
from enrichcore.runtime import Runtime

if TYPE_CHECKING:
    from enrichcore.store.check import Finding
    from enrichcore.store.cipher import Cipher
    from enrichcore.store.postgres import PostgresStore
    from enrichcore.store.sqlite import SqliteStore


@click.group(short_help="Check the journal, and bring it up to date.")
@common
def command() -> None:
    """Check the journal, and bring its tables up to date."""


@command.command(short_help="Say whether the journal is sound.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@common
@click.pass_context
def check(ctx: click.Context, *, as_json: bool) -> None:
    """Read the whole journal: is it intact, do its budgets equal its attempts, do its values open? Nothing is changed.

    Exit code 1: it is not sound; each line says what is wrong and what to do. A note costs nothing by itself.
    """
    store, cipher = _kept(ctx.ensure_object(Globals))
    findings = drive(_check(store, cipher))
    sound = not any(finding.serious for finding in findings)
    if as_json:
        plain = [attrs.asdict(finding) for finding in findings]
        click.echo(json.dumps({"sound": sound, "findings": plain}, indent=2))
    else:
        for finding in findings:
            click.echo(f"{'wrong' if finding.serious else 'note'}: {finding.text}")
        if sound:
            click.echo(f"{_named(store)} is sound")
    if not sound:
        ctx.exit(exits.FAILED)


@command.command(short_help="Bring the journal's tables up to date.")
@common
@click.pass_context
def migrate(ctx: click.Context) -> None:
    """Create the journal's tables, or bring those of an older version up to date. A newer version is refused.

    Every command does so by itself where it may change tables; back the journal up before.
    """
    store, _ = _kept(ctx.ensure_object(Globals))
    click.echo(f"{_named(store)} {drive(_migrate(store))}")


def _kept(options: Globals) -> "tuple[SqliteStore | PostgresStore, Cipher | None]":
    """The store, not yet open, and what opens its values.

    Raises:
        ConfigError: it is kept in memory, so that there is nothing to look at.
    """
    from enrichcore.errors import ConfigError
    from enrichcore.store.cipher import load_cipher
    from enrichcore.store.open import open_store
    from enrichcore.store.postgres import PostgresStore
    from enrichcore.store.sqlite import SqliteStore

    url = store_of(options)
    cipher = load_cipher(load(options).store_key, os.environ)
    store = open_store(url, cipher=cipher)
    if not isinstance(store, SqliteStore | PostgresStore):
        raise ConfigError(f"the store {url!r} ends with each process: name one that is kept, with --store")
    return store, cipher


async def _check(store: "SqliteStore | PostgresStore", cipher: "Cipher | None") -> "list[Finding]":

    from enrichcore.store.check import Finding
    from enrichcore.store.check import check as look
    from enrichcore.store.sqlite import SqliteStore

    if isinstance(store, SqliteStore):
        return look(store.path, cipher)
    await store.open(Runtime.wall())
    try:
        return [Finding("wrong", text) for text in await store.check()]
    finally:
        await store.aclose()


async def _migrate(store: "SqliteStore | PostgresStore") -> str:
    """Bring it up to date; what was done."""
    from enrichcore.store.check import migrate as bring
    from enrichcore.store.sqlite import SqliteStore

    if not isinstance(store, SqliteStore):
        await store.migrate()
        return "is up to date"
    before, after = bring(store.path)
    if before == after:
        return f"is up to date, schema version {after}"
    return f"was made, schema version {after}" if before == 0 else f"went from schema version {before} to {after}"


def _named(store: "SqliteStore | PostgresStore") -> str:
    """The file, or the server without the password that a URL may hold."""
    from enrichcore.store.sqlite import SqliteStore

    return f"the journal {store.path if isinstance(store, SqliteStore) else store.name}"
