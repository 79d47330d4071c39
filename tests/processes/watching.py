"""Another process that watches the budgets while a block runs."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import attrs

from tests.processes.desk import HERE
from tests.processes.journals import Journal


@attrs.define
class Watched:
    """How often the budgets were looked at, and the largest share of a limit that was ever spent and reserved."""

    samples: int = 0
    share: float = 0.0


@contextmanager
def watch(journal: Journal, limits: Mapping[str, int]) -> Iterator[Watched]:
    """Watch; at the end no budget may ever have held more than its limit.

    `limits` are in billionths, by what the names of the budgets begin with.
    """
    watched = Watched()
    command = [sys.executable, str(HERE / "sampler.py"), journal.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield watched
            told = json.loads(process.communicate(timeout=60)[0].partition("\n")[2])
        finally:
            process.kill()
    watched.samples = told["samples"]
    for scope, most in told["most"].items():
        limit = next((limit for start, limit in limits.items() if scope.startswith(start)), None)
        if limit is not None:
            assert most <= limit, (scope, most, limit)
            watched.share = max(watched.share, most / limit)
    assert watched.samples > 0
