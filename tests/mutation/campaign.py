"""How many mutants of a module its tests find: `python -m tests.mutation.campaign [MODULE...]` prints the survivors.

Each mutant runs in a child of a process that has loaded everything, so that it costs little more than its tests: the
functions of the module get the code of the mutant. A mutant counts as found when a test fails, when the module cannot
be loaded, or when nothing ends.
"""

import argparse
import ast
import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

import attrs

from tests.mutation.mutants import Mutant, mutants
from tests.mutation.table import TESTS

ROOT: Final = Path(__file__).parents[2]
_LOADED_ONCE: Final = ("pytest", "hypothesis", "hypothesis.stateful", "enrichcore.cli", "enrichcore.store.postgres")
_PYTEST: Final = (
    "-x", "-q", "--assert=plain", "-p", "no:cacheprovider", "-o", "addopts=--import-mode=importlib",
    "-m", "not proof and not live",
)  # fmt: skip
_PLAIN: Final = (int, float, str, bytes, tuple, frozenset, dict)
"""Of what kinds constants are."""
_AT_LEAST: Final = 15.0
_TIMES: Final = 6.0
"""How long a mutant may take: so many seconds, or so many times what the module itself takes."""


@attrs.frozen
class Score:
    """What came of one module's mutants."""

    module: str
    found: int
    survivors: tuple[Mutant, ...]

    @property
    def mutants(self) -> int:
        """How many there were."""
        return self.found + len(self.survivors)

    @property
    def share(self) -> float:
        """The share that was found; 1 where there was nothing to change."""
        return self.found / self.mutants if self.mutants else 1.0


def campaign(module: str, tests: Sequence[str], *, part: slice = slice(None)) -> Score:
    """Try the mutants of a module, such as `enrichcore.store.leasing`, against these tests.

    Raises:
        RuntimeError: the tests fail as it is.
    """
    path = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    began = time.monotonic()
    if _fails(module, path, ast.parse(path.read_text("utf-8")), tests, 600.0):
        raise RuntimeError(f"the tests of {module} fail without any mutant: {' '.join(tests)}")
    longest = max(_AT_LEAST, _TIMES * (time.monotonic() - began))
    found, survivors = 0, []
    for mutant in list(mutants(path))[part]:
        if _fails(module, path, mutant.tree, tests, longest):
            found += 1
        else:
            survivors.append(mutant)
    return Score(module, found, tuple(survivors))


def _fails(module: str, path: Path, tree: ast.Module, tests: Sequence[str], longest: float) -> bool:
    child = os.fork()
    if child == 0:
        os.setpgrp()
        signal.alarm(int(longest) + 1)  # should nobody be left to end it
        _run(module, path, tree, tests)
    until = time.monotonic() + longest
    pause = 0.01
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run(module: str, path: Path, tree: ast.Module, tests: Sequence[str]) -> None:
    code = 1
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(silent, stream)
        _become(module, path, tree)
        pytest = importlib.import_module("pytest")
        code = int(pytest.main([*_PYTEST, *tests]))
    finally:
        os._exit(code)


def _become(module: str, path: Path, tree: ast.Module) -> None:
    """Give the functions and constants of a module that is loaded already the code and the values of another one."""
    old, other = sys.modules[module], ModuleType(module)
    vars(other).update(__file__=str(path), __package__=old.__package__)
    sys.modules[module] = other  # where attrs looks while it makes classes
    try:
        exec(compile(tree, str(path), "exec"), vars(other))
    finally:
        sys.modules[module] = old
    users = [one for name, one in sys.modules.items() if name.startswith("enrichcore")]
    for name, new in vars(other).items():
        before = vars(old).get(name)
        if isinstance(new, type) and new.__module__ == module:
            for attribute, value in vars(new).items():
                _give(vars(before).get(attribute), value)
        elif not _give(before, new) and not name.startswith("__") and isinstance(new, _PLAIN) and new != before:
            for user in users:
                if vars(user).get(name) is before:
                    setattr(user, name, new)


def _give(old: Any, new: Any) -> bool:
    """Whether `new` is a function, whose code `old` has from now on."""
    for wrapper in ("fget", "__func__", "__wrapped__"):
        if hasattr(new, wrapper) and hasattr(old, wrapper):
            old, new = getattr(old, wrapper), getattr(new, wrapper)
    if not isinstance(new, FunctionType) or not isinstance(old, FunctionType):
        return False
    if len(new.__code__.co_freevars) == len(old.__code__.co_freevars):
        old.__code__, old.__defaults__, old.__kwdefaults__ = new.__code__, new.__defaults__, new.__kwdefaults__
    return True


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", default=[*TESTS], help="such as enrichcore.store.leasing")
    parser.add_argument("--tests", nargs="+", help="instead of those of the table")
    options = parser.parse_args()
    os.chdir(ROOT)
    for name in (*_LOADED_ONCE, *options.modules):
        importlib.import_module(name)
    for module in options.modules:
        began = time.monotonic()
        score = campaign(module, options.tests or TESTS[module])
        for mutant in score.survivors:
            print(f"  {module}:{mutant.line}: {mutant.what}")
        took = time.monotonic() - began
        print(f"{module}: {score.found} of {score.mutants}, {score.share:.1%}, {took:.0f} s", flush=True)


if __name__ == "__main__":
    main()
