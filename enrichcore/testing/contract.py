"""check_provider(): the contract suite, run on one provider."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from enrichcore.plugins import Provider
from enrichcore.runtime import Runtime
from enrichcore.testing import (
    check_answers,
    check_batches,
    check_facts,
    check_faults,
    check_hostile,
    check_life,
    check_requests,
)
from enrichcore.testing.bench import Bench
from enrichcore.testing.cases import Cases, cases_of
from enrichcore.testing.checks import CHECKS, Broken, Check, Inapplicable, Report, Result
from enrichcore.testing.vendor import new

PARTS: Final = (check_facts, check_requests, check_answers, check_faults, check_life, check_batches, check_hostile)
"""Importing them registers their checks."""
_ORDER: Final = (
    "facts", "key", "request", "privacy", "answer", "wire", "status", "errors", "unreadable", "job", "batch",
    "life", "hostile",
)  # fmt: skip
_registered = sorted(CHECKS.items(), key=lambda item: _ORDER.index(item[0].partition(".")[0]))
CHECKS.clear()
CHECKS.update(_registered)
_now = Runtime.monotonic


def check_provider(
    provider: Provider | type[Provider],
    cases: Cases | None = None,
    *,
    only: Collection[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> Report:
    """Try every fact of the contract on one provider; nothing leaves this machine, and nothing waits for real.

    Args:
        provider: its class, or an object.
        cases: what its vendor documents. None: the cases that it ships.
        only: the names of the checks to run, or beginnings of them such as `facts`; all of `CHECKS` if empty.
        settings: keys of `[providers.<name>]`, put over those of the cases.

    Raises:
        ConfigError: it ships no cases, or its settings are wrong.
        LookupError: `only` names no check.
    """
    cases = cases_of(provider) if cases is None else cases
    chosen = [found for found in CHECKS.values() if not only or found.name.startswith(tuple(only))]
    if not chosen:
        raise LookupError(f"expected names of checks such as {', '.join(list(CHECKS)[:3])}, got {', '.join(only)}")
    with cases.prepared() as own:
        given = {**own, **(settings or {})}
        results = tuple(_run(found, provider, cases, given) for found in chosen)
    return Report(new(provider).name, results)


def _run(found: Check, provider: Provider | type[Provider], cases: Cases, settings: Mapping[str, Any]) -> Result:
    began = _now()
    status, text = "passed", ""
    try:
        found.run(Bench(provider, cases, settings))
    except Inapplicable as reason:
        status, text = "skipped", str(reason)
    except Broken as broken:
        status, text = "failed", str(broken)
    except Exception as error:  # noqa: BLE001 - a provider may raise anything, and that is a finding
        status, text = "failed", f"expected an answer, got {type(error).__name__}: {error}"
    return Result(found, status, text, _now() - began)
