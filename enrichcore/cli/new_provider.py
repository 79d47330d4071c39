"""The files of a new provider, put together from what is known of its vendor."""

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self
from urllib.parse import urlsplit

import attrs

from enrichcore.cli import new_provider_texts as texts
from enrichcore.errors import ConfigError
from enrichcore.version import __version__

_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_TOKEN = re.compile(r"[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*", re.ASCII)
_QUERIES: Final = {"name": "NameQuery", "linkedin": "LinkedInQuery", "email": "EmailQuery"}
_WHO: Final = {
    "name": "_by_name(query)",
    "linkedin": '{"linkedin_url": query.url}',
    "email": '{"email": query.email}',
}
_SAYS: Final = {"name": "name and company", "linkedin": "LinkedIn profile", "email": "email address"}
_TAKEN: Final = frozenset(
    {
        "Act", "Ada", "Any", "Bearer", "Case", "Cases", "Done", "Found", "Header", "Hit", "Http", "Job", "Miss", "None",
        "Number", "Person", "Poll", "Price", "Provider", "Query", "Submitted", "True", "False", "Unreadable", "Vendor",
    }
)  # fmt: skip
"""Names that the files use for something else."""
_MOST_CREDITS: Final = 10**6


@attrs.frozen(kw_only=True)
class Plan:
    """What is known of the vendor."""

    name: str
    methods: tuple[str, ...]
    base_url: str
    auth: str
    key_name: str
    per: str
    credits: str
    job: bool

    @classmethod
    def of(cls, name: str, given: Mapping[str, Any]) -> Self:
        """A plan from the options; what is not given has a default.

        Raises:
            ConfigError: a name or a value cannot be one.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(f"a provider's name is lower-case letters, digits and underscores, got {name!r}")
        unknown = set(given.get("methods", ())) - _QUERIES.keys()
        if unknown:
            raise ConfigError(f"expected methods of name, linkedin and email, got {', '.join(sorted(unknown))}")
        auth = given.get("auth", "bearer")
        key_name = given.get("key_name") or ("api_key" if auth == "query" else "X-API-Key")
        if not _TOKEN.fullmatch(key_name):
            raise ConfigError(f"--key-name: expected the name of a header or a parameter, got {key_name!r}")
        base_url = given.get("base_url") or f"https://api.{name.replace('_', '-')}.example/v1"
        parts = urlsplit(base_url)
        if parts.scheme != "https" or not parts.netloc or parts.query or not base_url.isascii() or '"' in base_url:
            raise ConfigError(
                f"--base-url: expected an https address such as https://api.acme.example/v1, got {base_url!r}"
            )
        return cls(
            name=name,
            methods=tuple(method for method in _QUERIES if method in given.get("methods", ("email",))),
            base_url=base_url.rstrip("/"),
            auth=auth,
            key_name=key_name,
            per=given.get("per", "hit"),
            credits=_credits(given.get("credits", "1")),
            job=bool(given.get("job", False)),
        )

    @property
    def kind(self) -> str:
        """The name of the class."""
        kind = "".join(word.capitalize() for word in self.name.split("_"))
        return f"{kind}Provider" if kind in _TAKEN else kind

    @property
    def variable(self) -> str:
        """The environment variable of the key."""
        return f"{self.name.upper()}_API_KEY"


def _credits(text: str) -> str:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(0)
    if not amount.is_finite() or not 0 < amount <= _MOST_CREDITS:
        raise ConfigError(f"--credits: expected a number above 0, got {text!r}")
    plain = format(amount, "f")
    return plain if "." not in plain else f'"{plain}"'  # a float would not be exact


def written(plan: Plan) -> dict[str, str]:
    """The files of the folder, by their paths in it."""
    words = _words(plan)
    name = plan.name
    return {
        "pyproject.toml": _fill(texts.PROJECT, words),
        "README.md": _fill(texts.README, words),
        f"enrichcore_{name}.py": _fill(texts.MODULE, words),
        f"enrichcore_{name}_cases.py": _fill(texts.JOB_CASES if plan.job else texts.CASES, words),
        f"tests/test_{name}.py": _fill(texts.TESTS, words),
    }


def _words(plan: Plan) -> dict[str, str]:
    """What stands for each `@word@` of the texts."""
    answer = "Job" if plan.job else "Hit | Miss"
    hooks = "\n".join(
        _fill(texts.HOOK, {"method": method, "query": _QUERIES[method], "says": _SAYS[method], "who": _WHO[method],
                           "answer": answer, "step": "_submit" if plan.job else "_look_up"})
        for method in plan.methods
    )  # fmt: skip
    auth = {"bearer": "Bearer()", "header": f'Header("{plan.key_name}")', "query": f'Query("{plan.key_name}")'}
    schemes = {"bearer": ["Bearer"], "header": ["Header"], "query": ["Query"], "none": []}[plan.auth]
    model = {"Hit", "Miss", "Number", "Person", "Price", *(_QUERIES[method] for method in plan.methods)}
    if plan.job:
        model |= {"Job", "Query"}
    plugins = [*schemes, "Http", *(["Poll"] if plan.job else []), "Provider"]
    key_in = plan.job and plan.auth == "query"  # a job's `collect` takes a Query, which is something else
    if key_in:
        plugins.remove("Query")
        auth["query"] = f'KeyIn("{plan.key_name}")'
    price = "Price.free()" if plan.per == "free" else f"Price.per_{plan.per}({plan.credits})"
    key = "" if plan.auth == "none" else f'    key_env = "{plan.variable}"\n    auth = {auth[plan.auth]}\n'
    low, high = __version__.split(".")[:2]
    cost = "nothing" if plan.per == "free" else f"{plan.credits.strip(chr(34))} credits a {plan.per}"
    return {
        "name": plan.name,
        "dist": f"enrichcore-{plan.name.replace('_', '-')}",
        "kind": plan.kind,
        "host": plan.name.replace("_", "-"),
        "base_url": plan.base_url,
        "key": key,
        "key_row": "none needed" if plan.auth == "none" else f"`{plan.variable}`",
        "price": price,
        "cost": cost,
        "methods": ", ".join(_SAYS[method] for method in plan.methods),
        "today": dt.datetime.now(dt.UTC).date().isoformat(),
        "versions": f">={low}.{high},<{low}.{int(high) + 1}",
        "model": _imports(model),
        "plugins": _imports([*plugins, "hookimpl"]),
        "hooks": hooks,
        "poll": texts.POLL if plan.job else "",
        "body": texts.JOB_BODY if plan.job else texts.BODY,
        "by_name": texts.BY_NAME if "name" in plan.methods else "",
        "errors": texts.JOB_ERRORS if plan.job else "\n",
        "key_in": "from enrichcore.plugins import Query as KeyIn\n" if key_in else "",
        "cases": "\n".join(f'    Case("{method}", **ANSWERS),' for method in plan.methods),
        "method": plan.methods[0],
        "found": "SUBMITTED, done(PERSON)" if plan.job else "found(PERSON)",
        "nobody": "SUBMITTED, done(None)" if plan.job else "found(None)",
        "helpers": "PERSON, SUBMITTED, done" if plan.job else "PERSON, found",
    }


def _imports(names: Any) -> str:
    """Names as an import has them: constants, classes, functions, each in order."""
    return ", ".join(sorted(names, key=lambda name: (not name[0].isupper(), name)))


def _fill(text: str, words: Mapping[str, str]) -> str:
    return re.sub(r"@(\w+)@", lambda found: words[found[1]], text)
