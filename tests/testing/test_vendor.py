"""Vendor and Cases: one provider with its scripted vendor, and what its documentation says."""

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from enrichcore_directory import Directory
from enrichcore_prospeo import Prospeo

from enrichcore.errors import ConfigError, KeyRefused
from enrichcore.model import Billed, EmailQuery, Hit, Job, Miss, Outcome
from enrichcore.testing import Act, Case, Cases, FrozenClock, Vendor, fault, reply
from enrichcore.testing.cases import cases_of

if TYPE_CHECKING:
    from tests.testing.conftest import Good

EMAIL = "ada@engines.example"
NOBODY = reply(200, {"people": []})


def found(good: "Good") -> Act:
    [[act]] = good.acme_cases.cases[0].found
    return act


def test_a_question_gets_the_scripted_answer(good: "Good") -> None:
    vendor = Vendor(good.acme, found(good))
    answer = vendor.ask(email=EMAIL)
    assert isinstance(answer, Hit)
    assert vendor.says(NOBODY).ask(email="bob@engines.example") == Miss()
    first, second = vendor.asked
    assert first.headers["x-api-key"] == vendor.key
    assert (first.query, second.query) == ({"email": EMAIL}, {"email": "bob@engines.example"})


def test_an_error_is_raised_and_an_account_is_read(good: "Good") -> None:
    with pytest.raises(KeyRefused):
        Vendor(good.acme, reply(401)).ask(email=EMAIL)
    left = Vendor(good.acme, {"/v2/account": reply(200, {"credits": 41})}).balance()
    assert left is not None
    assert left.remaining == Decimal(41)


def test_a_job_is_collected_or_polled_once(good: "Good") -> None:
    [case, *_] = good.slow_cases.cases
    [[running]], [exchange] = case.pending, case.found
    vendor = Vendor(good.slow, exchange[0], running, *exchange[1:])
    assert isinstance(vendor.ask(email=EMAIL), Hit)
    assert [one.path for one in vendor.asked] == ["/v2/jobs", "/v2/jobs/7", "/v2/jobs/7"]
    assert Vendor(good.slow, running).collect("7", EmailQuery(email=EMAIL)) == Job("7")


@pytest.mark.parametrize(
    ("act", "outcome", "reason", "billed"),
    [
        (None, Outcome.HIT, None, Billed.YES),
        (NOBODY, Outcome.MISS, None, Billed.NO),
        (fault("reset"), Outcome.ERROR, "maybe_sent", Billed.UNKNOWN),
        (fault("never"), Outcome.ERROR, "maybe_sent", Billed.UNKNOWN),
        (reply(503), Outcome.ERROR, "server_error", Billed.NO),
    ],
)
def test_an_attempt_is_that_of_a_real_engine(
    good: "Good", act: Act | None, outcome: Outcome, reason: str | None, billed: Billed
) -> None:
    attempt = Vendor(good.acme, act or found(good)).attempt("email", email=EMAIL)
    assert (attempt.outcome, attempt.reason, attempt.billed) == (outcome, reason, billed)


def test_a_result_costs_what_it_costs_and_the_clock_can_be_shared(good: "Good") -> None:
    clock = FrozenClock()
    result = Vendor(good.acme, fault("never")).enrich(email=EMAIL, clock=clock, deadline=600)
    assert result.phone is None
    assert clock.now == pytest.approx(good.acme.timeout, abs=0.01)
    result = Vendor(good.acme, found(good), settings={"credit_price": "0.1"}).enrich(email=EMAIL)
    assert (result.phone, result.cost) == ("+12025550143", Decimal("0.5"))
    first = Vendor(good.acme, found(good)).attempt(email=EMAIL)
    assert first.tries == 1


def test_settings_go_to_the_provider_and_to_the_engine() -> None:
    vendor = Vendor(Prospeo, reply(400, {"error": True, "error_code": "NO_MATCH"}),
                    settings={"base_url": "https://proxy.example/p"})  # fmt: skip
    vendor.ask(email=EMAIL)
    vendor.enrich(email=EMAIL)
    assert {one.url for one in vendor.asked} == {"https://proxy.example/p/enrich-person"}


# --- cases --------------------------------------------------------------------------------------------------------


def test_one_act_a_tuple_and_a_list_are_told_apart() -> None:
    """An act, the acts of one lookup in order, and several ways to say the same."""
    one, two = reply(200, 1), reply(200, 2)
    assert Case("email", one).found == ((one,),)
    assert Case("email", (one, two)).found == ((one, two),)
    assert Case("email", [one, (one, two)]).found == ((one,), (one, two))
    assert Case("email").not_found == ()
    assert Cases(errors={"key_refused": one}).errors == {"key_refused": (one,)}


def test_cases_are_found_beside_a_module_and_inside_a_package(tmp_path: Path) -> None:
    """`enrichcore_prospeo_cases`, `enrichcore_directory.cases`, or a file that is named."""
    assert cases_of(Prospeo).errors
    assert cases_of(Directory()).cases
    file = tmp_path / "mine.py"
    file.write_text("from enrichcore.testing import Case, Cases\nCASES = Cases(Case('email'))\n")
    assert [case.method for case in cases_of(Prospeo, file).cases] == ["email"]
    file.write_text("CASES = []\n")
    with pytest.raises(ConfigError, match=r"mine.py: expected CASES = Cases\(...\), got a list"):
        cases_of(Prospeo, file)
    with pytest.raises(ConfigError, match="cannot read"):
        cases_of(Prospeo, tmp_path / "none.py")


def test_settings_may_need_files(tmp_path: Path) -> None:
    """They are there while the suite runs, and gone afterwards."""

    def settings(folder: Path) -> dict[str, str]:
        (folder / "crm.csv").touch()
        return {"path": str(folder / "crm.csv")}

    with Cases(settings=settings).prepared() as made:
        assert Path(made["path"]).exists()
    assert not Path(made["path"]).exists()


def test_settings_may_need_a_server(tmp_path: Path) -> None:
    """One that a context manager starts is there while the suite runs, and stopped afterwards, whatever happens."""
    told: list[str] = []

    @contextlib.contextmanager
    def settings(folder: Path) -> Iterator[dict[str, str]]:
        told.append("started")
        try:
            yield {"url": "ldap://127.0.0.1:9"}
        finally:
            told.append("stopped")

    def fail(made: Mapping[str, str]) -> None:
        assert (made, told) == ({"url": "ldap://127.0.0.1:9"}, ["started"])
        raise RuntimeError

    with contextlib.suppress(RuntimeError), Cases(settings=settings).prepared() as made:
        fail(made)
    assert told == ["started", "stopped"]


def test_the_kit_needs_neither_pytest_nor_hypothesis() -> None:
    """It is a plain module: importing it loads no tool for tests."""
    program = "import sys, enrichcore.testing; print(sorted({'pytest', '_pytest', 'hypothesis'} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
