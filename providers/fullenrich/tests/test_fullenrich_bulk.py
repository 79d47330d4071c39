"""Bulk runs: one job for a hundred contacts, polled for all of them at once, and everything else as one by one."""

from decimal import Decimal
from typing import Any

import attrs
import pytest
from enrichcore_fullenrich import FullEnrich
from enrichcore_fullenrich_cases import failure

from enrichcore.model import PhoneResult
from enrichcore.testing import Act, Asked, Vendor, reply

BULK = "/api/v2/contact/enrich/bulk"


def people(count: int) -> list[dict[str, Any]]:
    return [{"record_id": str(n), "linkedin_id": f"person-{n}"} for n in range(count)]


class Desk:
    """FullEnrich as it documents itself: takes jobs, answers them at the second poll, bills ten credits a number."""

    def __init__(self, *, echoes: bool = True, shuffled: bool = False, ends: str = "FINISHED", lacks: int = 0) -> None:
        self.jobs: list[list[dict[str, Any]]] = []
        self.polls: dict[str, int] = {}
        self.echoes, self.shuffled, self.ends, self.lacks = echoes, shuffled, ends, lacks

    def __call__(self, asked: Asked) -> Act:
        if asked.method == "POST":
            self.jobs.append(asked.json()["data"])
            return reply(200, {"enrichment_id": f"job-{len(self.jobs)}"})
        job = asked.path.rpartition("/")[2]
        self.polls[job] = self.polls.get(job, 0) + 1
        if self.polls[job] == 1:
            return failure(400, "error.enrichment.in_progress")
        contacts = self.jobs[int(job.removeprefix("job-")) - 1]
        records = [self._record(contact) for contact in contacts][: len(contacts) - self.lacks]
        found = sum(bool(record["contact_info"]) for record in records)
        body = {"id": job, "status": self.ends, "cost": {"credits": 10 * found}}
        return reply(200, body | {"data": records[::-1] if self.shuffled else records})

    def _record(self, contact: dict[str, Any]) -> dict[str, Any]:
        slug = contact["linkedin_url"].rpartition("/")[2]
        number = int(slug.removeprefix("person-"))
        phone = {"number": f"+1 202-555-{100 + number % 100:04}", "region": "US"}
        profile = {"social_profiles": {"professional_network": {"handle": slug}}}
        record = {"contact_info": {"most_probable_phone": phone} if number % 3 == 0 else None, "profile": profile}
        return record | ({"custom": contact["custom"]} if self.echoes and "custom" in contact else {})


def told(result: PhoneResult) -> tuple[Any, ...]:
    times = {"id", "attempt_id", "started_at", "duration_ms"}
    attempts = [attrs.asdict(a, filter=lambda field, _: field.name not in times) for a in result.attempts]
    return result.status, result.phone, result.cost, result.line_type, attempts


def test_a_bulk_run_makes_one_job_for_a_hundred_and_comes_to_the_same() -> None:
    """250 people: three submissions and six polls; results, costs and attempts are those of 250 single lookups."""
    desk, single = Desk(), Desk()
    results = Vendor(FullEnrich, desk).enrich_many(people(250))
    alone = [Vendor(FullEnrich, single).enrich(deadline=None, **person) for person in people(250)]
    assert [told(result) for result in results] == [told(result) for result in alone]
    assert [len(job) for job in desk.jobs] == [100, 100, 50]
    assert desk.polls == {"job-1": 2, "job-2": 2, "job-3": 2}
    assert (len(single.jobs), sum(single.polls.values())) == (250, 500)
    assert sum(result.cost or 0 for result in results) == 84 * Decimal("0.50")


@pytest.mark.parametrize("desk", [Desk(shuffled=True), Desk(echoes=False)], ids=["by place", "by order"])
def test_everybody_gets_the_own_answer(desk: Desk) -> None:
    """By the place that comes back with it; where none does, by the order."""
    results = Vendor(FullEnrich, desk).enrich_many(people(9))
    assert [result.phone for result in results[::3]] == ["+12025550100", "+12025550103", "+12025550106"]
    assert [result.phone for result in results[1::3] + results[2::3]] == [None] * 6


def test_a_contact_is_sent_as_alone_with_its_place_and_nothing_else_of_the_person() -> None:
    desk = Desk()
    Vendor(FullEnrich, desk).enrich_many([{"record_id": "a-1", "linkedin_id": "person-1", "first_name": "Mara"}])
    [[contact]] = desk.jobs
    assert contact == {
        "linkedin_url": "https://www.linkedin.com/in/person-1",
        "enrich_fields": ["contact.phones"],
        "custom": {"place": "0"},
    }


def test_by_email_everybody_is_asked_for_alone() -> None:
    """Nothing in the documentation of the reverse lookup says whose answer is whose."""
    vendor = Vendor(FullEnrich, reply(200, {"enrichment_id": "1", "status": "FINISHED", "data": [{}]}))
    vendor.enrich_many([{"record_id": str(n), "email": f"p{n}@northquay.example"} for n in range(3)])
    assert [len(asked.json()["data"]) for asked in vendor.asked if asked.method == "POST"] == [1, 1, 1]


def test_a_contact_that_the_answer_lacks_is_unreadable_and_the_others_are_not() -> None:
    results = Vendor(FullEnrich, Desk(lacks=1)).enrich_many(people(4))
    assert [(r.attempts[0].outcome, r.attempts[0].reason) for r in results] == [
        ("hit", None), ("miss", None), ("miss", None), ("error", "unreadable"),
    ]  # fmt: skip


@pytest.mark.parametrize(("ends", "reason"), [("CANCELED", "job_failed"), ("CREDITS_INSUFFICIENT", "out_of_credits")])
def test_a_job_that_ends_early_is_a_hit_for_whom_it_had_found(ends: str, reason: str) -> None:
    """The others were not billed."""
    results = Vendor(FullEnrich, Desk(ends=ends)).enrich_many(people(4))
    assert [(r.attempts[0].outcome, r.attempts[0].reason, r.attempts[0].billed) for r in results] == [
        ("hit", None, "yes"), ("error", reason, "no"), ("error", reason, "no"), ("hit", None, "yes"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (failure(404, "error.enrichment.not_found"), "job_failed"),
        (reply(200, {"status": "FINISHED", "data": {}}), "unreadable"),
        (reply(200, {"status": "FINISHED", "data": [None, None]}), "unreadable"),
        (reply(200, {"status": "DONE"}), "unreadable"),
        (reply(200, []), "unreadable"),
    ],
)
def test_what_befalls_a_poll_befalls_all(said: Act, reason: str) -> None:
    vendor = Vendor(FullEnrich, lambda asked: reply(200, {"enrichment_id": "1"}) if asked.method == "POST" else said)
    assert [r.attempts[0].reason for r in vendor.enrich_many(people(2))] == [reason] * 2
