"""Plugins that are written into a folder and loaded from there, as an installed distribution is."""

import importlib.metadata
import itertools
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from enrichcore.plugins.registry import Registry

HEAD = """
from enrichcore.model import Hit, Miss, Number, Price
from enrichcore.plugins import Bearer, Header, Provider, Query, hookimpl
"""
_numbers = itertools.count()
Load = Callable[..., Registry]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Load]:
    """Install plugins and load them: `load({"acme": ("class Acme(Provider): ...", "Acme")})`.

    Each entry point has a module of its own with this code; the second text is the attribute it names.
    """
    made: list[str] = []

    def install(
        plugins: Mapping[str, tuple[str, str | None]],
        *,
        settings: Mapping[str, Any] | None = None,
        distribution: str = "some-plugins",
        version: str = "1.2",
    ) -> Registry:
        folder = tmp_path / f"site{next(_numbers)}"
        info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        lines = ["[enrichcore]"]
        for name, (code, thing) in plugins.items():
            module = f"enrichcore_test_plugin_{next(_numbers)}"
            made.append(module)
            (folder / f"{module}.py").write_text(HEAD + textwrap.dedent(code))
            lines.append(f"{name} = {module}" + (f":{thing}" if thing else ""))
        (info / "entry_points.txt").write_text("\n".join(lines))
        monkeypatch.syspath_prepend(str(folder))
        found = [e for d in importlib.metadata.distributions(path=[str(folder)]) for e in d.entry_points]
        registry = Registry()
        registry.load_installed(settings or {}, found)
        registry.resolve()
        return registry

    yield install
    for module in made:
        sys.modules.pop(module, None)
