"""Batches: one request for many records of a bulk run; whatever is a record's own stays its own."""

import asyncio
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichcore import errors
from enrichcore.engine.limits import Limiter
from enrichcore.model import Budget, Hit, Job, Miss, Number, Person, Price, Query
from enrichcore.plugins import Batch, Http, Provider, Rate, hookimpl
from enrichcore.plugins.registry import Registry
from enrichcore.testing import FakeProvider

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

SIZE = 10


class Many(FakeProvider):
    """Answers many queries at once, each as it would alone; `whole` may say something else for all of them."""

    def __init__(self, answers: Any, *, whole: Callable[[Sequence[Query]], Any] | None = None, **facts: Any) -> None:
        usual = {"name": "many", "methods": ["email"], "price": Price.per_hit(2), "batch": Batch(size=SIZE)}
        facts = {**usual, "typical": 0.1, **facts}
        super().__init__(answers, **facts)
        self.requests: list[list[Query]] = []
        self.whole = whole

    async def ask_batch(self, queries: Sequence[Query], http: Http) -> Any:
        self.requests.append(list(queries))
        if self.whole is not None:
            said = self.whole(queries)
            if isinstance(said, BaseException):
                raise said
            return await said if hasattr(said, "__await__") else said
        return [await self._one(query) for query in queries]

    async def _one(self, query: Query) -> Any:
        try:
            return await self._answer(query)
        except errors.ProviderError as error:
            return error


async def answered(said: Any) -> Any:
    return said


async def first_of(results: Any) -> Any:
    return await anext(results)


def number_of(query: Any) -> int:
    return int(query.email[1:].partition("@")[0])


def mixed(query: Any) -> Any:
    """By turns: a number, nobody, a number that cannot be one, somebody else's number, an answer nobody can read."""
    number = number_of(query)
    return (
        Hit(Number(f"+1202555{100 + number % 100:04}"), person=Person(company="Engines Ltd")),
        Miss(),
        Hit(Number("+1 202-555-****")),
        Hit(Number("+12025550143"), credits=Decimal(1)),
        errors.Unreadable("expected a list"),
    )[number % 5]


def journal(lab: "Lab") -> list[dict[str, Any]]:
    """The whole journal by record, without ids, times and the pauses between."""
    left_out = {"id", "owner", "started_at", "settled_at", "duration_ms"}
    rows = [{k: v for k, v in attrs.asdict(row).items() if k not in left_out} for row in lab.rows()]
    return sorted(rows, key=lambda row: (row["key"], row["tries"], str(row["outcome"])))


def told(result: Any) -> dict[str, Any]:
    said = result.to_dict()
    for attempt in said["attempts"]:
        for key in ("duration_ms", "started_at", "attempt_id", "id"):
            attempt.pop(key, None)
    return {k: v for k, v in said.items() if k not in {"processing_time_ms", "found_at"}}


def test_a_thousand_records_and_a_bulk_of_a_hundred_are_ten_requests_and_nothing_else_differs(lab: "Lab") -> None:
    """Same results, same journal, same costs as one by one, which takes a thousand."""
    other = type(lab)()
    alone = Many(mixed, batch=None)
    options: dict[str, Any] = {"settings": {"many": {"credit_price": "0.05"}}, "concurrency": 40}
    expected = other.bulk(alone, rows=lab.people(1000), **options)
    many = Many(mixed, batch=Batch(size=100))
    results = lab.bulk(many, rows=lab.people(1000), **options)
    assert [len(request) for request in many.requests] == [100] * 10
    assert len(alone.calls) == len(many.calls) == 1000
    by_id = {result.record_id: told(result) for result in expected}
    assert {result.record_id: told(result) for result in results} == by_id
    assert journal(lab) == journal(other)
    assert sum(row.cost or 0 for row in lab.rows()) == Decimal("50.00") + Decimal("20.00")


def test_an_intent_of_every_record_is_in_the_journal_before_the_request(lab: "Lab") -> None:
    seen: list[set[int]] = []

    def look(queries: Sequence[Query]) -> Any:
        seen.append({number_of(query) for query in queries})
        assert len(lab.tables.open) == len(queries)
        return [Miss()] * len(queries)

    lab.bulk(Many({}, whole=look), rows=lab.people(25), concurrency=3)
    assert [len(asked) for asked in seen] == [10, 10, 5]
    assert set.union(*seen) == set(range(25))


def test_every_intent_of_a_request_has_its_time(lab: "Lab") -> None:
    """So that a later process counts one request where it fills the rate windows from the journal."""
    lab.bulk(Many({}), rows=lab.people(20), store=lab.store())
    assert len({row.started_at for row in lab.rows()}) == 2
    many = Many({}, rate=["2/1000s"])
    engine = lab.engine(many)

    async def free_at() -> float:
        async with engine:
            tenant = await engine._ready()
            return tenant.channels["many"].limiter.next_start(lab.now())

    assert lab.play(free_at) > 0
    assert len(lab.rows()) == 20


def test_a_lookup_of_one_record_waits_for_nobody(lab: "Lab") -> None:
    many = Many({lab.EMAIL: lab.PHONE})
    result = lab.enrich(many, contact=lab.contact(email=lab.EMAIL))
    assert (result.phone, many.requests, len(many.calls)) == (lab.PHONE, [], 1)
    assert result.attempts[0].duration_ms == 0


def test_results_keep_the_order_of_the_input(lab: "Lab") -> None:
    many = Many({f"p{n}@engines.example": lab.PHONE for n in range(0, 95, 2)})
    results = lab.bulk(many, rows=lab.people(95), concurrency=2, ordered=True)
    assert [result.record_id for result in results] == [str(n) for n in range(95)]
    assert len(many.requests) == 10


def test_a_record_waits_for_others_no_longer_than_the_provider_says(lab: "Lab") -> None:
    many = Many({}, batch=Batch(size=SIZE, wait=0.2))
    [result] = lab.bulk(many, rows=lab.people(1))
    assert result.attempts[0].duration_ms == pytest.approx(200)


def test_only_who_is_not_found_before_is_in_a_batch(lab: "Lab") -> None:
    first = lab.free({f"p{n}@engines.example": lab.PHONE for n in range(0, 40, 2)}, methods=["email"])
    many = Many({})
    lab.bulk(first, many, rows=lab.people(40), concurrency=40)
    assert [len(request) for request in many.requests] == [10, 10]
    assert {number_of(query) % 2 for request in many.requests for query in request} == {1}


def test_methods_do_not_mix(lab: "Lab") -> None:
    many = Many({}, methods=["email", "linkedin"])
    rows = [{"record_id": str(n), "email": f"p{n}@engines.example", "linkedin_id": f"p-{n}"} for n in range(SIZE)]
    lab.bulk(many, rows=rows, concurrency=SIZE)
    assert [{query.method.value for query in request} for request in many.requests] == [{"linkedin"}, {"email"}]


def test_a_method_without_a_batch_is_asked_one_by_one(lab: "Lab") -> None:
    many = Many({}, methods=["email", "linkedin"], batch=Batch(size=SIZE, methods=["email"]))
    rows = [{"record_id": str(n), "email": f"p{n}@engines.example", "linkedin_id": f"p-{n}"} for n in range(SIZE)]
    lab.bulk(many, rows=rows, concurrency=SIZE)
    assert [len(request) for request in many.requests] == [SIZE]
    assert [query.method.value for query in many.calls] == ["linkedin"] * SIZE + ["email"] * SIZE


def test_a_free_provider_is_asked_in_batches_too(lab: "Lab") -> None:
    many = Many({}, price=Price.free())
    lab.bulk(many, rows=lab.people(30), concurrency=5)
    assert [len(request) for request in many.requests] == [10, 10, 10]


# --- what goes wrong --------------------------------------------------------------------------------------------------

FAILURES = [
    errors.Unsent("no route"),
    errors.MaybeSent("reset"),
    errors.RateLimited(retry_after=5.0),
    errors.OutOfCredits(),
    errors.KeyRefused(),
    errors.ServerError(),
    errors.Unreadable("html"),
    errors.JobFailed("gone", billed=True),
    errors.PluginFault("oops"),
]


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: error.code)
def test_a_request_that_fails_is_the_verdict_of_each_record_and_counts_once(
    lab: "Lab", error: errors.ProviderError
) -> None:
    """Outcome, reason, billing, cost and tries are those of a record asked alone."""
    other = type(lab)()
    tries: list[int] = []

    def fail(queries: Sequence[Query]) -> Any:
        tries.append(len(queries))
        return error if len(tries) < 3 else [Miss()] * len(queries)

    many = Many({}, whole=fail)
    results = lab.bulk(many, rows=lab.people(SIZE), concurrency=SIZE)
    alone = Many(lab.script(error, error, Miss()), batch=None)
    [expected] = other.bulk(alone, rows=lab.people(1))
    assert len(many.requests) == len(alone.calls)
    assert {tuple(lab.story(result)) for result in results} == {tuple(lab.story(expected))}
    rows = {(r.outcome, r.reason, r.billed, r.credits, r.tries) for r in lab.rows()}
    assert rows == {(r.outcome, r.reason, r.billed, r.credits, r.tries) for r in other.rows()}
    assert len(lab.rows()) == len(other.rows()) * SIZE


def test_one_failing_request_does_not_open_the_breaker(lab: "Lab") -> None:
    """Ten records in it are no ten failures; five such requests in a row are five."""
    many = Many({}, whole=lambda _: errors.MaybeSent("reset"))
    results = lab.bulk(many, rows=lab.people(40), concurrency=SIZE)
    assert len(many.requests) == 4
    assert {tuple(lab.story(result)) for result in results} == {("many/email error maybe_sent",)}
    states: list[str] = []
    many = Many({}, name="more", whole=lambda _: errors.MaybeSent("reset"))

    async def run() -> None:
        async with lab.engine(many) as engine:
            tenant = await engine._ready()
            rows = lab.people(50)
            _ = [
                r async for r in engine.enrich_phones(rows, concurrency=SIZE, on_waiting=lambda *w: states.append(w[1]))
            ]
            assert tenant.channels["more"].health.state == "open"

    lab.play(run)
    assert len(many.requests) == 5


def test_one_answered_record_shows_that_the_provider_works(lab: "Lab") -> None:
    broken = errors.Unreadable("no list")
    many = Many(lambda query: Miss() if number_of(query) % SIZE == 9 else broken)
    lab.bulk(many, rows=lab.people(100), concurrency=SIZE)
    assert len(many.requests) == 10


def test_a_retry_takes_one_from_the_budget_and_brings_all_back_together(lab: "Lab") -> None:
    """Two outages of ten records each take two retries; twenty would be more than there are."""
    down = {20, 60}

    def flaky(queries: Sequence[Query]) -> Any:
        if (first := number_of(queries[0])) in down:
            down.remove(first)
            return errors.ServerError()
        return answered([Miss()] * len(queries))

    many = Many({}, whole=flaky)
    results = lab.bulk(many, rows=lab.people(100), concurrency=SIZE)
    assert {tuple(lab.story(result)) for result in results} == {("many/email miss",)}
    assert [len(request) for request in many.requests] == [SIZE] * 12


@pytest.mark.parametrize(
    "said", [[], [Miss()] * (SIZE - 1), [Miss()] * (SIZE + 1), None, {"a": Miss()}, Miss()], ids=str
)
def test_a_wrong_number_of_answers_is_a_fault_of_all_and_nobody_knows_what_was_billed(lab: "Lab", said: Any) -> None:
    many = Many({}, whole=lambda _: answered(said))
    results = lab.bulk(many, rows=lab.people(SIZE), concurrency=SIZE)
    assert {tuple(lab.story(result)) for result in results} == {("many/email error plugin_fault",)}
    assert {row.billed.value for row in lab.rows()} == {"unknown"}


def test_a_wrong_number_of_answers_without_any_request_costs_nothing(lab: "Lab") -> None:
    class Idle(lab.Remote):  # type: ignore[name-defined,misc]
        batch = Batch(size=SIZE)

        async def ask_batch(self, queries: Any, http: Any) -> Any:
            return []

    lab.bulk(Idle(), rows=lab.people(SIZE))
    assert {(row.reason, row.billed.value) for row in lab.rows()} == {("plugin_fault", "no")}


def test_a_wrong_answer_among_others_is_the_fault_of_one(lab: "Lab") -> None:
    many = Many({}, whole=lambda queries: answered(["?" if number_of(q) == 3 else Miss() for q in queries]))
    results = lab.bulk(many, rows=lab.people(SIZE), concurrency=SIZE)
    assert [r.record_id for r in results if "plugin_fault" in lab.story(r)[0]] == ["3"]
    assert sum("miss" in lab.story(result)[0] for result in results) == SIZE - 1


def test_a_status_that_is_a_miss_for_one_is_no_miss_for_a_batch(lab: "Lab") -> None:
    """Each is asked for alone then."""

    class Missing(lab.Remote):  # type: ignore[name-defined,misc]
        batch = Batch(size=SIZE)
        miss_statuses = (404,)

        async def ask_batch(self, queries: Any, http: Http) -> Any:
            await http.post("/many", json=[query.email for query in queries])
            return [Miss()] * len(queries)

    wires = lab.Wires((404, b"{}"))
    results = lab.bulk(Missing(), rows=lab.people(3), transport=wires)
    assert {tuple(lab.story(result)) for result in results} == {("remote/email miss",)}
    assert [request.method for request in wires.sent] == ["POST", "GET", "GET", "GET"]


# --- the gate ---------------------------------------------------------------------------------------------------------


def test_rate_limits_count_requests(lab: "Lab") -> None:
    many = Many({}, rate=["2/10s"])
    at: list[float] = []

    def note(queries: Sequence[Query]) -> Any:
        at.append(lab.now())
        return answered([Miss()] * len(queries))

    many.whole = note
    lab.bulk(many, rows=lab.people(60), concurrency=60)
    assert [round(t) for t in at] == [0, 0, 10, 10, 20, 20]


def test_rate_limits_count_records_where_the_vendor_does(lab: "Lab") -> None:
    many = Many({}, rate=["15/10s"], batch=Batch(size=100, counts="records"))
    at: list[tuple[int, int]] = []

    def note(queries: Sequence[Query]) -> Any:
        at.append((round(lab.now()), len(queries)))
        return answered([Miss()] * len(queries))

    many.whole = note
    lab.bulk(many, rows=lab.people(60), concurrency=60)
    assert at == [(0, 15), (10, 15), (20, 15), (30, 15)]


def test_who_comes_while_a_batch_waits_at_the_gate_goes_with_it(lab: "Lab") -> None:
    many = Many({}, rate=["1/10s"])

    async def rows() -> Any:
        for number, row in enumerate(lab.people(8)):
            yield row
            await lab.runtime.sleep(0.0 if number else 1.0)
            if number >= 1:
                await lab.runtime.sleep(1.0)

    async def run() -> None:
        async with lab.engine(many) as engine:
            _ = [result async for result in engine.enrich_phones(rows())]

    lab.play(run)
    assert [len(request) for request in many.requests] == [1, 7]


def test_a_record_that_is_known_over_budget_or_asked_for_elsewhere_leaves_the_others_alone(lab: "Lab") -> None:
    """What was answered before is not asked again, what the budget has no room for is not asked at all."""
    lab.bulk(Many({}, batch=None), rows=lab.people(3), concurrency=1)
    many = Many({f"p{n}@engines.example": lab.PHONE for n in range(SIZE)})
    results = lab.bulk(
        many,
        rows=lab.people(SIZE),
        concurrency=SIZE,
        settings={"many": {"credit_price": "0.05"}},
        budget=Budget(run="0.50 USD"),
        store=lab.store(),
    )
    assert [len(request) for request in many.requests] == [5]
    assert sorted(lab.story(result)[0] for result in results) == (
        ["many/email hit"] * 5 + ["many/email miss"] * 3 + ["many/email skipped over_budget"] * 2
    )


def test_the_shortest_deadline_is_the_batches_and_takes_no_time_from_the_others(lab: "Lab") -> None:
    """The second record would be over before its turn comes; the third, which is younger, gets its answer."""
    many = Many({}, batch=Batch(size=SIZE, wait=2.0), rate=["1/10s"])

    async def rows() -> Any:
        for number, row in enumerate(lab.people(3)):
            yield row
            if number < 2:
                await lab.runtime.sleep((3.0, 1.5)[number])

    async def run() -> list[Any]:
        async with lab.engine(many) as engine:
            return [result async for result in engine.enrich_phones(rows(), deadline=8.0, ordered=True)]

    stories = [lab.story(result)[0] for result in lab.play(run)]
    assert stories == ["many/email miss", "many/email skipped no_time", "many/email miss"]
    assert [[number_of(query) for query in request] for request in many.requests] == [[0], [2]]


def test_the_time_of_a_request_is_that_of_the_shortest_deadline(lab: "Lab") -> None:
    many = Many({}, whole=lambda queries: lab.slow(60.0)(queries[0]), timeout=20.0)
    results = lab.bulk(many, rows=lab.people(3), deadline=5.0)
    assert {result.processing_time_ms for result in results} == {5000}
    assert {row.billed.value for row in lab.rows()} == {"unknown"}


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_who_stops_a_run_at_the_gate_leaves_no_intent(lab: "Lab") -> None:
    many = Many({}, rate=["1/3600s"])

    async def run() -> None:
        async with lab.engine(many) as engine:
            results = engine.enrich_phones(lab.people(30), concurrency=30)
            async for _ in results:
                break
            await results.aclose()  # type: ignore[attr-defined]

    lab.play(run)
    assert len(many.requests) == 1
    assert {row.outcome for row in lab.rows()} == {"miss"}
    assert len(lab.rows()) == SIZE


def test_a_forced_close_cancels_the_request_and_leaves_each_record_in_doubt(lab: "Lab") -> None:
    many = Many({}, whole=lambda queries: lab.slow(60.0)(queries[0]))

    async def run() -> None:
        engine = lab.engine(many)
        await engine.__aenter__()
        results = engine.enrich_phones(lab.people(SIZE), concurrency=SIZE)
        task = asyncio.create_task(first_of(results))
        await lab.until(lambda: many.requests)
        await engine.aclose(force=True)
        with pytest.raises(errors.EngineClosed):
            await task

    lab.play(run)
    assert {row.outcome for row in lab.rows()} == {None}
    assert len(lab.rows()) == SIZE


def test_a_plugin_that_ignores_its_cancellation_is_left_behind_with_all_of_them(lab: "Lab") -> None:
    async def stubborn() -> Any:
        while True:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                continue

    many = Many({}, whole=lambda _: stubborn(), timeout=2.0)
    results = lab.bulk(many, rows=lab.people(3))
    assert {tuple(lab.story(result)) for result in results} == {("many/email error plugin_fault",)}
    assert {row.outcome for row in lab.rows()} == {None}


# --- one job for many -------------------------------------------------------------------------------------------------


class Jobs(Many):
    """Takes a batch as one job, and answers all of it from the third poll on."""

    def __init__(self, answers: Any, *, polls: int = 3, **facts: Any) -> None:
        super().__init__(answers, whole=self._submit, **facts)
        self.left = polls
        self.polls: list[list[tuple[str, int | None]]] = []
        self.bodies: dict[str, list[Query]] = {}

    async def _submit(self, queries: Sequence[Query]) -> Any:
        name = f"job-{len(self.requests)}"
        self.bodies[name] = list(queries)
        return [Job(name, row=row) for row in range(len(queries))]

    async def collect_batch(self, jobs: Sequence[Job], queries: Sequence[Query], http: Http) -> Any:
        self.polls.append([(job.id, job.row) for job in jobs])
        self.left -= 1
        if self.left > 0:
            return list(jobs)
        assert [self.bodies[job.id][job.row or 0].key for job in jobs] == [query.key for query in queries]
        return [await self._one(query) for query in queries]


def test_one_poll_asks_for_all_records_of_a_job(lab: "Lab") -> None:
    jobs = Jobs({f"p{n}@engines.example": lab.PHONE for n in range(0, 20, 2)})
    results = lab.bulk(jobs, rows=lab.people(20), concurrency=4)
    assert (len(jobs.requests), sum(result.found for result in results)) == (2, 10)
    assert [len(poll) for poll in jobs.polls] == [SIZE] * 4
    assert {row.job for row in lab.rows()} == {Job(f"job-{n}", row=r).written() for n in (1, 2) for r in range(SIZE)}
    assert sorted({row.billed.value for row in lab.rows()}) == ["no", "yes"]


def test_what_a_killed_process_had_submitted_is_collected_by_the_next_and_not_bought_again(lab: "Lab") -> None:
    """Id and place of every record stand in its intent."""
    jobs = Jobs({f"p{n}@engines.example": lab.PHONE for n in range(SIZE)}, polls=10_000)

    async def submit() -> None:
        engine = lab.engine(jobs)
        await engine.__aenter__()
        results = engine.enrich_phones(lab.people(SIZE), concurrency=SIZE)
        task = asyncio.create_task(first_of(results))
        await lab.until(lambda: jobs.polls)
        await engine.aclose(force=True)
        with pytest.raises(errors.EngineClosed):
            await task

    lab.play(submit)
    assert {(row.outcome, row.job) for row in lab.rows()} == {
        (None, Job("job-1", row=row).written()) for row in range(SIZE)
    }
    jobs.left, before = 1, len(jobs.polls)
    results = lab.bulk(jobs, rows=lab.people(SIZE), concurrency=SIZE)
    assert [result.phone for result in results] == [lab.PHONE] * SIZE
    assert (len(jobs.requests), len(jobs.polls) - before) == (1, 1)


def test_one_record_alone_collects_its_row_too(lab: "Lab") -> None:
    """A lookup after the run that submitted it has given up."""
    jobs = Jobs({"p3@engines.example": lab.PHONE}, polls=10_000)
    results = lab.bulk(jobs, rows=lab.people(SIZE), concurrency=SIZE, deadline=30.0)
    assert {tuple(lab.story(result)) for result in results} == {("many/email error pending",)}
    jobs.left, before = 1, len(jobs.polls)
    result = lab.enrich(jobs, contact=lab.contact(email="p3@engines.example", record_id="new"))
    assert (result.phone, jobs.polls[before:]) == (lab.PHONE, [[("job-1", 3)]])
    assert len(jobs.requests) == 1


def test_polls_count_in_the_rate_as_one(lab: "Lab") -> None:
    jobs = Jobs({}, rate=["1/20s"])
    lab.bulk(jobs, rows=lab.people(SIZE), concurrency=SIZE)
    assert len(jobs.polls) == 3


@given(st.text(min_size=1), st.none() | st.integers(min_value=0))
def test_a_job_is_read_as_it_was_written(name: str, row: int | None) -> None:
    job = Job(name, row=row)
    assert Job.read(job.written()) == job


# --- declaring it -----------------------------------------------------------------------------------------------------


class Plain(Provider):
    name = "plain"

    @hookimpl
    async def phone_by_email(self, query: Any) -> Miss:
        return Miss()


class Blocking(Plain):
    def ask_batch(self, queries: Any, http: Any) -> Any:
        return []


@pytest.mark.parametrize(
    ("kind", "batch", "says"),
    [
        (Plain, Batch(size=10), "needs `async def ask_batch"),
        (Blocking, Batch(size=10), "needs `async def ask_batch"),
        (Many, Batch(size=0), "a size of 1 or more"),
        (Many, Batch(size=10, wait=60.0), "a wait of 0 to 5 seconds"),
        (Many, Batch(size=10, counts="calls"), "counts 'requests' or 'records'"),  # type: ignore[arg-type]
        (Many, Batch(size=10, methods=["phone"]), "`methods` of a Batch are some of name, linkedin, email"),
        (Many, Batch(size=10, methods="email"), "`methods` of a Batch are some of name, linkedin, email"),
        (Many, 100, "`batch` is a Batch"),
    ],
)
def test_a_batch_that_cannot_work_is_refused_in_words(kind: type[Provider], batch: Any, says: str) -> None:
    provider = Many({}) if kind is Many else kind()
    vars(provider)["batch"] = batch
    with pytest.raises(errors.PluginError, match=says):
        Registry().add(provider)


@given(st.lists(st.tuples(st.integers(1, 7), st.floats(0, 3)), max_size=60))
def test_calls_at_once_never_exceed_a_window(steps: list[tuple[int, float]]) -> None:
    """So many calls start together, and no window of ten seconds holds more than seven starts."""
    limiter, now, starts = Limiter([Rate.parse("7/10s")]), 0.0, []
    for calls, passes in steps:
        now += passes
        start = limiter.take(now, calls=calls)
        assert start is not None
        assert start >= now
        starts += [start] * calls
    for start in starts:
        assert sum(start <= other < start + 10 for other in starts) <= 7


def test_one_bad_question_takes_the_others_along_only_until_each_is_asked_alone(lab: "Lab") -> None:
    """The vendor refuses a whole batch for the sake of one: that one alone is refused in the end."""
    refused = errors.RequestRefused("a field is wrong")

    def strict(queries: Sequence[Query]) -> Any:
        return refused if any(number_of(query) == 4 for query in queries) else answered([Miss()] * len(queries))

    many = Many({"p4@engines.example": refused}, whole=strict)
    results = lab.bulk(many, rows=lab.people(2 * SIZE), concurrency=SIZE)
    assert len(many.requests) == 2
    assert [r.record_id for r in results if lab.story(r) != ["many/email miss"]] == ["4"]
    assert [row.billed.value for row in lab.rows()] == ["no"] * (2 * SIZE + SIZE)
