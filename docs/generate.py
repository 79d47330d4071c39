"""Writes the parts of the documentation that follow from the code: what stands between two marks on a page.

    python docs/generate.py            write
    python docs/generate.py --check    exit 1 and name the pages that are out of step

A page asks for a part by `<!-- generated: WHAT WORDS -->` and ends it by `<!-- end of generated -->`. The functions in
`PARTS` make them: what they show comes from the code, so it cannot be out of date unnoticed.
"""

import ast
import importlib
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import attrs
import click

from docs import provider_pages, stubs
from enrichcore import config, errors, log, testing
from enrichcore.cli.app import app
from enrichcore.cli.providers_list import price
from enrichcore.engine import gates, regions, retry, statuses
from enrichcore.identity import rules
from enrichcore.identity.domain_country import GENERIC
from enrichcore.model import Budget
from enrichcore.phone.fiction_ranges import PREFIXES
from enrichcore.store import schema

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"(<!-- generated: ([^\n]+?) -->\n).*?(<!-- end of generated -->)", re.DOTALL)


# --- the parts ----------------------------------------------------------------------------------------------------


def _table(heads: tuple[str, ...], rows: Iterator[tuple[object, ...]] | Sequence[tuple[object, ...]]) -> str:
    return provider_pages.table(heads, list(rows))


def api(module: str, *names: str) -> str:
    """The named names of a module."""
    return "\n\n".join(stubs.entry(module, name) for name in names)


def kit_faults() -> str:
    """What the scripted vendor can do wrong."""
    return _table(
        ("`fault(…)`", "what the caller meets"), [(f"`{name}`", said) for name, said in testing.FAULTS.items()]
    )


def kit_checks() -> str:
    """The facts of the contract suite, with the part of the guide that explains each."""
    rows: list[tuple[object, ...]] = [
        (f"`{check.name}`", check.says, f"[{check.see.rpartition('#')[2]}]({'../' + check.see.removeprefix('docs/')})")
        for check in testing.CHECKS.values()
    ]
    return _table(("check", "the fact", "see"), rows)


def hooks(prefix: str) -> str:
    """The hooks whose names begin so, each with its exact signature."""
    parts = []
    for node, said in stubs.documented(stubs.parsed("enrichcore.plugins.hookspecs").body):
        if isinstance(node, stubs.Function) and node.name.startswith(prefix):
            parts.append(f"### `{node.name}`\n\n```pyi\n{stubs.signature(node)}\n```\n\n{stubs.prose(said)}")
    return "\n\n".join(parts)


def _tree(kind: type[BaseException], depth: int = 0) -> Iterator[tuple[int, type[BaseException]]]:
    yield depth, kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _tree(child, depth + 1)


def error_tree() -> str:
    """The tree of errors, drawn by indentation."""
    lines = []
    for depth, kind in _tree(errors.EnrichcoreError):
        first = re.split(r"(?<=[a-z])[.;:] ?", kind.__doc__ or "", maxsplit=1)[0]
        lines.append(f"{'    ' * depth}{kind.__name__}".ljust(26) + first)
    return "```text\n" + "\n".join(lines) + "\n```"


def decisions() -> str:
    """What each provider error decides."""
    charge = {"by price": "by the price model", "by wire": "yes if answered, unknown if maybe sent"}
    effect = {
        "none": "none", "failure": "counts as a failure", "pace": "paced", "park": "parked", "suspend": "suspended",
    }  # fmt: skip
    return _table(
        ("error", "reason of the attempt", "whose fault", "same provider again", "billed", "state of the provider"),
        [
            (f"`{kind.__name__}`", f"`{kind.code}`", kind.fault.value, d.again.value,
             charge.get(d.charge.value, d.charge.value), effect[d.effect.value])
            for kind, d in retry.DECISIONS.items()
        ],
    )  # fmt: skip


def http_statuses() -> str:
    """What an HTTP status means when a provider does not say otherwise."""
    spans: list[tuple[int, int, str]] = []
    for status in range(300, 600):
        name = type(statuses.general_error(status)).__name__
        if spans and spans[-1][2] == name:
            spans[-1] = (spans[-1][0], status, name)
        else:
            spans.append((status, status, name))
    shown: dict[str, list[str]] = {}
    for first, last, name in spans:
        shown.setdefault(name, []).append(str(first) if first == last else f"{first} to {last}")
    rows: list[tuple[object, ...]] = [("200 to 299", "an answer")]
    return _table(("status", "means"), rows + [(", ".join(spans), f"`{name}`") for name, spans in shown.items()])


def events() -> str:
    """Every event and the keys that it may carry."""
    return _table(
        ("event", "keys"),
        [(f"`{name}`", ", ".join(f"`{key}`" for key in sorted(keys))) for name, keys in log.EVENTS.items()],
    )


MEANINGS: Mapping[str, str] = {
    "engine.providers": "Who takes part. Left out: configured directories, and every installed provider with a key.",
    "engine.order": "Who is asked first; the others follow, free ones before paid ones.",
    "engine.order_by": "`method` asks by name, LinkedIn and email in turn; `cost` asks the cheapest first.",
    "engine.deadline": "Seconds one lookup may take. Left out: 60 for a lookup, none for a file.",
    "engine.on_changed_record": "A known record_id with another person: `lookup` asks anew, `reject` refuses.",
    "engine.serve_stale": "Whether an older number is given, marked as stale, when nobody can be asked.",
    "store.url": "Where answers are kept. Left out: the command line uses a file in your data folder.",
    "store.secret": "Keys the hashes in the store. Left out: a file made beside the database.",
    "store.key": "Encrypts what vendors answered; newest first where there are several. Better "
    "left in the environment.",
    "acceptance.line_types": "Count only these as found.",
    "acceptance.countries": "Count only numbers of these ISO countries as found.",
    "acceptance.refused_countries": "Count no number of these ISO countries as found.",
    "acceptance.company_lines": "Whether a switchboard or a toll-free number counts.",
    "acceptance.allow_fictional": "Whether numbers that are reserved for fiction count: for tests and demos.",
    "acceptance.min_score": "The least match score that counts.",
    "acceptance.min_scores": "The least match score by method (`name`, `linkedin`, `email`), instead of `min_score`.",
    "acceptance.max_people": "For how many people one number counts; given for more, it is nobody's own.",
    "budget.run": "What one run may spend: one file, or one process's lookups.",
    "budget.record": "What may be spent on one record, by all runs together.",
    "budget.hour": "What may be spent in any hour, by the calendar in UTC.",
    "budget.day": "What may be spent on any day in UTC.",
    "budget.month": "What may be spent in any month in UTC.",
    "budget.providers": "Limits for single providers: an amount for one run, or `run`, `hour`, `day`, `month`.",
    "budget.currency": "The currency of `credit_price` and of every cost shown.",
    "service.deadline": "Seconds until a request is answered with what is known.",
    "service.max_wait": "The longest that `Prefer: wait` may ask for, and the deadline of a request nobody waits for.",
    "service.credits_per_hit": "What a found number costs the tenant who asked.",
    "service.concurrency": "Lookups at the same time, in one process.",
    "service.queue": "Lookups that may wait for a place; more are refused with 429.",
    "service.on_changed_record": "As in `[engine]`, for requests over HTTP: `reject` answers 400.",
    "service.host": "Where `enrichcore serve` listens.",
    "service.port": "On which port; 0 takes a free one.",
    "service.workers": "Processes that share the port.",
    "service.operators": "Where the page and the metrics for operators are. Left out: nowhere. They have no login.",
    "service.operators_hosts": "Host names under which that page may be asked for, beside addresses and `localhost`.",
    "service.traces": "Whether enrichments and attempts are told to OpenTelemetry.",
    "service.public_url": "Where the outside world reaches the service: vendors of job-style providers call there.",
    "providers.NAME.api_key": "The key itself. Better left in the environment.",
    "providers.NAME.key_env": "The environment variable to read the key from, instead of the provider's own.",
    "providers.NAME.base_url": "Where the vendor is, such as a proxy or a test server of yours.",
    "providers.NAME.price": "Credits one billed event costs on your plan, instead of the declared price.",
    "providers.NAME.credit_price": "What one credit costs you in money. Without it costs are shown as `-`.",
    "providers.NAME.rate": "At most so many calls, instead of the declared rates.",
    "providers.NAME.enabled": "`false` leaves the provider out.",
}


def config_keys(section: str = "") -> str:
    """Every key of the configuration file or of one section, as the parser asks for it."""
    seen: dict[str, tuple[str, Any]] = {}

    class Recorder(config._Table):  # noqa: SLF001 - the parser itself is the list of keys
        def take(self, key: str, read: Callable[[Any], Any], expected: str, default: Any = None) -> Any:
            if self.where:
                seen[f"{self.where}.{key}"] = (expected, default)
            return super().take(key, read, expected, default)

    with mock.patch.object(config, "_Table", Recorder):
        config.parse_config("[providers.NAME]")
    amounts = {"providers": "a table of limits by provider", "currency": "a currency code such as USD"}
    unlimited = Budget()
    for field in attrs.fields(Budget):  # which reads its own table
        expected = amounts.get(field.name, "an amount such as '300 USD'")
        seen[f"budget.{field.name}"] = (expected, getattr(unlimited, field.name))
    if seen.keys() != MEANINGS.keys():
        raise SystemExit(
            f"MEANINGS in {__file__} must say what these keys mean: {sorted(seen.keys() ^ MEANINGS.keys())}"
        )
    shown = {"None": "-", "()": "-", "{}": "-", "True": "`true`", "False": "`false`"}
    rows: list[tuple[object, ...]] = []
    for name, (expected, default) in seen.items():
        where, _, key = name.rpartition(".")
        if section and where != section:
            continue
        rows.append(
            (f"`[{where}]`", f"`{key}`", expected, shown.get(str(default), f"`{default}`"), MEANINGS[name]),
        )
    return _table(("section", "key", "value", "default", "what it decides"), rows)


def own_settings() -> str:
    """The keys that providers of this repository add to their own section."""
    parts = []
    for name, (_, kind) in provider_pages.classes().items():
        if kind.Settings is None:
            continue
        rows: list[tuple[object, ...]] = []
        for field in attrs.fields(kind.Settings):
            made = isinstance(field.default, attrs.Factory)  # type: ignore[arg-type]  # attrs types it as a function
            plain = "-" if field.default is None else f"`{field.default}`"
            default = "required" if field.default is attrs.NOTHING else "`{}`" if made else plain
            rows.append((f"`{field.name}`", default))
        said = " ".join((kind.Settings.__doc__ or "").split())
        parts.append(f"### `[providers.{name}]`\n\n{said}\n\n{_table(('key', 'default'), rows)}")
    return "\n\n".join(parts)


def providers() -> str:
    """The providers of this repository in one table."""
    rows: list[tuple[object, ...]] = []
    for name, (folder, kind) in provider_pages.classes().items():
        methods = [m for m in ("name", "linkedin", "email") if hasattr(kind, f"phone_by_{m}")]
        again = kind.price.repeats_free_days
        cost = price(kind.price) + (f", repeats free for {again} days" if again else "")
        said = importlib.import_module(kind.__module__.partition(".")[0]).__doc__ or ""
        what = said.split("\n", 1)[0].split(". ", 1)[0].rstrip(".")
        rows.append((f"[{name}](providers/{folder.name}/README.md)", ", ".join(methods),
                     f"`{kind.key_env}`" if kind.key_env else "no", cost, what))  # fmt: skip
    return _table(("provider", "methods", "needs a key", "price", "what it is"), rows)


def provider_facts() -> str:
    """Every provider with its page, and what is asked of most of them."""
    rows: list[tuple[object, ...]] = []
    for name, (_, kind) in provider_pages.classes().items():
        said = dict(provider_pages.facts(name))
        grade = said["evidence"].partition(":")[0]
        rows.append((f"[{name}](providers/{name}.md)", said["methods"], said["price"], said["takes part"], grade,
                     said.get("facts read on", "-"), provider_pages.summary(kind)))  # fmt: skip
    return _table(("provider", "methods", "price", "takes part", "evidence", "facts read on", "what it is"), rows)


def provider_matrix() -> str:
    """What every event comes to, provider by provider: found by playing the vendor's answers."""
    return _table(("provider", *provider_pages.EVENTS), list(provider_pages.matrix()))


def match_rules() -> str:
    """The decision table of the person match."""
    return _table(
        ("", "the rule that holds", "verdict", "word", "score"),
        [
            (number, rule.says, "accept" if rule.accepts else "refuse", f"`{rule.word}`", f"{rule.score:.2f}")
            for number, rule in enumerate(rules.RULES, 1)
        ],
    )


def match_adjustments() -> str:
    """What moves the score of an accepted person."""
    return _table(("what holds besides", "score"), [(a.says, f"{a.by:+.2f}") for a in rules.ADJUSTMENTS])


def number_gates() -> str:
    """The gates that a number passes, with the reasons of their refusals and the key that moves them."""
    return _table(
        ("", "gate", "a number passes if", "else the reason is", "policy key"),
        [
            (number, gate.name, gate.says, ", ".join(f"`{reason}`" for reason in gate.reasons),
             f"`{gate.key}`" if gate.key else "")
            for number, gate in enumerate(gates.GATES, 1)
        ],
    )  # fmt: skip


def region_signals() -> str:
    """What says of which country a national form is, the most trusted first."""
    return _table(("", "signal"), [(number, signal.says) for number, signal in enumerate(regions.SIGNALS, 1)])


def region_fits() -> str:
    """What the country of a number does to the match score."""
    return _table(
        ("the first that holds", "evidence", "score"),
        [(fit.says, f"`{fit.word}`", f"{fit.by:+.2f}") for fit in regions.REGION_FITS],
    )


def generic_domains() -> str:
    """The two-letter top-level domains that say nothing of a country."""
    return ", ".join(f"`.{label}`" for label in sorted(GENERIC))


def fiction_ranges() -> str:
    """The numbers that are kept for fiction."""
    rows: list[tuple[object, ...]] = [("+1", "any area code, 555-0100 to 555-0199", 100)]
    for code, ranges in PREFIXES.items():
        shown = ", ".join(f"`{prefix}{'x' * (length - len(prefix))}`" for prefix, length, _ in ranges)
        rows.append((f"+{code}", shown, f"{sum(10 ** (n - len(p)) for p, n, _ in ranges):,}"))
    return _table(("country code", "national numbers", "how many"), rows)


def commands() -> str:
    """Every command with its options."""
    return "\n\n".join(_command(app, "enrichcore", None))


def _command(command: click.Command, path: str, parent: click.Context | None) -> Iterator[str]:
    context = click.Context(command, info_name=path.rsplit(" ", 1)[-1], parent=parent)
    common = {parameter.name for parameter in app.params} if parent is not None else set()
    said = "\n\n".join(" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n"))
    parts = [
        f"### `{path}`",
        f"```text\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```",
        said,
    ]
    own = [p for p in command.params if isinstance(p, click.Option) and p.name not in common]
    options = [p.get_help_record(context) for p in own]
    rows: list[tuple[object, ...]] = [(f"`{record[0]}`", record[1] or "-") for record in options if record is not None]
    if rows:
        parts.append(_table(("option", "meaning"), rows))
    yield "\n\n".join(parts)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from _command(below, f"{path} {name}", context)


def exit_codes() -> str:
    """What the exit codes say."""
    documented = stubs.documented(stubs.parsed("enrichcore.cli.exits").body)
    return _table(
        ("code", "meaning"),
        [
            (f"`{ast.unparse(node.value)}`", said)
            for node, said in documented
            if isinstance(node, ast.AnnAssign) and node.value
        ],
    )


def tables() -> str:
    """The journal's tables in SQLite."""
    scripts = [re.sub(r"\n    ", "\n", script).strip() for script in schema.MIGRATIONS]
    return "```sql\n" + "\n\n".join(scripts) + "\n```"


PARTS: Mapping[str, Callable[..., str]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        api, commands, config_keys, decisions, error_tree, events, exit_codes, fiction_ranges, generic_domains, hooks,
        http_statuses, kit_checks, kit_faults, match_adjustments, match_rules, number_gates, own_settings,
        provider_facts, provider_matrix, providers, region_fits, region_signals, tables,
    )
}  # fmt: skip


def filled(page: str) -> str:
    """The text of a page with all its parts made anew.

    Raises:
        LookupError: the page asks for something that nobody makes.
    """

    def fill(block: re.Match[str]) -> str:
        what, *words = block[2].split()
        return f"{block[1]}\n{PARTS[what](*words)}\n\n{block[3]}"

    return BLOCK.sub(fill, page)


def pages(root: Path) -> list[Path]:
    """The pages that may hold generated parts."""
    return [root / "README.md", *sorted((root / "docs").rglob("*.md"))]


def _provider_pages(folder: Path, *, write: bool) -> list[str]:
    """The pages of providers that are out of step, or that no provider has any more."""
    made = {folder / f"{name}.md": provider_pages.page(name) for name in provider_pages.classes()}
    there = {path: path.read_text("utf-8") for path in folder.glob("*.md")}
    stale = sorted(path for path in made.keys() | there.keys() if made.get(path) != there.get(path))
    if write:
        folder.mkdir(exist_ok=True)
        for path in stale:
            if path in made:
                path.write_text(made[path], "utf-8", newline="\n")
            else:
                path.unlink()
    return [f"docs/reference/providers/{path.name}" for path in stale]


def main(arguments: list[str], root: Path = ROOT) -> int:
    """Write or check; the answer is the exit code."""
    stale = []
    for path in pages(root):
        before = path.read_text("utf-8")
        after = filled(before)
        if before != after:
            stale.append(path.relative_to(root).as_posix())
            if "--check" not in arguments:
                path.write_text(after, "utf-8", newline="\n")
    if (root / "docs" / "reference" / "providers.md").exists():
        stale += _provider_pages(root / "docs" / "reference" / "providers", write="--check" not in arguments)
    for name in stale:
        print(f"{name}: out of step with the code" if "--check" in arguments else f"wrote {name}")
    if stale and "--check" in arguments:
        print("run `uv run python docs/generate.py`")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
