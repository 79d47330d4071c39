"""Enrich contacts with phone numbers through a cascade of provider plugins.

```python
from enrichcore import Contact, Engine

with Engine(store="sqlite:///enrich.db") as engine:
    result = engine.enrich_phone(Contact(record_id="42", email="ada@engines.example"))
```
"""

import importlib
from typing import TYPE_CHECKING, Any

from enrichcore.version import __version__

if TYPE_CHECKING:
    from enrichcore.engine.core import AsyncEngine
    from enrichcore.errors import (
        ConfigError,
        EngineClosed,
        EnrichcoreError,
        InvalidContact,
        PluginError,
        ProviderError,
        ResultErrors,
        StoreError,
    )
    from enrichcore.model import (
        Acceptance,
        Attempt,
        Billed,
        Budget,
        Contact,
        LineType,
        Method,
        Outcome,
        PhoneResult,
        Status,
    )
    from enrichcore.sync import Engine

_HOMES = {
    "Acceptance": "model",
    "AsyncEngine": "engine.core",
    "Attempt": "model",
    "Billed": "model",
    "Budget": "model",
    "ConfigError": "errors",
    "Contact": "model",
    "Engine": "sync",
    "EngineClosed": "errors",
    "EnrichcoreError": "errors",
    "InvalidContact": "errors",
    "LineType": "model",
    "Method": "model",
    "Outcome": "model",
    "PhoneResult": "model",
    "PluginError": "errors",
    "ProviderError": "errors",
    "ResultErrors": "errors",
    "Status": "model",
    "StoreError": "errors",
}

__all__ = [
    "Acceptance",
    "AsyncEngine",
    "Attempt",
    "Billed",
    "Budget",
    "ConfigError",
    "Contact",
    "Engine",
    "EngineClosed",
    "EnrichcoreError",
    "InvalidContact",
    "LineType",
    "Method",
    "Outcome",
    "PhoneResult",
    "PluginError",
    "ProviderError",
    "ResultErrors",
    "Status",
    "StoreError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Load a public name when it is first used, so that a command that needs little starts fast."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'enrichcore' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"enrichcore.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__
