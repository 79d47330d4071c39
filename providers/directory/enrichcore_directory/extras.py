"""Libraries that only some sources need."""

import importlib
from typing import Any

from enrichcore.errors import ConfigError


def need(module: str, *, extra: str) -> Any:
    """The module, imported now.

    Raises:
        ConfigError: it is not installed; the message holds the line to type.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ConfigError(
            f"[providers.directory] this path needs {error.name or module}: pip install 'enrichcore-directory[{extra}]'"
        ) from None
