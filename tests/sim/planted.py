"""Bugs on purpose: each changes one thing of the real engine, none of them makes it crash. The rules must find all."""

from tests.sim import planted_engine, planted_money, planted_privacy
from tests.sim.planting import PLANTED

BOOKS = (planted_engine, planted_money, planted_privacy)
"""Where they are."""

__all__ = ["BOOKS", "PLANTED"]
