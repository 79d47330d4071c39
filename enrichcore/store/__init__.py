"""The journal and where it is kept."""

from enrichcore.store.protocol import (
    Claim,
    ClaimAnswer,
    Expiry,
    Forgotten,
    Granted,
    InFlight,
    Known,
    OverBudget,
    Row,
    SharedNumber,
    Store,
    StoredResult,
    StoredState,
    Suppressed,
    TakenOver,
)

__all__ = [
    "Claim",
    "ClaimAnswer",
    "Expiry",
    "Forgotten",
    "Granted",
    "InFlight",
    "Known",
    "OverBudget",
    "Row",
    "SharedNumber",
    "Store",
    "StoredResult",
    "StoredState",
    "Suppressed",
    "TakenOver",
]
