"""A real Postgres server for tests: brought up from the system's binaries, in a folder of its own, gone by itself.

A keeper process runs the server as an ordinary user (Postgres refuses root) and takes one-word orders on its standard
input. When that input ends, because the test is done or was killed itself, the keeper stops the server and removes the
folder.
"""

import asyncio
import contextlib
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

PASSWORD = "canary-password-0001"
"""Of the user `guarded`, the only one who needs one."""

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "log_min_messages": "fatal",
    "restart_after_crash": "on",
}
_RULES = """
host all guarded 127.0.0.1/32 scram-sha-256
local all all trust
host all all 127.0.0.1/32 trust
"""
_PATIENCE = 60.0


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, None when the system has none."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    if found is not None:
        places.insert(0, Path(found).resolve().parent)
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


class PostgresServer:
    """A server on a loopback port, made for one test session."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        more = [f"{name}={value}" for name, value in (settings or {}).items()]
        self._keeper = subprocess.Popen(
            [sys.executable, __file__, *more], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = int(self._answer())
        self.folder = Path(self._answer())
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def query(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, over a connection of its own."""
        asyncpg: Any = importlib.import_module("asyncpg")

        async def run() -> list[tuple[Any, ...]]:
            connection = await asyncpg.connect(self.url)
            try:
                return [tuple(row) for row in await connection.fetch(statement, *parameters)]
            finally:
                await connection.close()

        return asyncio.run(run())

    def empty(self, schema: str) -> None:
        """Delete every row of a journal, which takes a tenth of the time of making its tables."""
        rows = self.query("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
        tables = sorted({name for (name,) in rows} - {"enrichcore_version", "epoch"})
        if tables:
            deletions = ", ".join(f"d{n} AS (DELETE FROM {schema}.{name})" for n, name in enumerate(tables))
            self.query(f"WITH {deletions} UPDATE {schema}.epoch SET number = 0")

    def kill(self) -> None:
        """Kill -9 the server; it stays away until `start`."""
        self._order("kill")

    def start(self) -> None:
        """Bring a killed server up again, over the same data."""
        self._order("start")

    def restart(self) -> None:
        """Kill -9 the server and bring it up again."""
        self.kill()
        self.start()

    def close(self) -> None:
        """Stop the server and remove its folder."""
        assert self._keeper.stdin is not None
        self._keeper.stdin.close()
        self._keeper.wait(_PATIENCE)
        assert self._keeper.stdout is not None
        self._keeper.stdout.close()

    def _order(self, word: str) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(word + "\n")
        self._keeper.stdin.flush()
        assert self._answer() == word

    def _answer(self) -> str:
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline().strip()
        if not line:
            raise AssertionError("the Postgres server did not come up")
        return line


class _Keeper:
    """Runs the server; lives in a process of its own."""

    def __init__(self, bin_: Path, settings: Sequence[str]) -> None:
        self._bin = bin_
        self.folder = Path(tempfile.mkdtemp(prefix="enrichcore-pg-"))
        self._user: Any = {}
        if hasattr(os, "getuid") and os.getuid() == 0:
            import pwd

            who = next(user for user in pwd.getpwall() if user.pw_name in {"postgres", "nobody"})
            os.chown(self.folder, who.pw_uid, who.pw_gid)
            self._user = {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": []}
        self._data = self.folder / "data"
        self.port = _free_port()
        self._settings = [f"-c{name}={value}" for name, value in _SETTINGS.items()]
        self._settings += [f"-c{setting}" for setting in settings]
        self._settings += [f"-cport={self.port}", f"-cunix_socket_directories={self.folder}"]
        self._server: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        self._run(
            "initdb", "--pgdata", self._data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"
        )
        (self._data / "pg_hba.conf").write_text(_RULES, "ascii")
        self.start()
        self._run(
            "psql", "--quiet", "--host", self.folder, "--port", self.port, "--username=postgres",
            f"--command=CREATE ROLE guarded LOGIN PASSWORD '{PASSWORD}'",
        )  # fmt: skip

    def start(self) -> None:
        until = time.monotonic() + _PATIENCE
        while True:
            # What a killed server leaves behind (its children, its shared memory) goes away within moments.
            self._server = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *self._settings],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self.folder,
                **self._user,
            )
            while self._server.poll() is None:
                if self._ready():
                    return
                time.sleep(0.02)
            if time.monotonic() > until:
                raise SystemExit("the Postgres server does not start")
            time.sleep(0.1)

    def kill(self) -> None:
        if self._server is not None:
            self._server.kill()
            self._server.wait()

    def close(self) -> None:
        if self._server is not None and self._server.poll() is None:
            self._server.send_signal(signal.SIGQUIT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._server.wait(10)
            self.kill()
        for _ in range(50):
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                return
            time.sleep(0.1)

    def _ready(self) -> bool:
        command = [str(self._bin / "pg_isready"), "--quiet", "--host", "127.0.0.1", "--port", str(self.port)]
        return subprocess.run(command, check=False, **self._user).returncode == 0

    def _run(self, name: str, *arguments: object) -> None:
        command = [str(self._bin / name), *map(str, arguments)]
        done = subprocess.run(command, check=False, capture_output=True, cwd=self.folder, **self._user)
        if done.returncode:
            raise SystemExit(done.stderr.decode())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _keep() -> None:
    bin_ = binaries()
    if bin_ is None:
        raise SystemExit("no Postgres server on this system")
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # the end of the input is the sign, also after Ctrl-C
    keeper = _Keeper(bin_, sys.argv[1:])
    try:
        keeper.create()
        print(keeper.port, keeper.folder, sep="\n", flush=True)
        for line in sys.stdin:
            word = line.strip()
            getattr(keeper, word)()
            print(word, flush=True)
    finally:
        keeper.close()


if __name__ == "__main__":
    _keep()
