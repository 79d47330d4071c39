"""Every check of the contract suite passes for a good provider, and fails for one that breaks its fact."""

import asyncio
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from enrichcore.engine import http as engine_http
from enrichcore.errors import ConfigError, MaybeSent, RequestRefused, ServerError, Unreadable, Unsent
from enrichcore.model import Hit, Job, Miss, Number, Person, Price
from enrichcore.plugins import Poll, hookimpl
from enrichcore.testing import CHECKS, Case, Cases, Report, check_provider, reply
from enrichcore.testing.vendor import KEY

if TYPE_CHECKING:
    from tests.testing.conftest import Good

ROOT = Path(__file__).resolve().parents[2]
SKIPPED_FOR_ACME = {
    "facts.countries", "facts.requires", "facts.settings", "facts.poll", "errors.documented",
    "job.pending", "job.resumed", "job.polled_until_it_ends",
}  # fmt: skip
SKIPPED_FOR_SLOW = {"facts.countries", "facts.requires", "facts.settings", "errors.documented"}


BATCHES = {"batch.answers", "batch.lost", "batch.unreadable"}


def test_a_good_provider_passes(good: "Good") -> None:
    """One that answers at once, one that takes jobs, one that takes many; what does not apply says why."""
    for kind, cases, skipped in (
        (good.acme, good.acme_cases, SKIPPED_FOR_ACME | BATCHES),
        (good.slow, good.slow_cases, SKIPPED_FOR_SLOW | BATCHES),
        (good.many, good.many_cases, SKIPPED_FOR_ACME),
    ):
        report = check_provider(kind, cases)
        report.assert_ok()
        assert {result.check.name for result in report.of("skipped")} == skipped
        assert all(result.text for result in report.of("skipped"))
        assert len(report.of("passed")) == len(CHECKS) - len(skipped)


def test_there_are_enough_checks_and_each_says_what_it_is() -> None:
    assert len(CHECKS) >= 25
    for check in CHECKS.values():
        assert check.says.endswith(".")
        page, _, anchor = check.see.partition("#")
        heads = re.findall(r"^#+ +(.*)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


# --- providers that break one fact each ---------------------------------------------------------------------------

Made = tuple[Any, Cases]
BROKEN: dict[str, Callable[["Good"], Made]] = {}


def breaks(*names: str) -> Callable[[Callable[["Good"], Made]], Callable[["Good"], Made]]:
    """What the function makes fails these checks."""

    def register(function: Callable[["Good"], Made]) -> Callable[["Good"], Made]:
        BROKEN.update(dict.fromkeys(names, function))
        return function

    return register


def with_facts(check: str, **facts: Any) -> None:
    """An Acme with other class facts."""
    breaks(check)(lambda good: (type("Broken", (good.acme,), {"__doc__": good.acme.__doc__, **facts}), good.acme_cases))


def with_slow(check: str, **facts: Any) -> None:
    breaks(check)(lambda good: (type("Broken", (good.slow,), {"__doc__": good.slow.__doc__, **facts}), good.slow_cases))


@attrs.frozen
class Unchecked:
    speed: str = "high"


with_facts("facts.documentation", terms=None)
with_facts("facts.sources", __doc__="Finds numbers.")
with_facts("facts.base_url", base_url="http://api.acme.example/v2")
with_facts("facts.key", key_env=None)
with_facts("facts.price", price=Price.per_hit(0))
with_facts("facts.rate", rate=())
with_facts("facts.time", typical=60.0)
with_facts("facts.retention", retention=0)
with_facts("facts.countries", countries={"us"})
with_facts("facts.requires", requires={"email": {"domain"}})
with_facts("facts.settings", Settings=Unchecked, settings=Unchecked())
with_slow("facts.poll", poll=Poll(first=10, every=5))
for status in ("401", "402", "403", "429"):
    with_facts(f"status.{status}", miss_statuses=(int(status),))
with_facts("status.5xx", miss_statuses=(503,))
with_facts("status.other_4xx", miss_statuses=(409,))


@breaks("facts.loads")
def _loads(good: "Good") -> Made:
    class Broken(good.acme):  # type: ignore[name-defined,misc]
        @hookimpl
        async def phone_by_email(self, query: Any, https: Any) -> Miss:
            return Miss()

    return Broken, good.acme_cases


@breaks("facts.methods")
def _methods(good: "Good") -> Made:
    return good.acme, Cases(good.case("email"))


@breaks("errors.documented")
def _documented(good: "Good") -> Made:
    return good.acme, Cases(*good.acme_cases.cases, errors={"out_of_credits": reply(400, {"error": "no credits"})})


def looks_up(check: str, *more: str) -> Callable[[Callable[..., Any]], None]:
    """An Acme whose `look_up` is the function."""

    def register(function: Callable[..., Any]) -> None:
        with_facts(check, look_up=function)
        for name in more:
            with_facts(name, look_up=function)

    return register


async def ask(http: Any, params: Any) -> Any:
    return (await http.get("/people", params=params)).json()


@looks_up("request.only_the_query")
async def _hints(self: Any, query: Any, http: Any, params: Any) -> Any:
    return self.read(await ask(http, {**params, "first": query.first_name}))


@looks_up("request.asks")
async def _asks_nothing(self: Any, query: Any, http: Any, params: Any) -> Any:
    return self.read(await ask(http, {"who": "somebody"}))


@looks_up("request.same_twice")
async def _counts(self: Any, query: Any, http: Any, params: Any) -> Any:
    self.count = getattr(self, "count", 0) + 1
    return self.read(await ask(http, {**params, "count": self.count}))


@looks_up("request.odd_values")
async def _unquoted(self: Any, query: Any, http: Any, params: Any) -> Any:
    who = "&".join(f"{name}={value}" for name, value in params.items())
    return self.read((await http.get(f"/people?{who}")).json())


@looks_up("request.key_in_its_place")
async def _key(self: Any, query: Any, http: Any, params: Any) -> Any:
    return self.read(await ask(http, {**params, "k": KEY}))


@looks_up("request.counted")
async def _retries(self: Any, query: Any, http: Any, params: Any) -> Any:
    try:
        return self.read(await ask(http, params))
    except ServerError:
        await asyncio.sleep(0.1)
        return self.read(await ask(http, params))


def leaks(leak: Callable[[Any], object]) -> Callable[..., Any]:
    async def look_up(self: Any, query: Any, http: Any, params: Any) -> Any:
        leak(params)
        return self.read(await ask(http, params))

    return look_up


def _raise(params: Any) -> None:
    raise RequestRefused(f"nobody is called {params}")


LEAKS: dict[str, Callable[[Any], object]] = {
    "a log": lambda params: logging.getLogger("acme").debug("asking for %s", params),
    "a print": print,
    "an exception": _raise,
}
with_facts("privacy.nothing_shown", look_up=leaks(LEAKS["a log"]))


@pytest.mark.parametrize("leak", LEAKS)
def test_a_leak_is_found_wherever_it_is(good: "Good", leak: str) -> None:
    kind = type("Broken", (good.acme,), {"look_up": leaks(LEAKS[leak])})
    assert failed(check_provider(kind, good.acme_cases, only=["privacy"])) == {"privacy.nothing_shown"}


@looks_up("answer.not_found")
async def _no_miss(self: Any, query: Any, http: Any, params: Any) -> Any:
    answer = await ask(http, params)
    if not answer["people"]:
        raise Unreadable("nobody")
    return self.read(answer)


def reads(check: str, *more: str) -> Callable[[Callable[..., Any]], None]:
    """An Acme whose `read` is the function."""

    def register(function: Callable[..., Any]) -> None:
        for name in (check, *more):
            with_facts(name, read=function)

    return register


@reads("answer.found")
def _finds_nobody(self: Any, answer: Any) -> Any:
    return Miss()


@reads("answer.as_written")
def _number(self: Any, answer: Any) -> Any:
    return Hit(Number(12025550143), person=Person(name="Ada Lovelace")) if answer["people"] else Miss()


@reads("answer.person")
def _no_email(self: Any, answer: Any) -> Any:
    one = answer["people"][0]
    return Hit(Number(one["phones"][0]["number"]), person=Person(name=one["name"], company=one["employer"]))


@reads("answer.somebody_else", "answer.two_people")
def _first_of_all(self: Any, answer: Any) -> Any:
    return Hit(Number(answer["people"][0]["phones"][0]["number"])) if answer["people"] else Miss()


@reads("answer.masked")
def _guesses(self: Any, answer: Any) -> Any:
    one = answer["people"][0]
    return Hit(Number(one["phones"][0]["number"].replace("****", "0143")), person=Person(email=one["email"]))


@reads("hostile.wrong_types", "hostile.made_up")
def _raises_of_its_own(self: Any, answer: Any) -> Any:
    if not isinstance(answer["people"][0]["phones"], list):
        raise RuntimeError("what is this?")  # noqa: TRY004 - a kind that the engine does not expect
    return Miss()


def test_a_number_out_of_nowhere_is_found(good: "Good") -> None:
    def read(self: Any, answer: Any) -> Any:
        return Hit(Number(answer["people"][0]["phones"][0]["number"] or "+1 415-555-0199"))

    kind = type("Broken", (good.acme,), {"read": read})
    assert "hostile.wrong_types" in failed(check_provider(kind, good.acme_cases, only=["hostile.wrong"]))


async def _balance(self: Any, http: Any) -> Any:
    return (await http.get("/account")).json()["credits"]


with_facts("answer.balance", balance=_balance)


def hides(error: type[BaseException], *checks: str) -> None:
    """An Acme that takes an error for "nobody known"."""

    async def look_up(self: Any, query: Any, http: Any, params: Any) -> Any:
        try:
            return self.read(await ask(http, params))
        except error:
            return Miss()

    for check in checks:
        with_facts(check, look_up=look_up)


hides(Unsent, "wire.unsent")
hides(MaybeSent, "wire.lost")
hides(asyncio.CancelledError, "wire.never_answered", "life.cancelled")
hides(
    Unreadable,
    "unreadable.html", "unreadable.truncated", "unreadable.large", "unreadable.gzip_bomb", "unreadable.empty",
    "hostile.deep", "request.redirect",
)  # fmt: skip


@looks_up("wire.slow")
async def _impatient(self: Any, query: Any, http: Any, params: Any) -> Any:
    try:
        async with asyncio.timeout(1):
            return self.read(await ask(http, params))
    except TimeoutError:
        raise MaybeSent("it took too long") from None


async def _any_404(self: Any, query: Any, http: Any, params: Any) -> Any:
    reply = await http.get("/people", params=params)
    return Miss() if reply.status_code == 404 else self.read(reply.json())


with_facts("status.404", look_up=_any_404, status_errors={404: lambda _: None})


@looks_up("hostile.another_shape")
async def _lenient(self: Any, query: Any, http: Any, params: Any) -> Any:
    answer = await ask(http, params)
    return self.read(answer) if answer else Miss()


@looks_up("life.many_at_once")
async def _remembers(self: Any, query: Any, http: Any, params: Any) -> Any:
    self.answer = await ask(http, params)
    await asyncio.sleep(0)
    return self.read(self.answer)


@looks_up("life.transports")
async def _script_only(self: Any, query: Any, http: Any, params: Any) -> Any:
    reply = await http.get("/people", params=params)
    return Miss() if "content-length" in reply.headers else self.read(reply.json())


async def _setup(self: Any) -> None:
    self.task = asyncio.create_task(asyncio.sleep(3600))


with_facts("life.setup_and_close", setup=_setup)


async def _never_runs(self: Any, job: Job, query: Any, http: Any) -> Any:
    answer = (await http.get(f"/jobs/{job.id}")).json()
    return self.read(answer) if answer["state"] == "done" else Miss()


with_slow("job.pending", collect=_never_runs)
with_slow("job.polled_until_it_ends", collect=_never_runs)


async def _submits_again(self: Any, job: Job, query: Any, http: Any) -> Any:
    await http.post("/jobs", json={"again": job.id})
    answer = (await http.get(f"/jobs/{job.id}")).json()
    return job if answer["state"] == "running" else self.read(answer)


with_slow("job.resumed", collect=_submits_again)


def with_many(check: str, **facts: Any) -> None:
    breaks(check)(lambda good: (type("Broken", (good.many,), {"__doc__": good.many.__doc__, **facts}), good.many_cases))


async def _one_by_one(self: Any, queries: Any, http: Any) -> Any:
    return [self.read((await http.post("/batch", json=[query.key.hex()])).json()["answers"][0]) for query in queries]


async def _lost(self: Any, queries: Any, http: Any) -> Any:
    try:
        return self.read_all((await http.post("/batch", json=len(queries))).json())
    except MaybeSent:
        return [Miss()] * len(queries)


async def _all_unknown(self: Any, queries: Any, http: Any) -> Any:
    answers = (await http.post("/batch", json=len(queries))).json()
    return self.read_all(answers) if answers else [Miss()] * len(queries)


with_many("batch.answers", ask_batch=_one_by_one)
with_many("batch.lost", ask_batch=_lost)
with_many("batch.unreadable", ask_batch=_all_unknown)


def test_a_batch_without_a_case_for_it_is_asked_for(good: "Good") -> None:
    report = check_provider(good.many, good.acme_cases, only=["batch"])
    assert failed(report) == BATCHES
    assert "a case by name with `batch=`" in str(report)


def failed(report: Report) -> set[str]:
    return {result.check.name for result in report.of("failed")}


@pytest.mark.parametrize("name", [name for name in CHECKS if name != "key.refused"])
def test_a_provider_that_breaks_a_fact_fails_its_check(good: "Good", name: str) -> None:
    kind, cases = BROKEN[name](good)
    report = check_provider(kind, cases, only=[name])
    assert name in failed(report), str(report)
    assert not report.ok
    with pytest.raises(AssertionError, match=f"{name} failed: expected .* got .*see docs/how-to"):
        report.assert_ok()


def test_a_client_that_takes_any_key_is_found(good: "Good", monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine refuses bad keys for every provider, so it is the engine that is broken here."""
    monkeypatch.setattr(engine_http, "_KEY", re.compile(".*", re.DOTALL))
    assert failed(check_provider(good.acme, good.acme_cases, only=["key.refused"])) == {"key.refused"}


# --- the suite itself ---------------------------------------------------------------------------------------------


def test_checks_are_chosen_by_the_beginning_of_their_name(good: "Good") -> None:
    report = check_provider(good.acme, good.acme_cases, only=["facts", "wire.lost"])
    assert {result.check.name.partition(".")[0] for result in report.results} == {"facts", "wire"}
    with pytest.raises(LookupError, match="names of checks"):
        check_provider(good.acme, good.acme_cases, only=["nothing"])


def test_an_object_can_be_checked_as_well(good: "Good") -> None:
    """Each check gets a copy, so that none sees what another left behind."""
    provider = good.acme()
    check_provider(provider, good.acme_cases, only=["answer", "wire.unsent"]).assert_ok()
    assert vars(provider) == {}


def test_a_provider_without_cases_says_where_they_belong(good: "Good") -> None:
    with pytest.raises(ConfigError, match=r"'acme' ships no cases: expected CASES in the module .*_cases"):
        check_provider(good.acme)


def test_without_hypothesis_the_same_is_made_up_by_chance(good: "Good", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    check_provider(good.acme, good.acme_cases, only=["hostile.made_up"]).assert_ok()
    kind, cases = BROKEN["hostile.made_up"](good)
    assert failed(check_provider(kind, cases, only=["hostile.made_up"])) == {"hostile.made_up"}


def test_an_echo_of_the_question_is_not_what_the_answer_says(good: "Good") -> None:
    """A vendor that only gives the question back names nobody, if the case says so."""
    body = {"people": [{"name": None, "employer": None, "linkedin": None, "email": None,
                        "phones": [{"number": "+1 202-555-0143", "type": "mobile"}]}],
            "asked": "ada-lovelace"}  # fmt: skip
    only = ["answer.somebody"]
    case = good.case("linkedin", found=reply(200, body))
    assert failed(check_provider(good.acme, Cases(case), only=only)) == {"answer.somebody_else"}
    [skipped] = check_provider(good.acme, Cases(attrs.evolve(case, echoes=("asked",))), only=only).of("skipped")
    assert skipped.text == "no answer says whom it is about"


def test_an_id_that_the_provider_looks_up_itself_stands_for_the_query(good: "Good") -> None:
    """A request that holds none of the query's key asks for nobody, unless the case says what it holds instead."""

    class Numbered(good.acme):  # type: ignore[name-defined, misc]
        async def look_up(self, query: Any, http: Any, params: Any) -> Any:
            return self.read((await http.get("/people/0007")).json())

    case = next(case for case in good.acme_cases.cases if case.method == "email")
    only = ["request.asks"]
    assert failed(check_provider(Numbered, Cases(case), only=only)) == {"request.asks"}
    check_provider(Numbered, Cases(attrs.evolve(case, sends=("/people/0007",))), only=only).assert_ok()


def test_the_text_of_a_report_names_what_failed(good: "Good") -> None:
    kind, cases = BROKEN["facts.rate"](good)
    report = check_provider(kind, cases, only=["facts.rate", "facts.price"])
    assert str(report).splitlines()[0] == "acme: 1 passed, 1 failed, 0 skipped"
    assert "facts.rate failed: expected at least one `rate`" in str(report)
    assert report.seconds > 0


def test_a_case_is_checked_when_it_is_made() -> None:
    with pytest.raises(ValueError, match="phone"):
        Case("phone")
