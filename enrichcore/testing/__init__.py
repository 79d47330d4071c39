"""The kit for people who write providers: ask one provider one question, or put a fake one into an engine.

A plain module: nothing here is loaded by pytest on its own.
"""

from enrichcore.testing.fake import FakeProvider
from enrichcore.testing.run import run

__all__ = ["FakeProvider", "run"]
