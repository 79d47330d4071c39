"""Cases: what a vendor documents, as the contract suite needs it; and where installed providers keep theirs."""

import contextlib
import importlib
import runpy
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import attrs

from enrichcore.errors import ConfigError
from enrichcore.model import Acceptance, Method
from enrichcore.plugins import Provider
from enrichcore.testing.act import Act

PERSON: Final[Mapping[str, str]] = MappingProxyType(
    {
        "first_name": "Ada",
        "last_name": "Lovelace",
        "company": "Engines",
        "domain": "engines.example",
        "email": "ada@engines.example",
        "linkedin_id": "ada-lovelace",
    }
)
"""Who is asked about when a case does not say."""
ATTRIBUTE: Final = "CASES"

Exchange = tuple[Act, ...]
"""What the vendor says to the requests of one lookup, in order."""
Exchanges = Act | tuple[Act, ...] | Sequence[Act | tuple[Act, ...]]
"""One act, a tuple of acts for the requests of one lookup in order, or a list of several ways to say the same."""


def _exchanges(given: Exchanges | None) -> tuple[Exchange, ...]:
    if given is None:
        return ()
    if isinstance(given, Act):
        return ((given,),)
    if isinstance(given, tuple):
        return given if all(isinstance(one, tuple) for one in given) else (given,)  # type: ignore[return-value]
    return tuple((one,) if isinstance(one, Act) else one for one in given)


@attrs.frozen
class Case:
    """One method of a provider: whom to ask about, and what the vendor answers by its documentation.

    Args:
        method: `name`, `linkedin` or `email`.
        found: the answer with a number. A tuple holds the answers to several requests of one lookup, in order: for a
            job first those to the submission, last the finished poll. None for a provider without HTTP.
        not_found: the answers that mean that there is no number; a list holds several. Of a job, one that stands
            alone ends a poll; a miss at the submission itself is a pair that begins with it.
        pending: of a job, what a poll says while it runs; a list holds several.
        fields: whose number it is: fields of a contact; the method's own are taken. Ada Lovelace of Engines
            (`ada@engines.example`, `ada-lovelace`) if left out. The answers must be about this person.
        phones: the numbers of `found` as the vendor writes them, in the provider's order. Left out: at least one;
            `()` says that this method never brings a number, only who somebody is.
        person: what the provider passes on of the person: fields of `Person`.
        hints: fields beyond the method's key that the provider sends, because the vendor wants them.
        nobody: for a provider without HTTP, the fields of somebody whom it does not know.
        masked: answers that only hint at a number (a preview, a true); a list holds several.
        echoes: keys of the answer under which the vendor only gives our own question back.
        batch: for a provider that asks for many at once, what comes to a batch of two: this person, then a stranger.
        sends: what the request holds in place of the query's key, where the provider turns it into the vendor's own id.
    """

    method: Method = attrs.field(converter=Method)
    found: tuple[Exchange, ...] = attrs.field(default=None, converter=_exchanges)
    not_found: tuple[Exchange, ...] = attrs.field(default=None, converter=_exchanges)
    pending: tuple[Exchange, ...] = attrs.field(default=None, converter=_exchanges, kw_only=True)
    fields: Mapping[str, str] = attrs.field(default=PERSON, kw_only=True)
    phones: tuple[str, ...] | None = attrs.field(default=None, kw_only=True)
    person: Mapping[str, Any] = attrs.field(factory=dict, kw_only=True)
    hints: Sequence[str] = attrs.field(default=(), kw_only=True)
    nobody: Mapping[str, str] | None = attrs.field(default=None, kw_only=True)
    masked: tuple[Exchange, ...] = attrs.field(default=None, converter=_exchanges, kw_only=True)
    echoes: Sequence[str] = attrs.field(default=(), kw_only=True)
    sends: Sequence[str] = attrs.field(default=(), kw_only=True)
    batch: tuple[Exchange, ...] = attrs.field(default=None, converter=_exchanges, kw_only=True)

    def __str__(self) -> str:
        """The method."""
        return self.method.value


Errors = Mapping[str, Act | Sequence[Act]]
Keys = Mapping[str, Any]
Settings = Keys | Callable[[Path], Keys | contextlib.AbstractContextManager[Keys]]
"""Keys of `[providers.<name>]`, or what makes them."""


def _listed(errors: Errors) -> dict[str, tuple[Act, ...]]:
    return {code: (acts,) if isinstance(acts, Act) else tuple(acts) for code, acts in errors.items()}


@attrs.frozen(init=False)
class Cases:
    """All that the contract suite needs to know of a provider, beside its class.

    Args:
        cases: one for each method, or several.
        errors: what the vendor documents of failures: the code of the error (`out_of_credits`, `key_refused`,
            `rate_limited`, `server_error`, `request_refused`, ...) and the answer, or several, that mean it.
        balance: the answer to `balance()`; a tuple where it takes several requests.
        settings: keys of `[providers.<name>]`, or a function that makes them and may write files into a folder; it may
            be a context manager, for a provider without HTTP whose server runs meanwhile.
        acceptance: which numbers count, if not all but company lines.
    """

    cases: tuple[Case, ...]
    errors: Mapping[str, tuple[Act, ...]]
    balance: tuple[Exchange, ...]
    settings: Settings
    acceptance: Acceptance

    def __init__(
        self,
        *cases: Case,
        errors: Errors | None = None,
        balance: Exchanges | None = None,
        settings: Settings | None = None,
        acceptance: Acceptance | None = None,
    ) -> None:
        self.__attrs_init__(
            cases, _listed(errors or {}), _exchanges(balance), settings or {},
            acceptance or Acceptance(allow_fictional=True),
        )  # fmt: skip

    @contextlib.contextmanager
    def prepared(self) -> Iterator[Mapping[str, Any]]:
        """The settings, while the files exist that they need."""
        if not callable(self.settings):
            yield self.settings
            return
        with tempfile.TemporaryDirectory(prefix="enrichcore-cases-", ignore_cleanup_errors=True) as folder:
            made = self.settings(Path(folder))
            if isinstance(made, contextlib.AbstractContextManager):
                with made as settings:
                    yield settings
            else:
                yield made


def cases_of(provider: Provider | type[Provider], file: str | Path | None = None) -> Cases:
    """The cases that a provider ships: `CASES` in the module `<module>_cases`, or `<package>.cases` of a package.

    With `file`, a Python file that has `CASES`.

    Raises:
        ConfigError: there are none, or they are something else.
    """
    if file is not None:
        try:
            return _checked(runpy.run_path(str(file)).get(ATTRIBUTE), str(file))
        except OSError as error:
            raise ConfigError(f"cannot read {file}: {error.strerror}") from None
    kind = provider if isinstance(provider, type) else type(provider)
    top = kind.__module__.partition(".")[0]
    tried = (f"{top}_cases", f"{top}.cases")
    for name in tried:
        try:
            module = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
            continue
        return _checked(getattr(module, ATTRIBUTE, None), name)
    raise ConfigError(
        f"provider {kind.name!r} ships no cases: expected {ATTRIBUTE} in the module {' or '.join(tried)}, "
        "or name a file with --cases"
    )


def _checked(cases: object, where: str) -> Cases:
    if not isinstance(cases, Cases):
        raise ConfigError(f"{where}: expected {ATTRIBUTE} = Cases(...), got a {type(cases).__name__}")
    return cases
