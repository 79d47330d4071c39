"""Provider states that outlive the process: rate windows, parked and suspended accounts."""

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.engine.breaker import State
from enrichcore.errors import KeyRefused, OutOfCredits, RateLimited, ServerError
from enrichcore.model import Contact

if TYPE_CHECKING:
    from tests.engine.conftest import Lab


def ask(lab: "Lab", number: int) -> Contact:
    return lab.contact(record_id=f"r{number}", email=f"p{number}@engines.example")


def test_a_new_process_keeps_within_the_rate_that_an_earlier_one_has_used(lab: "Lab") -> None:
    vendor = lab.by_email({}, rate=["3/h"])
    for number in range(3):
        assert lab.story(lab.enrich(vendor, contact=ask(lab, number))) == ["paid/email miss"]
    result = lab.enrich(vendor, contact=ask(lab, 3), deadline=60)
    assert lab.story(result) == ["paid/email skipped paced"]
    lab.runtime.skew += 3600
    assert lab.story(lab.enrich(vendor, contact=ask(lab, 3), deadline=60)) == ["paid/email miss"]


def test_calls_of_free_providers_count_too(lab: "Lab") -> None:
    vendor = lab.free({}, methods=["email"], rate=["1/h"])
    lab.enrich(vendor, contact=ask(lab, 0))
    assert lab.story(lab.enrich(vendor, contact=ask(lab, 1), deadline=60)) == ["free/email skipped paced"]


@pytest.mark.parametrize(("error", "state"), [(OutOfCredits(), "parked"), (KeyRefused(), "suspended")])
def test_a_lasting_state_is_taken_over_by_the_next_process(lab: "Lab", error: Exception, state: str) -> None:
    vendor = lab.by_email(lab.script(error, lab.PHONE))
    lab.enrich(vendor, contact=ask(lab, 0))
    result = lab.enrich(vendor, contact=ask(lab, 1))
    assert lab.story(result) == [f"paid/email skipped {state}"]
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("error", [RateLimited(), ServerError()])
def test_a_passing_state_is_not_kept(lab: "Lab", error: Exception) -> None:
    vendor = lab.by_email(lab.script(*[error] * 9, lab.PHONE))

    async def work() -> State:
        async with lab.engine(vendor) as engine:
            for number in range(4):
                await engine.enrich_phone(ask(lab, number), deadline=5)
            return engine.channels["paid"].health.state

    assert lab.play(work) in (State.PACED, State.OPEN)
    assert lab.tables.states == {}


def test_another_key_is_another_account(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(KeyRefused(), lab.PHONE), key_env="K")
    lab.enrich(vendor, contact=ask(lab, 0), env={"K": "revoked"})
    assert lab.enrich(vendor, contact=ask(lab, 1), env={"K": "revoked"}).status == "incomplete"
    assert lab.enrich(vendor, contact=ask(lab, 1), env={"K": "fresh"}).found


def test_resume_is_remembered_and_a_good_probe_too(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(KeyRefused(), OutOfCredits(), lab.PHONE))
    lab.enrich(vendor, contact=ask(lab, 0))
    assert [state.state for state in lab.tables.states.values()] == ["suspended"]

    async def work() -> Any:
        async with lab.engine(vendor) as engine:
            engine.resume("paid")
            assert lab.tables.states == {}
            parked = await engine.enrich_phone(ask(lab, 1))
            assert [state.state for state in lab.tables.states.values()] == ["parked"]
            await asyncio.sleep(61)
            return parked.status, (await engine.enrich_phone(ask(lab, 2))).status

    assert lab.play(work) == ("incomplete", "found")
    assert lab.tables.states == {}


def test_a_plugin_that_is_unsafe_is_suspended_for_this_process_only(lab: "Lab") -> None:
    """Nothing is wrong with the key: a mended plugin may start at once."""

    async def work() -> None:
        async with lab.engine(lab.by_email({})) as engine:
            engine.channels["paid"].health.suspend("plugin_fault")

    lab.play(work)
    assert lab.tables.states == {}


def test_a_refused_key_raises_an_alarm(lab: "Lab", caplog: pytest.LogCaptureFixture) -> None:
    """Every change of state is a warning with the provider, the new state and the reason."""
    lab.enrich(lab.by_email(lab.script(KeyRefused())), contact=ask(lab, 0))
    [alarm] = [record for record in caplog.records if record.levelname == "WARNING"]
    event = vars(alarm)["enrichcore"]
    assert (event["event"], event["provider"]) == ("enrichcore.provider_state_changed", "paid")
    assert (event["previous"], event["state"], event["reason"]) == ("closed", "suspended", "key_refused")
