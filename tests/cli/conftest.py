"""A command line, a folder and installed plugins for the tests of `enrichcore.cli`."""

import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog
from click.testing import CliRunner, Result

PLUGIN = '''
    """Providers for the tests: they write down every call."""
    import asyncio, os
    from pathlib import Path
    from decimal import Decimal
    from enrichcore.errors import KeyRefused, MaybeSent, OutOfCredits
    from enrichcore.model import Credits, Hit, Miss, Number, Person, Price
    from enrichcore.plugins import Provider, hookimpl

    def note(text):
        with open(os.environ["CLITEST_CALLS"], "a") as file:
            file.write(text + "\\n")

    class Known(Provider):
        """Free; knows everybody at known.example."""
        name = "clitest_known"
        when_named = True
        @hookimpl
        async def phone_by_email(self, query, http):
            note("known " + query.email)
            return Hit(Number("+1 202-555-0143")) if query.email.endswith("@known.example") else Miss()

    class Paid(Provider):
        """Costs two credits a hit and needs a key."""
        name = "clitest_paid"
        key_env = "CLITEST_KEY"
        price = Price.per_hit(2)
        rate = ["500/s"]
        typical = 0.01
        @hookimpl
        async def phone_by_email(self, query, http):
            note("paid " + query.email)
            if query.email.startswith("broke"):
                raise OutOfCredits("the account is empty")
            if query.email.startswith("refused"):
                raise KeyRefused("the key was revoked")
            if query.email.startswith("lost"):
                raise MaybeSent("the connection broke")
            return Hit(Number("+1 202-555-0155"))
        async def balance(self, http):
            if os.environ["CLITEST_KEY"] == "wrong":
                raise KeyRefused("the vendor refused the key")
            return Credits(remaining=Decimal(41))

    class Slow(Provider):
        """Takes its time, so that a signal finds it at work."""
        name = "clitest_slow"
        when_named = True
        @hookimpl
        async def phone_by_email(self, query, http):
            note("began " + query.email)
            await asyncio.sleep(float(os.environ.get("CLITEST_SLOW", "0.3")))
            note("ended " + query.email)
            return Hit(Number("+1 202-555-0166"))

    class Everyone(Provider):
        """Free; is asked by every method and knows who has an even number of letters."""
        name = "clitest_everyone"
        when_named = True
        def answer(self, method, person):
            note(method + " " + person)
            return Hit(Number("+1 202-555-0188")) if len(person) % 2 == 0 else Miss()
        @hookimpl
        async def phone_by_name(self, query):
            return self.answer("name", query.full_name)
        @hookimpl
        async def phone_by_linkedin(self, query):
            return self.answer("linkedin", query.linkedin_id)
        @hookimpl
        async def phone_by_email(self, query):
            return self.answer("email", query.email)

    class Evil(Provider):
        """Says what would harm a terminal."""
        name = "clitest_evil"
        when_named = True
        @hookimpl
        async def phone_by_email(self, query, http):
            raise KeyRefused("\\x1b]0;owned\\x07[red]=cmd()")
'''
CONFIG = """
[engine]
providers = [{providers}]
[store]
url = "sqlite:///{store}"
[acceptance]
allow_fictional = true
"""


@pytest.fixture(scope="session")
def plugin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like an installed distribution with five providers and one broken plugin."""
    folder = tmp_path_factory.mktemp("plugins")
    (folder / "clitest_plugins.py").write_text(textwrap.dedent(PLUGIN))
    info = folder / "clitest_plugins-1.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clitest-plugins\nVersion: 1.2\n")
    names = {"known": "Known", "paid": "Paid", "slow": "Slow", "evil": "Evil", "everyone": "Everyone"}
    entries = "".join(f"clitest_{name} = clitest_plugins:{thing}\n" for name, thing in names.items())
    (info / "entry_points.txt").write_text(f"[enrichcore]\n{entries}clitest_broken = clitest_nowhere:Thing\n")
    return folder


@pytest.fixture(scope="session")
def bad_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that looks like an installed distribution whose plugins all misbehave."""
    folder = tmp_path_factory.mktemp("bad_plugins")
    shutil.copy(Path(__file__).parent / "bad_plugins.py", folder / "clitest_bad.py")
    (folder / "clitest_raises.py").write_text("raise RuntimeError('no luck')")
    (folder / "clitest_exits.py").write_text("print('noise at import')\nimport sys; sys.exit(3)")
    info = folder / "clitest_bad-0.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: clitest-bad\nVersion: 0.9\n")
    things = (
        "Blocks", "Hangs", "Swallows", "Garbage", "Leaves", "Cancels", "Prints", "Unready", "Balance", "Misspelt",
    )  # fmt: skip
    entries = "".join(f"clitest_{thing.lower()} = clitest_bad:{thing}\n" for thing in things)
    entries += "clitest_raises = clitest_raises:It\nclitest_exits = clitest_exits:It\n"
    (info / "entry_points.txt").write_text("[enrichcore]\n" + entries)
    return folder


@pytest.fixture
def bad_plugins(here: Path, monkeypatch: pytest.MonkeyPatch, bad_folder: Path) -> Path:
    """Plugins that misbehave are installed as well."""
    monkeypatch.syspath_prepend(bad_folder)
    monkeypatch.setenv("PYTHONPATH", str(bad_folder))
    return bad_folder


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plugin_folder: Path) -> Path:
    """An empty working folder with the test providers installed, a home of its own and no key in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(plugin_folder)
    for name in [n for n in os.environ if n.startswith("ENRICHCORE_") or n.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("CLITEST_KEY", raising=False)
    monkeypatch.setenv("CLITEST_CALLS", str(tmp_path / "calls.txt"))
    (tmp_path / "calls.txt").touch()
    return tmp_path


@pytest.fixture(autouse=True)
def _fresh_structlog() -> Iterator[None]:
    yield
    structlog.reset_defaults()


Cli = Callable[..., Result]


@pytest.fixture
def cli(here: Path) -> Cli:
    """Run `enrichcore` in this process."""

    def run(*arguments: str, stdin: str | bytes | None = None) -> Result:
        from enrichcore.cli.app import app

        result = CliRunner().invoke(app, list(arguments), input=stdin, prog_name="enrichcore")
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def config(here: Path) -> Callable[..., str]:
    """Write a configuration that names providers; the answer is its path."""

    def write(*providers: str, more: str = "") -> str:
        path = here / "test.toml"
        names = ", ".join(f'"{name}"' for name in providers)
        path.write_text(CONFIG.format(providers=names, store=(here / "test.db").as_posix()) + more)
        return str(path)

    return write


@pytest.fixture
def calls(here: Path) -> Callable[[], list[str]]:
    """The calls that the test providers received."""
    return lambda: (here / "calls.txt").read_text().splitlines()


Process = subprocess.Popen[bytes]


@pytest.fixture
def start(here: Path, plugin_folder: Path) -> Iterator[Callable[..., Process]]:
    """Start `enrichcore` as a process of its own."""
    started: list[Process] = []

    def run(
        arguments: Sequence[str], *, env: Mapping[str, str] | None = None, **more: Any
    ) -> "subprocess.Popen[bytes]":
        path = os.pathsep.join([str(plugin_folder), *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {**os.environ, "PYTHONPATH": path, **(env or {})}
        more = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more}
        process = subprocess.Popen(
            [sys.executable, "-m", "enrichcore.cli", *arguments], env=environment, cwd=here, **more
        )
        started.append(process)
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()
