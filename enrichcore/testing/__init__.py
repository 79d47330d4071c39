"""The kit for people who write providers: ask one question, script the vendor, check the contract.

A plain module: nothing here is loaded by pytest on its own, and pytest need not be installed.
"""

from enrichcore.testing.act import FAULTS, Act, fault, reply
from enrichcore.testing.cases import Case, Cases
from enrichcore.testing.checks import CHECKS, Check, Report, Result
from enrichcore.testing.clock import FrozenClock
from enrichcore.testing.contract import check_provider
from enrichcore.testing.fake import FakeProvider
from enrichcore.testing.run import run
from enrichcore.testing.script import Asked
from enrichcore.testing.server import VendorServer
from enrichcore.testing.transport import ScriptedTransport
from enrichcore.testing.vendor import Vendor

__all__ = [
    "CHECKS",
    "FAULTS",
    "Act",
    "Asked",
    "Case",
    "Cases",
    "Check",
    "FakeProvider",
    "FrozenClock",
    "Report",
    "Result",
    "ScriptedTransport",
    "Vendor",
    "VendorServer",
    "check_provider",
    "fault",
    "reply",
    "run",
]
