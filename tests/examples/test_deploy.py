"""The image and the compose file: what they promise, and that every command in them does what it is there for.

There is no container here. So the commands run as they stand, in the environment that the files describe: over a real
Postgres, as process 1 of a namespace whose root is read-only, where the system allows one.
"""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from enrichcore.service.server import LONGEST
from tests.examples.images import Stage, context, copy_context, environment_of, let_in, read_dockerfile
from tests.store.postgres_server import PASSWORD, binaries

if TYPE_CHECKING:
    from tests.examples.conftest import Folder
    from tests.store.postgres_server import PostgresServer

yaml = pytest.importorskip("yaml")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "how-to" / "deploy.md").read_text("utf-8")
BUILD, IMAGE = read_dockerfile((ROOT / "Dockerfile").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
SERVICE: dict[str, Any] = COMPOSE["services"]["enrichcore"]
DATABASE: dict[str, Any] = COMPOSE["services"]["db"]
SECRET = re.compile(r"password|secret|token|api_?key|store_key", re.IGNORECASE)
DOCUMENTED = [shlex.split(line) for line in re.findall(r"^docker compose .*$", PAGE, re.MULTILINE)]
GRACE = float(SERVICE["stop_grace_period"].removesuffix("s"))


def test_the_image_is_slim_and_both_stages_have_one_python() -> None:
    """The environment is made where it will lie, by the interpreter that will run it."""
    assert BUILD.base == IMAGE.base
    assert re.fullmatch(r"python:3\.1[1-4]-slim", IMAGE.base)
    assert IMAGE.all("COPY") == [f"--from={BUILD.name} /opt/enrichcore /opt/enrichcore"]
    assert IMAGE.environment["PATH"].startswith("/opt/enrichcore/bin:")


def test_it_runs_as_nobody_and_is_told_to_end_as_itself() -> None:
    """The command is process 1, without a shell between, so that SIGTERM reaches it."""
    user, group = IMAGE.one("USER").split(":")
    assert int(user) > 0 < int(group)
    assert IMAGE.one("STOPSIGNAL") == "SIGTERM"
    assert IMAGE.command[0] == "enrichcore"
    assert isinstance(SERVICE["command"], list)


@pytest.mark.parametrize("stage", [BUILD, IMAGE], ids=["build", "image"])
def test_no_secret_is_in_a_layer(stage: Stage) -> None:
    for word, rest in stage.steps:
        assert word in ("HEALTHCHECK", "RUN") or not SECRET.search(rest), f"{word} {rest}"
        assert word != "ADD"


@pytest.mark.parametrize(
    "name",
    [
        "enrichcore.env", "db.env", ".env", "docs/examples/db.env", "enrichcore/.env", "enrichcore/service/x.env",
        "providers/echo/.env", "enrich.db", "enrichcore/enrich.db-wal", "enrichcore/enrich.db.secret", ".git/config",
        "tests/conftest.py", "docs/how-to/deploy.md", "enrichcore.toml", "uv.lock", ".venv/bin/python",
        "providers/echo/.mypy_cache/x", "enrichcore/__pycache__/x.pyc",
    ],
)  # fmt: skip
def test_what_is_not_installed_stays_out_of_the_build(name: str) -> None:
    patterns = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    assert not let_in(patterns, name)
    assert let_in(patterns, "enrichcore/service/app.py")


def test_everything_that_is_installed_is_in_the_build() -> None:
    """Also what the package takes from the documentation."""
    allowed = set(context(ROOT))
    packages = [file for part in ("enrichcore", "providers") for file in (ROOT / part).rglob("*.py")]
    wanted = {file.relative_to(ROOT).as_posix() for file in packages if ".venv" not in file.parts}
    wanted |= {"pyproject.toml", "README.md", "LICENSE", "docs/examples/contacts.csv", "docs/examples/crm.csv"}
    wanted |= {"enrichcore/service/openapi.json", "providers/echo/pyproject.toml"}
    assert wanted <= allowed


def test_each_container_has_the_secrets_that_it_needs_and_no_others() -> None:
    for name, service in COMPOSE["services"].items():
        assert isinstance(service["env_file"], str)
        assert service["env_file"] == {"db": "db.env", "enrichcore": "enrichcore.env"}[name]
        assert not [key for key in service.get("environment", {}) if SECRET.search(key)]
        assert not SECRET.search(json.dumps(service).replace(service["env_file"], "").replace("no-new-privileges", ""))


def test_the_service_may_do_nothing_but_serve() -> None:
    assert SERVICE["read_only"] is True
    assert SERVICE["tmpfs"] == ["/tmp"]
    assert SERVICE["cap_drop"] == ["ALL"]
    assert SERVICE["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICE["ports"])
    assert all(volume.endswith(":ro") for volume in SERVICE["volumes"])
    assert "ports" not in DATABASE


def test_there_is_time_to_drain() -> None:
    """Nobody is killed who is still within the time that draining may take."""
    assert max(30.0, LONGEST + 5) <= GRACE


def test_the_documented_commands_are_about_what_there_is() -> None:
    """The services, the build arguments and the folders of providers that the page names exist."""
    assert {words[2] for words in DOCUMENTED} == {"build", "up", "run", "exec"}
    for words in DOCUMENTED:
        for at, word in enumerate(words):
            if word == "--build-arg":
                name, _, value = words[at + 1].partition("=")
                assert name in BUILD.arguments
                assert all((ROOT / "providers" / folder / "pyproject.toml").exists() for folder in value.split())
        if words[2] in ("run", "exec"):
            assert next(word for word in words[3:] if not word.startswith("-")) in COMPOSE["services"]
    assert all((ROOT / "providers" / folder).is_dir() for folder in BUILD.arguments["PROVIDERS"].split())


# --- the commands, run --------------------------------------------------------------------------------------------

APART = [
    "unshare", "--mount", "--pid", "--fork", "--kill-child=KILL", "sh", "-c",
    'mount -o remount,ro,bind / && ! touch "$PWD/written" 2>/dev/null && exec "$@"', "sh",
]  # fmt: skip
"""Runs a command as process 1 over a root that cannot be written, or says that this cannot be had here."""


def apart(folder: "Folder") -> list[str]:
    """`APART` where the system allows it, else nothing."""
    if shutil.which("unshare") is None:
        return []
    probe = subprocess.run([*APART, "true"], cwd=folder.path, capture_output=True, check=False)
    return APART if probe.returncode == 0 else []


class Deployment:
    """A service as compose would run it, on loopback: `program` is what stands for `enrichcore`."""

    def __init__(self, folder: "Folder", server: "PostgresServer", program: list[str], python: str) -> None:
        self.folder, self.program, self.python = folder, program, python
        (toml,) = re.findall(r"^```toml enrichcore.toml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
        toml = toml.replace("enrichcore@db:5432/enrichcore", f"guarded@127.0.0.1:{server.port}/deployed")
        toml = toml.replace("/etc/enrichcore/crm.csv", str(folder.path / "people.csv"))
        toml += "\n[acceptance]\nallow_fictional = true\n"
        (folder.path / "enrichcore.toml").write_text(toml, "utf-8")
        folder.python(str(ROOT / "docs" / "examples" / "make_env.py"))
        image = IMAGE.environment | environment_of(folder.path / SERVICE["env_file"])
        del image["PATH"]
        assert "PGPASSWORD" in image
        self.environment = {
            "PATH": folder.environment["PATH"],
            "PYTHONPATH": folder.environment["PYTHONPATH"] if program[0] == sys.executable else "",
            **image,
            "PGPASSWORD": PASSWORD,
            "ENRICHCORE_CONFIG": str(folder.path / "enrichcore.toml"),
            "FULLENRICH_API_KEY": "key-of-the-deployment",
            "ENRICHCORE_OFFLINE": "1",
        }

    def start(self, command: list[str]) -> "subprocess.Popen[str]":
        """Run what a container runs, but on a free port of loopback."""
        words = [{"0.0.0.0": "127.0.0.1", "8000": "0"}.get(word, word) for word in command]
        return subprocess.Popen(
            [*apart(self.folder), *self.program, *words],
            cwd=self.folder.path,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, words: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            words, cwd=self.folder.path, env=self.environment, capture_output=True, text=True, timeout=120, check=False
        )

    def healthy(self, port: int) -> bool:
        """What `HEALTHCHECK` says."""
        words = [self.python if word == "python" else word.replace(":8000", f":{port}") for word in IMAGE.health]
        return self.run(words).returncode == 0

    def serve(self, command: list[str]) -> str:
        """Start, make a key as the page says, look somebody up, and end; what was said on the way."""
        process = self.start(command)
        with process:
            try:
                assert process.stderr is not None
                first = process.stderr.readline()
                found = re.search(r"http://127\.0\.0\.1:(\d+)", first)
                assert found, first + process.stderr.read()
                wait_for(lambda: self.healthy(int(found[1])))
                (made,) = [words for words in DOCUMENTED if words[2] == "run"]
                key = self.run([*self.program, *made[made.index("enrichcore") + 1 :], "--json"])
                answer = httpx.post(
                    f"{found[0]}/v1/enrich/phone",
                    json={"record_id": "1", "email": "ada@engines.example"},
                    headers={"Authorization": f"Bearer {json.loads(key.stdout)['key']}"},
                    timeout=60,
                )
                assert answer.json()["phone"] == "+353209150143"
                os.kill(first_of(process), signal.SIGTERM)
                said = process.stderr.read()
                assert process.wait(timeout=GRACE) == 0
                assert not self.healthy(int(found[1]))
            finally:
                process.kill()
        return said


def first_of(process: "subprocess.Popen[str]") -> int:
    """The id of the command itself, where something stands before it that makes a namespace."""
    name, below = Path(f"/proc/{process.pid}/comm"), Path(f"/proc/{process.pid}/task/{process.pid}/children")
    is_apart = name.exists() and name.read_text().strip() == "unshare"
    return int(below.read_text().split()[0]) if is_apart else process.pid


def wait_for(ready: Callable[[], bool]) -> None:
    for _ in range(100):
        if ready():
            return
    pytest.fail("it never became healthy")


@pytest.fixture
def server(postgres: "PostgresServer") -> Iterator["PostgresServer"]:
    """A server with a database that is new, and belongs to whoever has to give a password."""
    postgres.query("DROP DATABASE IF EXISTS deployed WITH (FORCE)")
    postgres.query("CREATE DATABASE deployed OWNER guarded")
    yield postgres
    postgres.query("DROP DATABASE IF EXISTS deployed WITH (FORCE)")


@pytest.mark.parametrize("command", [IMAGE.command[1:], SERVICE["command"]], ids=["image", "compose"])
def test_the_command_serves_and_drains_over_a_real_postgres(
    folder: "Folder", server: "PostgresServer", command: list[str]
) -> None:
    """With the environment of the files, as process 1, writing nothing; SIGTERM ends it well within the grace."""
    deployment = Deployment(folder, server, [sys.executable, "-m", "enrichcore.cli"], sys.executable)
    said = deployment.serve(command)
    assert "Traceback" not in said, said
    assert "written" not in [path.name for path in folder.path.iterdir()]


def test_the_commands_of_the_database_work(folder: "Folder", server: "PostgresServer") -> None:
    """What says whether it is healthy, and what makes a backup."""
    place = binaries()
    assert place is not None
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port)}
    kind, *health = DATABASE["healthcheck"]["test"]
    (backup,) = [words for words in DOCUMENTED if words[2] == "exec"]
    dump = backup[backup.index("db") + 1 : backup.index(">")]
    assert (kind, health[0], dump[0]) == ("CMD", "pg_isready", "pg_dump")
    for words in (health, [word.replace("enrichcore", "deployed") for word in dump if "--username" not in word]):
        user = ["--username=postgres"] if words[0] == "pg_dump" else []
        done = subprocess.run(
            [str(place / words[0]), *words[1:], *user],
            env={**folder.environment, **address},
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@pytest.mark.proof
def test_the_image_is_built_by_its_own_commands_and_runs(
    folder: "Folder", server: "PostgresServer", tmp_path: Path
) -> None:
    """Every `RUN` of the Dockerfile, in a copy of what `.dockerignore` lets in, then the command that they made."""
    source, made = tmp_path / "src", tmp_path / "opt" / "enrichcore"
    source.mkdir()
    copy_context(ROOT, source)
    (build,) = {words[words.index("--build-arg") + 1] for words in DOCUMENTED if "--build-arg" in words}
    name, _, value = build.partition("=")
    environment = {**folder.environment, **BUILD.arguments, name: value}
    del environment["PYTHONPATH"]
    for run in BUILD.all("RUN"):
        line = run.replace("/opt/enrichcore", str(made))
        line = re.sub(r"^python ", f"{sys.executable} ", line)
        subprocess.run(["sh", "-ec", line], cwd=source, env=environment, check=True, timeout=600)
    assert IMAGE.all("RUN") == []
    assert not [file for file in made.rglob("*") if file.suffix == ".env"]
    deployment = Deployment(folder, server, [str(made / "bin" / IMAGE.command[0])], str(made / "bin" / "python"))
    said = deployment.serve(SERVICE["command"])
    assert "Traceback" not in said, said
