"""The documentation is true: every block of it is run or read, every link leads somewhere, nothing is left out."""

import ast
import contextlib
import importlib
import io
import json
import logging
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest
import structlog
from click.testing import CliRunner

from docs import generate
from enrichcore import config, errors, log
from enrichcore.cli.app import app
from enrichcore.engine import gates
from enrichcore.engine.assembly import apply_settings
from enrichcore.identity import rules
from enrichcore.model import SkipReason
from enrichcore.plugins import hookspecs
from enrichcore.plugins.registry import Registry
from enrichcore.store import Store

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "providers").glob("*/README.md")),
]
PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
FENCE = re.compile(r"^( *)```(\w*)(?: +(\S+))?\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
SHELLS = ("sh", "bash", "shell", "console")
NOT_RUN = re.compile(
    r"(?:(?:python3? -m )?pip install |python3? -m venv |uv (?:pip|sync|build)|uv run (?!enrichcore)"
    r"|git clone |cd |mkdir |\. |pytest|cp -r |\.ci/run|docker compose |curl )"
)
"""Commands that would set up a machine, or run what other tests run: they are only looked at."""


@attrs.frozen
class Block:
    """One fenced block: its language, the name of the file that it stands for, its text and its first line."""

    language: str
    file: str | None
    text: str
    line: int


def blocks(page: Path) -> list[Block]:
    text = page.read_text("utf-8")
    found = []
    for fence in FENCE.finditer(text):
        inside = re.sub(f"^{fence[1]}", "", fence[4], flags=re.MULTILINE)
        found.append(Block(fence[2], fence[3], inside, text.count("\n", 0, fence.start()) + 1))
    return found


# --- doing what a page says ---------------------------------------------------------------------------------------


class Reader:
    """Follows one page in a folder of its own. What a block says is compared with the `text` block behind it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = monkeypatch
        self.names: dict[str, Any] = {"__name__": "__main__"}

    def follow(self, page: list[Block]) -> None:
        said: str | None = None
        for block in page:
            where = f"line {block.line}"
            if block.file is not None and block.language != "sh":
                self.save(block.file, block.text)
            if block.language == "text":
                if said is not None:
                    compare(block.text, said, where)
                said = None
            elif block.language == "python" and block.file is None:
                said = self.run_python(block.text, where, self.names)
            elif block.language in SHELLS:
                said = self.run_shell(block, where)
            else:
                READERS[block.language](block)
                said = None

    def save(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")
        for module in [m for m, loaded in sys.modules.items() if getattr(loaded, "__file__", None) == str(path)]:
            del sys.modules[module]  # a page may show a file a second time

    def run_python(self, source: str, where: str, names: dict[str, Any]) -> str:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(source, where, "exec"), names)
        return said.getvalue()

    def run_shell(self, block: Block, where: str) -> str:
        text = block.text.replace("\\\n", " ")
        if block.language != "console":
            return "".join(self.run_line(line, where) for line in text.splitlines())
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, expected = part.partition("\n")
            said = self.run_line(line, where)
            if expected.strip():
                compare(expected, said, where)
        return ""

    def run_line(self, line: str, where: str) -> str:
        line, _, remark = line.strip().partition("  # ")
        line = line.removeprefix("uv run ") if line.startswith("uv run enrichcore") else line
        wanted = int(code[1]) if (code := re.match(r"exit code (\d+)", remark)) else 0
        piped = re.fullmatch(r"echo '(.*)' \| (.*)", line)
        words = shlex.split(piped[2] if piped else line, comments=True)
        match words:
            case []:
                return ""
            case ["enrichcore", *arguments]:
                result = CliRunner().invoke(app, arguments, input=piped[1] if piped else "", prog_name="enrichcore")
                assert "Traceback" not in result.output, result.output
                assert result.exit_code == wanted, f"{where}: {line}: exit code {result.exit_code}\n{result.output}"
                return result.output
            case ["python", file] if (self.folder / file).exists():
                return self.run_python((self.folder / file).read_text("utf-8"), file, {"__name__": "__main__"})
            case ["pytest", *arguments] if list(self.folder.rglob("test_*.py")):
                return self.run_pytest(arguments)
            case ["cat", file]:
                return (self.folder / file).read_text("utf-8")
            case ["rm" | "mv" | "cp" as verb, *files] if all((self.folder / file).parent.exists() for file in files):
                verbs: dict[str, Callable[..., object]] = {"rm": os.remove, "mv": shutil.move, "cp": shutil.copy}
                verbs[verb](*files)
            case ["export", setting]:
                self.patch.setenv(*setting.split("=", 1))
            case ["pip", "install", "-e", "."]:
                self.install()
            case _:
                assert NOT_RUN.match(line), f"{where}: nobody knows what to do with {line!r}"
        return ""

    def run_pytest(self, arguments: list[str]) -> str:
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self) -> None:
        """What an editable install leaves behind: the folder on the path, with the entry points of its project."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text("utf-8"))["project"]
        info = self.folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
        )
        points = "".join(f"{name} = {target}\n" for name, target in project["entry-points"]["enrichcore"].items())
        (info / "entry_points.txt").write_text(f"[enrichcore]\n{points}")
        self.patch.syspath_prepend(self.folder)


def read_toml(block: Block) -> None:
    """A configuration is one that enrichcore accepts, down to the providers' own keys."""
    if block.file is not None and block.file.endswith("pyproject.toml"):
        tomllib.loads(block.text)
        return
    parsed = config.parse_config(block.text)
    for name, plugin in installed().plugins.items():
        if name in parsed.provider:
            apply_settings(type(plugin.provider)(), parsed.for_provider(name), required=False)


@cache
def installed() -> Registry:
    registry = Registry()
    registry.load_installed({})
    return registry


def read_sql(block: Block) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(block.text)


READERS: dict[str, Callable[[Block], object]] = {
    "csv": lambda block: block.file,
    "json": lambda block: json.loads(block.text),
    "jsonl": lambda block: [json.loads(line) for line in block.text.splitlines()],
    "pyi": lambda block: ast.parse(block.text),
    "python": lambda block: compile(block.text, str(block.file), "exec"),
    "sql": read_sql,
    "toml": read_toml,
}


def plain(text: str) -> str:
    """Output without what differs from run to run: times, durations, widths."""
    text = re.sub(r"\d{4}-\d\d-\d\d|\d\d:\d\d(:\d\d)?", "#", text)
    text = re.sub(r"\d+\.\d+(?= ?s\b)|\b\d+\.\d$", "#", text, flags=re.MULTILINE)
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def compare(expected: str, said: str, where: str) -> None:
    """`…` stands for anything on a line; alone on a line it stands for any number of lines."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + r"\n"
        for line in plain(expected).splitlines()
    )
    if not re.fullmatch(pattern, plain(said) + "\n"):
        pytest.fail(f"{where}: the page says\n{expected}\nand what came out is\n{said}", pytrace=False)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reader]:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [n for n in os.environ if n.startswith("ENRICHCORE_") or n.endswith("_API_KEY")]:
        monkeypatch.delenv(name)
    for name in ("HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    before = set(sys.modules)
    loggers = [(logger, logger.handlers[:], logger.level) for logger in (logging.root, logging.getLogger("enrichcore"))]
    yield Reader(folder, monkeypatch)
    structlog.reset_defaults()
    for logger, handlers, level in loggers:
        logger.handlers[:] = handlers
        logger.setLevel(level)
    for name in set(sys.modules) - before:
        if str(folder) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@PAGE
def test_a_page_does_what_it_says(page: Path, reader: Reader) -> None:
    """Python runs, commands run, files are written, settings are valid, and what is said to come out comes out."""
    reader.follow(blocks(page))


LIES = {
    "another output": "```python\nprint(1)\n```\n\n```text\n2\n```\n",
    "a missing line": "```python\nprint(1)\nprint(2)\n```\n\n```text\n1\n```\n",
    "a name that does not exist": "```python\nfrom enrichcore import Enrich\n```\n",
    "a file that does not compile": "```python acme.py\ndef\n```\n",
    "an option that does not exist": "```sh\nenrichcore demo --fast\n```\n",
    "another exit code": "```sh\nenrichcore --version  # exit code 2\n```\n",
    "another output of a command": "```console\n$ enrichcore --version\nenrichcore 99\n```\n",
    "a command that nobody knows": "```sh\nenrich contacts.csv\n```\n",
    "a key that does not exist": '```toml\n[store]\npath = "enrich.db"\n```\n',
    "a key that a provider does not have": "```toml\n[providers.echo]\nrate_of_hits = 1\n```\n",
    "broken JSON": "```json\n{'status': 'found'}\n```\n",
    "broken SQL": "```sql\nSELECT status FROM attempts;\n```\n",
    "a block without a language": "```\nenrichcore demo\n```\n",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_page_that_lies_is_caught(lie: str, reader: Reader, tmp_path: Path) -> None:
    """The tests of this module can fail."""
    page = tmp_path / "lie.md"
    page.write_text(LIES[lie])
    with pytest.raises((Exception, pytest.fail.Exception)):
        reader.follow(blocks(page))


def test_the_quickstart_is_there_to_be_run() -> None:
    """The README shows the library, the command line and the two commands, and stays short."""
    languages = [block.language for block in blocks(ROOT / "README.md")]
    text = (ROOT / "README.md").read_text("utf-8")
    assert {"python", "sh", "csv"} <= set(languages)
    assert "uv run enrichcore demo" in text
    assert "uv run pytest" in text
    assert text.count("\n") <= 200


AVOIDED = re.compile(
    r"\b(seamless\w*|powerful|blazing\w*|effortless\w*|world-class|cutting-edge|best-in-class|game.chang\w+"
    r"|blacklist\w*|whitelist\w*|throttl\w+)\b",
    re.IGNORECASE,
)
PRIVATE = re.compile(r"(?<![\w.])/(?:work|tmp|root|home)/")


@PAGE
def test_words_are_plain(page: Path) -> None:
    """No advertising, no second word for what has one, no path of somebody's machine."""
    text = page.read_text("utf-8")
    assert AVOIDED.findall(text) == []
    assert PRIVATE.findall(text) == []


# --- links and generated parts ------------------------------------------------------------------------------------


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as GitHub makes them."""
    text = FENCE.sub("", page.read_text("utf-8"))
    heads = re.findall(r"^#+ +(.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@PAGE
def test_links_lead_somewhere(page: Path) -> None:
    """A link between pages names a file that exists and a heading that it has."""
    text = re.sub(r"`[^`\n]*`", "", FENCE.sub("", page.read_text("utf-8")))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        linked = (page.parent / file).resolve() if file else page
        assert linked.exists(), f"{target}: there is no such file"
        assert not anchor or anchor in anchors(linked), f"{target}: there is no such heading"


def test_every_page_can_be_found() -> None:
    """The index of the documentation links to every page of it; the providers' own are linked where all of them are."""
    index = ROOT / "docs" / "index.md"
    listed = ROOT / "docs" / "reference" / "providers.md"
    for page in (ROOT / "docs").rglob("*.md"):
        where = listed if page.parent.name == "providers" else index
        linked = set(re.findall(r"\]\(([^)#\s]+)", where.read_text("utf-8")))
        assert page == index or page.relative_to(where.parent).as_posix() in linked


def test_generated_parts_are_in_step(capsys: pytest.CaptureFixture[str]) -> None:
    """`python docs/generate.py` would change nothing."""
    assert generate.main(["--check"]) == 0, capsys.readouterr().out


def test_a_page_out_of_step_is_named_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` names the page and changes nothing; without it the page is written."""
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").write_text("nothing generated\n")
    page = tmp_path / "docs" / "codes.md"
    page.write_text("<!-- generated: exit-codes -->\nold\n<!-- end of generated -->\n")
    assert generate.main(["--check"], tmp_path) == 1
    assert "docs/codes.md" in capsys.readouterr().out
    assert "old" in page.read_text()
    assert generate.main([], tmp_path) == 0
    assert "old" not in page.read_text()
    assert generate.main(["--check"], tmp_path) == 0


# --- nothing is left out ------------------------------------------------------------------------------------------


def commands() -> Iterator[str]:
    import click

    context = click.Context(app)
    for name in app.list_commands(context):
        command = app.get_command(context, name)
        yield f"enrichcore {name}"
        if isinstance(command, click.Group):
            yield from (f"enrichcore {name} {below}" for below in command.list_commands(context))


def variables() -> set[str]:
    """The environment variables that the code reads."""
    text = "".join(path.read_text("utf-8") for path in (ROOT / "enrichcore").rglob("*.py"))
    return set(re.findall(r"\bENRICHCORE_[A-Z]+\b", text))


def refusals() -> set[str]:
    """The reasons for which a number or a person is refused, as the code says them."""
    return {*gates.REASONS, *rules.REASONS}


def public(module: str) -> list[str]:
    names: list[str] = importlib.import_module(module).__all__
    return [f"### `{name}`" for name in names if name != "__version__"]


def is_helper(heading: str) -> bool:
    """Whether it is the heading of a function that plugins call, beside the decorators of the hooks."""
    return heading[5].islower() and heading not in {"### `hookimpl`", "### `hookspec`"}


HOOK_NAMES = [name for name in vars(hookspecs) if name.startswith(("phone_by_", "enrichcore_"))]
NAMED: dict[str, dict[str, Callable[[], Any]]] = {
    "api": {
        "the public names": lambda: public("enrichcore"),
        "what providers are made of": lambda: [name for name in public("enrichcore.plugins") if not is_helper(name)],
        "the values that travel": lambda: public("enrichcore.model"),
        "the kit for tests": lambda: public("enrichcore.testing"),
    },
    "hooks": {
        "the hooks": lambda: [f"### `{name}`" for name in HOOK_NAMES],
        "what providers share": lambda: [name for name in public("enrichcore.plugins") if is_helper(name)],
    },
    "errors": {
        "provider errors": lambda: [f"`{kind.code}`" for kind in errors.PROVIDER_ERRORS],
        "all errors": lambda: [n for n, it in vars(errors).items() if getattr(it, "__module__", "") == errors.__name__],
        "reasons of skips": lambda: [f"| `{reason}` |" for reason in SkipReason],
        "reasons of refusals": lambda: [f"| `{reason}` |" for reason in refusals()],
    },
    "events": {
        "events": lambda: [f"`{event}`" for event in log.EVENTS],
        "keys": lambda: [f"| `{key}` |" for keys in log.EVENTS.values() for key in keys],
    },
    "config": {
        "keys": lambda: [f"`{name.rpartition('.')[2]}`" for name in generate.MEANINGS],
        "environment": variables,
    },
    "cli": {"commands": lambda: [f"### `{command}`" for command in commands()]},
    "store": {"methods": lambda: [f"{name}(" for name in vars(Store) if not name.startswith("_")]},
}


@pytest.mark.parametrize(("page", "what"), [(page, what) for page, parts in NAMED.items() for what in parts])
def test_the_reference_leaves_nothing_out(page: str, what: str) -> None:
    """Every name that a person may meet is on the page of the reference where it belongs."""
    text = (ROOT / "docs" / "reference" / f"{page}.md").read_text("utf-8")
    names = list(NAMED[page][what]())
    assert names
    assert [name for name in names if name not in text] == []
