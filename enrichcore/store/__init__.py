"""The journal and where it is kept."""

from enrichcore.store.protocol import (
    Claim,
    ClaimAnswer,
    Granted,
    InFlight,
    Known,
    Row,
    SharedNumber,
    Store,
    StoredResult,
    StoredState,
    TakenOver,
)

__all__ = [
    "Claim",
    "ClaimAnswer",
    "Granted",
    "InFlight",
    "Known",
    "Row",
    "SharedNumber",
    "Store",
    "StoredResult",
    "StoredState",
    "TakenOver",
]
