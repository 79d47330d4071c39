"""Bulk runs: one job for a hundred people, polled for all of them at once, and everything else as one by one."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from enrichcore_bettercontact import Bettercontact
from enrichcore_bettercontact_cases import failure

from enrichcore.model import PhoneResult
from enrichcore.testing import Act, Asked, Vendor, reply


def people(count: int) -> list[dict[str, Any]]:
    return [{"record_id": str(n), "linkedin_id": f"person-{n}"} for n in range(count)]


class Desk:
    """BetterContact: takes jobs, answers them at the second poll, bills ten credits a number."""

    def __init__(self, *, echoes: bool = True, shuffled: bool = False, lacks: int = 0) -> None:
        self.jobs: list[list[dict[str, Any]]] = []
        self.polls: dict[str, int] = {}
        self.echoes, self.shuffled, self.lacks = echoes, shuffled, lacks

    def __call__(self, asked: Asked) -> Act:
        if asked.method == "POST":
            self.jobs.append(asked.json()["data"])
            return reply(201, {"success": True, "id": f"job-{len(self.jobs)}"})
        job = asked.path.rpartition("/")[2]
        self.polls[job] = self.polls.get(job, 0) + 1
        if self.polls[job] == 1:
            return reply(202, {"status": "processing"})
        leads = self.jobs[int(job.removeprefix("job-")) - 1]
        rows = [self._row(lead) for lead in leads][: len(leads) - self.lacks]
        spent = 10 * sum(row["enriched"] for row in rows)
        body = {"id": job, "status": "terminated", "credits_consumed": spent}
        return reply(200, body | {"data": rows[::-1] if self.shuffled else rows})

    def _row(self, lead: dict[str, Any]) -> dict[str, Any]:
        number = int(lead["linkedin_url"].rpartition("-")[2])
        found = f"+1202555{100 + number % 100:04}" if number % 3 == 0 else None
        row = {
            "enriched": found is not None,
            "contact_phone_number": found,
            "contact_linkedin_profile_url": lead["linkedin_url"],
        }
        return row | ({"custom_fields": lead["custom_fields"]} if self.echoes and "custom_fields" in lead else {})


def told(result: PhoneResult) -> tuple[Any, ...]:
    times = {"id", "attempt_id", "started_at", "duration_ms"}
    attempts = [attrs.asdict(a, filter=lambda field, _: field.name not in times) for a in result.attempts]
    return result.status, result.phone, result.cost, result.line_type, attempts


def test_a_bulk_run_makes_one_job_for_a_hundred_and_comes_to_the_same() -> None:
    """250 people: three submissions and six polls; results, costs and attempts are those of 250 single lookups."""
    desk, single = Desk(), Desk()
    results = Vendor(Bettercontact, desk).enrich_many(people(250))
    alone = [Vendor(Bettercontact, single).enrich(deadline=None, **person) for person in people(250)]
    assert [told(result) for result in results] == [told(result) for result in alone]
    assert [len(job) for job in desk.jobs] == [100, 100, 50]
    assert desk.polls == {"job-1": 2, "job-2": 2, "job-3": 2}
    assert (len(single.jobs), sum(single.polls.values())) == (250, 500)
    assert sum(result.cost or 0 for result in results) == 84 * Decimal("0.50")


@pytest.mark.parametrize("desk", [Desk(shuffled=True), Desk(echoes=False)], ids=["by place", "by order"])
def test_everybody_gets_the_own_answer(desk: Desk) -> None:
    """By the place that comes back with it; where none does, by the order."""
    results = Vendor(Bettercontact, desk).enrich_many(people(9))
    assert [result.phone for result in results[::3]] == ["+12025550100", "+12025550103", "+12025550106"]
    assert [result.phone for result in results[1::3] + results[2::3]] == [None] * 6


def test_rows_that_are_out_of_order_and_say_nothing_of_their_place_give_nobody_a_wrong_number() -> None:
    """What a row says of the person is somebody else then, and the engine takes nobody's number for another's."""
    results = Vendor(Bettercontact, Desk(echoes=False, shuffled=True)).enrich_many(people(4))
    assert [result.phone for result in results] == [None] * 4


def test_a_person_is_sent_as_alone_with_the_place_and_nothing_else() -> None:
    desk = Desk()
    mara = {"record_id": "a-1", "linkedin_id": "person-1", "first_name": "Mara", "last_name": "Ellsworth"}
    Vendor(Bettercontact, desk).enrich_many([mara])
    [[lead]] = desk.jobs
    assert lead == {
        "first_name": "Mara",
        "last_name": "Ellsworth",
        "linkedin_url": "https://www.linkedin.com/in/person-1",
        "custom_fields": {"uuid": "0"},
    }


def test_a_person_whose_row_is_missing_is_unreadable_and_the_others_are_not() -> None:
    results = Vendor(Bettercontact, Desk(lacks=1)).enrich_many(people(4))
    assert [(r.attempts[0].outcome, r.attempts[0].reason) for r in results] == [
        ("hit", None), ("miss", None), ("miss", None), ("error", "unreadable"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (failure(406), "job_failed"),
        (reply(200, {"status": "terminated", "data": {}}), "unreadable"),
        (reply(200, {"status": "terminated", "data": [None, None]}), "unreadable"),
        (reply(200, {"status": "done"}), "unreadable"),
        (reply(200, []), "unreadable"),
    ],
)
def test_what_befalls_a_poll_befalls_all(said: Act, reason: str) -> None:
    vendor = Vendor(Bettercontact, lambda asked: reply(201, {"id": "1"}) if asked.method == "POST" else said)
    assert [r.attempts[0].reason for r in vendor.enrich_many(people(2))] == [reason] * 2
