"""Which results are definite: those that an incomplete run may not overwrite."""

from enrichcore.model import Status
from enrichcore.store.protocol import StoredResult

_DEFINITE = frozenset({Status.FOUND.value, Status.NOT_FOUND.value})


def definite(result: StoredResult) -> bool:
    """Whether every applicable provider had answered when this result was made."""
    return result.status in _DEFINITE
