"""`enrichcore keys`: keys are shown once, kept as hashes, and ended on time."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from enrichcore.service.keys import key_id

Cli = Callable[..., Result]


def made(cli: Cli, *arguments: str) -> dict[str, Any]:
    """A key that the command makes."""
    result = cli("keys", *arguments, "--json")
    assert result.exit_code == 0, result.output
    facts: dict[str, Any] = json.loads(result.stdout)
    return facts


def listed(cli: Cli) -> dict[str, dict[str, Any]]:
    """All keys, by id."""
    return {row["key_id"]: row for row in json.loads(cli("keys", "list", "--json").stdout)}


def test_a_key_is_shown_once_and_never_kept(cli: Cli, here: Path) -> None:
    """The key is alone on standard output, and no file of the store has it or its secret part."""
    result = cli("--store", "sqlite:///kept.db", "keys", "create", "--tenant", "globex", "--credits", "50")
    assert result.exit_code == 0
    key = result.stdout.strip()
    name = key_id(key)
    assert name is not None
    assert "only time" in result.stderr
    secret = key.rpartition("_")[2].encode()
    for file in here.glob("kept.db*"):
        assert secret not in file.read_bytes()
    assert (here / "kept.db").read_bytes().count(name.encode()) or (here / "kept.db-wal").exists()
    assert secret.decode() not in cli("--store", "sqlite:///kept.db", "keys", "list").output


def test_a_key_has_what_was_asked_for(cli: Cli) -> None:
    """Credits, limits, rights and end are listed as they were given; without them there is no limit."""
    full = made(
        cli, "create", "--tenant", "globex", "--credits", "50", "--rate", "2.5", "--concurrency", "4",
        "--allow", "attempts", "--expires", "2099-01-31",
    )  # fmt: skip
    bare = made(cli, "create", "--tenant", "initech")
    assert full["key"].startswith(f"ec_{full['key_id']}_")
    rows = listed(cli)
    row = rows[full["key_id"]]
    assert row.pop("created")
    assert row == {
        "key_id": full["key_id"], "tenant": "globex", "state": "live", "expires": "2099-01-31T00:00:00+00:00",
        "allow": ["attempts"], "credits_remaining": 50, "rate": 2.5, "concurrency": 4,
    }  # fmt: skip
    assert [rows[bare["key_id"]][name] for name in ("credits_remaining", "rate", "concurrency", "allow")] == [
        None, None, None, [],
    ]  # fmt: skip
    text = cli("keys", "list").stdout
    assert "no limit" in text
    assert "2.5" in text


def test_credits_add_up(cli: Cli) -> None:
    """`topup` adds, also to a tenant that had no limit, and says what there is then."""
    made(cli, "create", "--tenant", "globex", "--credits", "50")
    assert cli("keys", "topup", "globex", "1000").stdout == "globex has 1,050 credits\n"
    made(cli, "create", "--tenant", "globex", "--credits", "1")
    assert {row["credits_remaining"] for row in listed(cli).values()} == {1051}
    made(cli, "create", "--tenant", "free")
    assert cli("keys", "topup", "free", "7").stdout == "free has 7 credits\n"
    result = cli("keys", "topup", "nobody", "7")
    assert (result.exit_code, "no tenant is called 'nobody'" in result.stderr) == (2, True)


def test_rotation_lets_both_keys_live_for_a_while(cli: Cli) -> None:
    """The new key has the same rights; a third one is refused until the old one has ended."""
    old = made(cli, "create", "--tenant", "globex", "--credits", "5", "--allow", "attempts")
    new = made(cli, "rotate", old["key_id"], "--expires", "2099-01-31")
    assert new["expires"] == "2099-01-31T00:00:00+00:00"
    rows = listed(cli)
    assert [rows[key["key_id"]]["state"] for key in (old, new)] == ["live", "live"]
    assert rows[old["key_id"]]["expires"] is not None
    assert rows[new["key_id"]]["allow"] == ["attempts"]
    assert rows[new["key_id"]]["credits_remaining"] == 5
    third = cli("keys", "rotate", new["key_id"])
    assert (third.exit_code, "2 keys of globex live" in third.stderr) == (2, True)
    assert cli("keys", "create", "--tenant", "globex").exit_code == 2
    at_once = made(cli, "rotate", old["key_id"], "--keep-hours", "0")
    assert listed(cli)[old["key_id"]]["state"] == "expired"
    assert listed(cli)[at_once["key_id"]]["state"] == "live"
    ended = cli("keys", "rotate", old["key_id"])
    assert (ended.exit_code, "has ended" in ended.stderr) == (2, True)


def test_a_revoked_key_stays_revoked(cli: Cli) -> None:
    """It is asked for first, told twice, and makes room for another."""
    key = made(cli, "create", "--tenant", "globex")["key_id"]
    assert cli("keys", "revoke", key, stdin="n\n").exit_code == 1
    assert listed(cli)[key]["state"] == "live"
    assert cli("keys", "revoke", key, "--yes").stdout == f"the key {key} of globex is revoked\n"
    assert cli("keys", "revoke", key, "--yes").stdout == f"the key {key} of globex was revoked before\n"
    assert listed(cli)[key]["state"] == "revoked"
    for _ in range(2):
        made(cli, "create", "--tenant", "globex")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create"], "--tenant"),
        (["create", "--tenant", " x"], "tenant's name"),
        (["create", "--tenant", "x", "--credits", "-1"], "--credits"),
        (["create", "--tenant", "x", "--rate", "nan"], "--rate"),
        (["create", "--tenant", "x", "--rate", "0"], "--rate"),
        (["create", "--tenant", "x", "--concurrency", "0"], "--concurrency"),
        (["create", "--tenant", "x", "--allow", "all"], "--allow"),
        (["create", "--tenant", "x", "--expires", "soon"], "--expires"),
        (["create", "--tenant", "x", "--expires", "2001-01-01"], "past"),
        (["revoke", "nosuchkey", "--yes"], "there is no key 'nosuchkey'"),
        (["rotate", "nosuchkey", "--keep-hours", "nan"], "--keep-hours"),
        (["rotate", "nosuchkey", "--expires", "2001-01-01"], "past"),
        (["rotate", "nosuchkey"], "there is no key 'nosuchkey'"),
        (["topup", "x", "0"], "N"),
        (["--store", "memory", "create", "--tenant", "x"], "ends with the process"),
    ],
)
def test_what_cannot_be_is_refused(cli: Cli, arguments: list[str], said: str) -> None:
    """Wrong usage has exit code 2, says what is wrong, and makes nothing."""
    result = cli("keys", *arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert listed(cli) == {}


def test_without_keys_the_list_says_how_to_make_one(cli: Cli) -> None:
    """An empty list names the command."""
    assert cli("keys", "list").stdout == "no keys; `enrichcore keys create --tenant NAME` makes one\n"


def test_a_lost_secret_is_told_before_keys_stop_working(cli: Cli, here: Path) -> None:
    """A store that holds only keys is not given another secret, under which no key would be known."""
    store = ("--store", "sqlite:///kept.db")
    cli(*store, "keys", "create", "--tenant", "globex")
    (here / "kept.db.secret").unlink()
    result = cli(*store, "keys", "list")
    assert (result.exit_code, "missing or damaged" in result.stderr) == (1, True)


def test_only_a_hash_is_in_the_table(cli: Cli, here: Path) -> None:
    """What is kept of a key is 32 bytes that depend on the store's secret."""
    key = made(cli, "--store", "sqlite:///one.db", "create", "--tenant", "globex")
    with sqlite3.connect(here / "one.db") as connection:
        ((digest,),) = connection.execute("SELECT digest FROM api_keys WHERE id = ?", (key["key_id"],)).fetchall()
    connection.close()
    assert len(digest) == 32
