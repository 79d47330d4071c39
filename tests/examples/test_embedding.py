"""The examples of embedding work as they stand in the documentation, each in the framework that it is for."""

import asyncio
import contextlib
import importlib.util
import json
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.examples.conftest import Folder

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = ROOT / "docs" / "examples"
FOUND = {"status": "found", "phone": "+353209150143"}
NOBODY = {"status": "not_found", "phone": None}


def module(name: str) -> Any:
    """An example, loaded anew."""
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_the_documentation_shows_what_is_tested(file: Path) -> None:
    """A page that has a block of the name of an example has its text; every example but the demo is on a page."""
    pages = [page.read_text("utf-8") for page in (ROOT / "docs").rglob("*.md")]
    fence = re.compile(rf"^```python {re.escape(file.name)}\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    shown = [text for page in pages for text in fence.findall(page)]
    assert shown == [file.read_text("utf-8")] or file.name == "demo.py"


# --- a script -----------------------------------------------------------------------------------------------------


def test_a_script_reads_and_prints(folder: "Folder") -> None:
    said = folder.python(str(EXAMPLES / "script.py"), input="ada@engines.example\n\nnobody@engines.example\n")
    assert said == "ada@engines.example found +353209150143\nnobody@engines.example not_found -\n"


# --- FastAPI ------------------------------------------------------------------------------------------------------


def test_fastapi_has_an_endpoint_of_its_own_and_the_service_beside_it(
    folder: "Folder", monkeypatch: pytest.MonkeyPatch
) -> None:
    """One engine serves both; the host opens and closes it, and the mounted service says so."""
    pytest.importorskip("fastapi")
    monkeypatch.chdir(folder.path)
    made = json.loads(
        folder.python("-m", "enrichcore.cli", "keys", "create", "--tenant", "acme", "--credits", "5", "--json")
    )
    app = module("fastapi_app").make_app()

    async def work() -> list[Any]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost") as client:
            seen: list[Any] = [(await client.get("/enrich/readyz")).status_code]
            async with app.router.lifespan_context(app):
                seen.append((await client.get("/enrich/readyz")).status_code)
                seen.append((await client.get("/phone", params={"email": "ada@engines.example"})).json())
                seen.append((await client.get("/phone", params={"email": "nobody@engines.example"})).json())
                answer = await client.post(
                    "/enrich/v1/enrich/phone",
                    json={"record_id": "1", "email": "ada@engines.example"},
                    headers={"Authorization": f"Bearer {made['key']}"},
                )
                seen += [answer.status_code, answer.json()["phone"]]
            seen.append((await client.get("/enrich/readyz")).status_code)
            return seen

    assert asyncio.run(work()) == [503, 200, FOUND, NOBODY, 200, FOUND["phone"], 503]


def test_fastapi_under_uvicorn_ends_when_it_is_told_to(folder: "Folder") -> None:
    """As the page says to run it: SIGTERM closes the journal, so that nobody has to wait for a dead owner."""
    pytest.importorskip("fastapi")
    pytest.importorskip("uvicorn")
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "fastapi_app:make_app", "--factory", "--port", "0"],
        cwd=folder.path,
        env=folder.environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )
    with process:
        try:
            assert process.stderr is not None
            address = next(found[0] for line in process.stderr if (found := re.search(r"http://127\S+", line)))
            answer = httpx.get(f"{address}/phone", params={"email": "ada@engines.example"}, timeout=30)
            assert answer.json() == FOUND
            process.send_signal(signal.SIGTERM)
            said = process.stderr.read()
            process.wait(timeout=60)
        finally:
            process.kill()
    assert "Application shutdown complete" in said
    assert "Traceback" not in said


# --- Django -------------------------------------------------------------------------------------------------------

ASK_DJANGO = """
import asyncio, json, os, sys
import django_app
from django.test import AsyncClient, Client

def ask(email):
    return Client().get("/phone", {"email": email}, headers={"host": "localhost"}).json()

async def ask_async(email):
    return (await AsyncClient().get("/phone-async", {"email": email}, headers={"host": "localhost"})).json()

async def several():
    return await asyncio.gather(*(ask_async(email) for email in sys.argv[1:]))

child = os.fork() if sys.platform != "win32" else 0
said = [[ask(email) for email in sys.argv[1:]], asyncio.run(several())]
print(json.dumps(said), flush=True)
django_app.engine.close()
if child:
    assert os.waitpid(child, 0)[1] == 0
"""


def test_django_asks_from_a_sync_and_from_an_async_view(folder: "Folder") -> None:
    """In the process that loaded the code and in one that was forked from it, as servers do."""
    pytest.importorskip("django")
    said = folder.python("-W", "error", "-c", ASK_DJANGO, "ada@engines.example", "nobody@engines.example")
    lines = [json.loads(line) for line in said.splitlines()]
    assert lines == [[[FOUND, NOBODY], [FOUND, NOBODY]]] * (1 if sys.platform == "win32" else 2)


# --- Celery -------------------------------------------------------------------------------------------------------


def test_a_celery_task_run_on_the_spot(folder: "Folder") -> None:
    """Eagerly, as tests of a project would run it."""
    pytest.importorskip("celery")
    program = (
        "import json, sys; from celery_app import app, engine, find_phone; app.conf.task_always_eager = True;"
        "print(json.dumps([find_phone.delay({'email': email}).get() for email in sys.argv[1:]])); engine.close()"
    )
    environment = {**folder.environment, "CELERY_BROKER": "memory://", "CELERY_RESULTS": "cache+memory://"}
    made = type(folder)(folder.path, environment)
    said = made.python("-c", program, "ada@engines.example", "nobody@engines.example")
    assert json.loads(said) == [FOUND, NOBODY]


WORKER = """
from celery_app import app, find_phone
app.conf.broker_transport_options = {
    "data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control", "processed_folder": "done",
}
"""
SEND = """
import json, sys
from worker_app import find_phone
results = [find_phone.delay({"email": email}) for email in sys.argv[1:]]
print(json.dumps([result.get(timeout=100) for result in results]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Celery's worker forks")
def test_a_celery_worker_forks_and_each_of_its_processes_has_an_engine(folder: "Folder") -> None:
    """A real worker of two processes, whose queue is a folder; told to end, it closes what it has opened."""
    pytest.importorskip("celery")
    (folder.path / "worker_app.py").write_text(WORKER)
    for name in ("queue", "control", "done", "results"):
        (folder.path / name).mkdir()
    environment = {
        **folder.environment,
        "CELERY_BROKER": "filesystem://",
        "CELERY_RESULTS": f"file://{folder.path / 'results'}",
        "PYTHONPATH": f"{folder.path}:{folder.environment['PYTHONPATH']}",
    }
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    with (folder.path / "worker.log").open("w") as log:
        worker = subprocess.Popen(
            [sys.executable, "-m", "celery", "--app", "worker_app", "worker", "--concurrency", "2", *quiet],
            cwd=folder.path,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            made = type(folder)(folder.path, environment)
            people = ["ada@engines.example", "nobody@engines.example"] * 4
            assert json.loads(made.python("-c", SEND, *people)) == [FOUND, NOBODY] * 4
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(timeout=60) == 0
        finally:
            worker.kill()
            worker.wait()
    said = (folder.path / "worker.log").read_text()
    assert "Traceback" not in said, said
    with contextlib.closing(sqlite3.connect(folder.path / "enrich.db")) as journal:
        assert journal.execute("SELECT count(*) FROM owners").fetchall() == [(0,)]
        assert journal.execute("SELECT count(DISTINCT owner) FROM attempts").fetchall()[0][0] in (1, 2)


# --- the secrets of a deployment ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="rights of files")
def test_secrets_are_made_once_and_for_the_owner_alone(folder: "Folder") -> None:
    folder.python(str(EXAMPLES / "make_env.py"))
    kept = {}
    for name in ("db.env", "enrichcore.env"):
        assert (folder.path / name).stat().st_mode & 0o777 == 0o600
        kept[name] = (folder.path / name).read_text()
    settings = dict(line.split("=", 1) for line in kept["enrichcore.env"].splitlines())
    assert kept["db.env"] == f"POSTGRES_PASSWORD={settings['PGPASSWORD']}\n"
    with pytest.raises(AssertionError, match="FileExistsError"):
        folder.python(str(EXAMPLES / "make_env.py"))
    assert (folder.path / "enrichcore.env").read_text() == kept["enrichcore.env"]
