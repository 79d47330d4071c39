"""Who calls: what a key stands for, and what the app asks of whoever keeps the keys."""

from typing import Protocol

import attrs


@attrs.frozen
class Account:
    """What a key stands for. Two keys of one tenant share its records, its credits and its limits.

    `rate` is requests a second, `concurrency` requests at the same time; None is no limit of its own.
    """

    key_id: str
    tenant: str
    allow_attempts: bool = False
    rate: float | None = None
    concurrency: int | None = None


class Accounts(Protocol):
    """Keys, credits and rates, as the app needs them."""

    async def find(self, token: str) -> Account | None:
        """The account of a key; None for one that is unknown, revoked, expired or malformed."""

    async def reserve(self, account: Account, credits: int) -> int | None:
        """Set credits aside. None when that went well, else how many the tenant has left, which are too few."""

    async def settle(self, account: Account, credits: int, *, spent: int) -> None:
        """End a reservation: `spent` of its credits are gone, the rest comes back."""

    async def allow(self, account: Account) -> float | None:
        """None when one more request is within the rate, else the seconds until the next may come."""

    async def remaining(self, account: Account) -> int | None:
        """The credits a tenant has left; None without a limit."""
