"""`enrichcore serve` at a desk: the real command, its keys, and its address."""

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.processes.desk import Desk

PATH = "/v1/enrich/phone"


def command(desk: "Desk", *arguments: str) -> "subprocess.Popen[bytes]":
    """Start `enrichcore` at a desk."""
    process = subprocess.Popen(
        [sys.executable, "-m", "enrichcore.cli", *arguments, "--config", "test.toml"],
        cwd=desk.folder,
        env=desk.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    desk.started.append(process)
    return process


def said(desk: "Desk", *arguments: str) -> Any:
    """What a command prints as JSON."""
    output, errors = command(desk, *arguments).communicate(timeout=120)
    assert output, errors.decode()
    return json.loads(output)


def new_key(desk: "Desk", tenant: str, *options: str) -> str:
    """A new key of a tenant."""
    key: str = said(desk, "keys", "create", "--tenant", tenant, "--json", *options)["key"]
    return key


def served(desk: "Desk", *, workers: int = 2) -> tuple["subprocess.Popen[bytes]", str]:
    """A server, two processes strong, and its address."""
    process = command(desk, "serve", "--port", "0", "--workers", str(workers))
    assert process.stderr is not None
    line = process.stderr.readline().decode()
    assert line.startswith("listening on "), line
    return process, line.split()[2]
