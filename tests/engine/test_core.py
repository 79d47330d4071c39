"""The engine as its callers see it: its life, its arguments, its questions and what it says of the past."""

import asyncio
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore import errors
from enrichcore.config import Config, ProviderConfig
from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.enricher import seconds
from enrichcore.errors import ConfigError, EngineClosed, InvalidContact, PluginError, StoreError
from enrichcore.model import Acceptance, Billed, Contact, Miss, PhoneResult, Price, Status
from enrichcore.plugins import Provider, hookimpl
from enrichcore.store.memory import MemoryStore
from enrichcore.testing import FakeProvider

if TYPE_CHECKING:
    from tests.engine.conftest import Lab

DAY = 86_400.0


# --- life -------------------------------------------------------------------------------------------------------------


async def use(engine: AsyncEngine, how: str) -> None:
    match how:
        case "one":
            await engine.enrich_phone({"email": "a@b.example"})
        case "many":
            [_ async for _ in engine.enrich_phones([])]
        case "explain":
            await engine.explain("1")
        case "in doubt":
            await engine.in_doubt()
        case _:
            engine.resume("free")


@pytest.mark.parametrize("how", ["one", "many", "explain", "in doubt", "resume"])
@pytest.mark.parametrize("when", ["before", "after", "after a failed start"])
def test_an_engine_that_is_not_open_says_how_to_use_it(lab: "Lab", how: str, when: str) -> None:
    async def work() -> None:
        engine = lab.engine(lab.free({}))
        if when == "after":
            async with engine:
                pass
        elif when == "after a failed start":
            engine = lab.engine(lab.Remote(), settings={"remote": {"base_url": "ftp://x.example"}})
            with pytest.raises(ConfigError):
                await engine.__aenter__()
        with pytest.raises(EngineClosed, match="async with AsyncEngine"):
            await use(engine, how)

    lab.play(work)


def test_an_engine_opens_once(lab: "Lab") -> None:
    async def work() -> None:
        engine = lab.engine(lab.free({}))
        async with engine:
            with pytest.raises(EngineClosed, match="make a new one"):
                await engine.__aenter__()
        with pytest.raises(EngineClosed, match="make a new one"):
            await engine.__aenter__()

    lab.play(work)


@pytest.mark.parametrize("force", [False, True])
def test_closing_twice_or_unopened_is_fine(lab: "Lab", force: bool) -> None:
    async def work() -> None:
        engine, unopened = lab.engine(lab.free({})), lab.engine(lab.free({}))
        async with engine:
            await asyncio.gather(*(engine.aclose(force=force) for _ in range(3)))
        await engine.aclose(force=force)
        await unopened.aclose(force=force)
        with pytest.raises(EngineClosed):
            await unopened.__aenter__()

    lab.play(work)
    assert lab.tables.owners == set()


class Living(FakeProvider):
    """Keeps a record of its life."""

    def __init__(self, name: str, *, fails: str = "", hangs: str = "") -> None:
        super().__init__({}, name=name)
        self.life: list[str] = []
        self.fails, self.hangs = fails, hangs

    async def setup(self) -> None:
        await self._live("setup")

    async def aclose(self) -> None:
        await self._live("aclose")

    async def _live(self, what: str) -> None:
        self.life.append(what)
        if self.fails == what:
            raise SystemExit("no")
        if self.hangs == what:
            await asyncio.sleep(1e6)


def test_every_provider_is_set_up_once_and_closed_once_whatever_the_others_do(lab: "Lab") -> None:
    providers = [Living("a"), Living("b", fails="aclose"), Living("c", hangs="aclose"), Living("d", fails="setup")]

    async def work() -> tuple[int, float]:
        engine = lab.engine(*providers)
        async with engine:
            await engine.enrich_phone({"email": "a@b.example"})
        return engine.observers.failures, lab.now()

    failures, at = lab.play(work)
    assert [provider.life for provider in providers] == [["setup", "aclose"]] * 3 + [["setup"]]
    assert failures == 2
    assert at <= 10, "a plugin that hangs does not hold up the end"


def test_a_start_that_fails_gives_everything_back(lab: "Lab") -> None:
    good = Living("good")
    wires = lab.Wires((200, b"null"))

    async def work() -> None:
        engine = lab.engine(good, lab.Remote(), settings={"remote": {"base_url": "ftp://x.example"}}, transport=wires)
        with pytest.raises(ConfigError):
            async with engine:
                pass
        await engine.aclose()

    lab.play(work)
    assert good.life == ["setup", "aclose"]
    assert lab.tables.owners == set()


def test_a_store_that_does_not_open_is_left_to_its_owner(lab: "Lab") -> None:
    """One store object in two engines: the second one is refused and must not close it for the first."""
    store = MemoryStore(tables=lab.tables)

    async def work() -> PhoneResult:
        async with lab.engine(lab.by_email({lab.EMAIL: lab.PHONE}), store=store) as engine:
            with pytest.raises(StoreError, match="open already"):
                await lab.engine(lab.free({}), store=store).__aenter__()
            return await engine.enrich_phone(lab.contact(email=lab.EMAIL))

    assert lab.play(work).found


@pytest.mark.parametrize("own", [True, False])
def test_only_a_transport_of_our_own_making_is_closed(lab: "Lab", own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    wires = lab.Wires((200, b"null"))
    monkeypatch.setattr("enrichcore.engine.core.make_transport", lambda kind: wires)
    lab.enrich(lab.free({}), transport="plain" if own else wires)
    assert wires.closed is own


def test_directories_are_indexed_at_the_same_time(lab: "Lab") -> None:
    async def index() -> None:
        await asyncio.sleep(10)

    providers = [lab.free({}, name=f"crm{number}", setup=index) for number in range(5)]

    async def work() -> float:
        async with lab.engine(*providers):
            return lab.now()

    assert lab.play(work) == 10.0


# --- arguments --------------------------------------------------------------------------------------------------------


def test_a_paid_provider_without_a_store_is_refused_unless_memory_is_asked_for(lab: "Lab") -> None:
    with pytest.raises(ConfigError, match=r"paid cost money, and without a store .* store='memory' to accept that"):
        lab.engine(lab.paid({}), lab.free({}), store=None)
    assert lab.engine(lab.paid({}), store="memory").store_url == "memory"
    assert lab.engine(lab.free({}), store=None).store_url == "memory"
    assert lab.engine(lab.paid({}), store=None, config=Config(store="memory")).store_url == "memory"


def test_a_paid_provider_without_a_key_needs_no_store(lab: "Lab") -> None:
    """It cannot be asked, so it cannot cost anything."""
    assert lab.engine(lab.paid({}, key_env="NO_SUCH_KEY"), store=None).store_url == "memory"


@pytest.mark.parametrize("url", ["mysql://x", "sqlite:", "file.db"])
def test_a_store_that_there_is_not_is_refused(lab: "Lab", url: str) -> None:
    with pytest.raises(ConfigError, match=r"store: .*expected `memory`"):
        lab.engine(lab.free({}), store=url)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"config": Config(provider={"acme": ProviderConfig()})}, "provider 'acme' is named but not installed"),
        ({"order": ["acme"]}, "provider 'acme' is named but not installed"),
        ({"settings": {"free": {"colour": "red"}}}, r"\[providers.free\] has no key 'colour'"),
        ({"settings": {"free": {"rate": "often"}}}, "rate: expected rates"),
        ({"order_by": "luck"}, "order_by: expected 'method' or 'cost'"),
        ({"order_by": "cost", "order": ["free"]}, "exclude each other"),
    ],
)
def test_a_wrong_argument_stops_the_start_and_says_what_was_expected(
    lab: "Lab", options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        lab.engine(lab.free({}), **options)


def test_two_providers_of_one_name_are_refused(lab: "Lab") -> None:
    with pytest.raises(PluginError, match="another provider is called 'free'"):
        lab.engine(lab.free({}), lab.free({}))


def test_a_class_may_be_given_instead_of_an_object(lab: "Lab") -> None:
    class Known(Provider):
        name = "known"

        @hookimpl
        async def phone_by_email(self, query: Any) -> Miss:
            return Miss()

    assert lab.story(lab.enrich(Known, contact=lab.contact(email=lab.EMAIL))) == ["known/email miss"]


def test_arguments_win_over_the_file_and_the_file_over_defaults(lab: "Lab", tmp_path: Path) -> None:
    path = tmp_path / "enrichcore.toml"
    path.write_text('[engine]\ndeadline = 5\n[acceptance]\ncountries = ["GB"]\n', "utf-8")
    file = lab.engine(lab.free({}), config=str(path), acceptance=None)
    assert (file.deadline, file.acceptance) == (5.0, Acceptance(countries=["GB"]))
    mine = lab.engine(lab.free({}), config=str(path), deadline=7, acceptance=Acceptance())
    assert (mine.deadline, mine.acceptance) == (7, Acceptance())
    assert lab.engine(lab.free({}), deadline=None, config=str(path)).deadline is None
    assert lab.engine(lab.free({})).deadline == 60.0


@pytest.mark.parametrize(("value", "offline"), [(None, False), ("", False), ("0", False), ("1", True), ("yes", True)])
def test_offline_comes_from_the_environment_unless_it_is_said(lab: "Lab", value: str | None, offline: bool) -> None:
    env = {} if value is None else {"ENRICHCORE_OFFLINE": value}
    assert lab.engine(lab.free({}), env=env).offline is offline
    assert lab.engine(lab.free({}), env=env, offline=not offline).offline is not offline


def test_offline_nothing_leaves_the_machine(lab: "Lab") -> None:
    wires = lab.Wires((200, b"null"))
    result = lab.enrich(lab.Remote(), contact=lab.contact(email=lab.EMAIL), offline=True, transport=wires)
    assert (lab.story(result), wires.sent) == (["remote/email skipped offline"], [])


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, None),
        (90, 90),
        (1.5, 1.5),
        ("90s", 90),
        ("2m", 120),
        ("12h", 43_200),
        ("30d", 30 * DAY),
        (" 2 W", 14 * DAY),
    ],
)
def test_an_age_is_a_number_of_seconds_or_a_text_with_a_unit(age: Any, expected: float | None) -> None:
    assert seconds(age) == expected


@pytest.mark.parametrize("age", ["", "30", "d", "soon", "1y", "30 days"])
def test_another_age_is_refused(age: str) -> None:
    with pytest.raises(ConfigError, match="expected an age such as '30d'"):
        seconds(age)


# --- one contact ------------------------------------------------------------------------------------------------------


def test_a_mapping_will_do_for_a_contact(lab: "Lab") -> None:
    sent = {"record_id": "42", "email": lab.EMAIL, "something_else": 1}
    result = lab.enrich(lab.free({lab.EMAIL: lab.PHONE}), contact=sent)
    assert (result.record_id, result.email, result.phone) == ("42", lab.EMAIL, lab.PHONE)


@pytest.mark.parametrize(
    "contact", [{"record_id": "x" * 10_000}, {"email": 7}, {"first_name": "a\0"}, "text", None, ["x"]], ids=str
)
def test_what_cannot_be_a_contact_is_refused(lab: "Lab", contact: Any) -> None:
    async def work() -> None:
        async with lab.engine(lab.free({})) as engine:
            with pytest.raises(InvalidContact):
                await engine.enrich_phone(contact)

    lab.play(work)


def test_without_a_record_id_one_comes_from_the_identity(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    first = lab.enrich(vendor, contact={"email": lab.EMAIL})
    again = lab.enrich(vendor, contact=Contact(email=lab.EMAIL.upper()))
    assert first.record_id == again.record_id != ""
    assert (again.cached, len(vendor.calls)) == (True, 1)


def test_a_call_may_have_a_policy_and_a_deadline_of_its_own(lab: "Lab") -> None:
    async def work() -> list[Any]:
        async with lab.engine(lab.by_email({lab.EMAIL: lab.PHONE}), deadline=0.05) as engine:
            ada = lab.contact(email=lab.EMAIL)
            told: list[Any] = [(await engine.enrich_phone(ada)).reason]
            told.append((await engine.enrich_phone(ada, deadline=60, acceptance=Acceptance())).reason)
            told.append((await engine.enrich_phone(ada, deadline=None)).found)
            return told

    assert lab.play(work) == ["no_time", "refused: fictional", True]


# --- looking back -----------------------------------------------------------------------------------------------------


def test_explain_tells_the_last_enrichment_with_its_story(lab: "Lab") -> None:
    vendor = lab.by_email({lab.EMAIL: lab.PHONE})
    result = lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL))

    async def work() -> list[PhoneResult | None]:
        async with lab.engine(vendor) as engine:
            return [await engine.explain("1"), await engine.explain("2")]

    assert lab.play(work) == [result, None]


def test_an_incomplete_enrichment_is_explained_too(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.KeyRefused("revoked")))
    lab.enrich(vendor, contact=lab.contact(email=lab.EMAIL))

    async def work() -> PhoneResult | None:
        async with lab.engine(vendor) as engine:
            return await engine.explain("1")

    told = lab.play(work)
    assert told is not None
    assert (told.status, told.attempts[0].detail) == (Status.INCOMPLETE, "revoked")


def test_what_is_in_doubt_is_listed_oldest_first(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.MaybeSent()), rate=["1/10s"])

    async def work() -> list[Any]:
        async with lab.engine(vendor, settings={"paid": {"credit_price": "0.5"}}) as engine:
            for row in lab.people(3):
                await engine.enrich_phone(row)
            return await engine.in_doubt()

    rows = lab.play(work)
    assert [row.billed for row in rows] == [Billed.UNKNOWN] * 3
    assert [row.cost for row in rows] == [Decimal(1)] * 3, "counted as spent"
    assert [row.started_at for row in rows] == sorted(row.started_at for row in rows)


def test_resume_lets_a_provider_be_asked_again(lab: "Lab") -> None:
    vendor = lab.by_email(lab.script(errors.KeyRefused(), lab.PHONE))

    async def work() -> list[str]:
        async with lab.engine(vendor) as engine:
            ada = lab.contact(email=lab.EMAIL)
            told = [(await engine.enrich_phone(ada)).status, (await engine.enrich_phone(ada)).status]
            engine.resume("paid")
            with pytest.raises(ConfigError, match="no provider 'acme' takes part; there are paid"):
                engine.resume("acme")
            return [*told, (await engine.enrich_phone(ada)).status]

    assert lab.play(work) == ["incomplete", "incomplete", "found"]


# --- many contacts ----------------------------------------------------------------------------------------------------


def test_a_bulk_run_knows_what_earlier_runs_bought(lab: "Lab") -> None:
    vendor = lab.by_email(lambda query: lab.PHONE if query.email < "p5" else None)
    rows = lab.people(10)
    assert not any(result.cached for result in lab.bulk(vendor, rows=rows))
    assert all(result.cached for result in lab.bulk(vendor, rows=rows))
    assert len(vendor.calls) == 10
    lab.bulk(vendor, rows=rows, refresh=True)
    assert len(vendor.calls) == 20
    lab.runtime.skew += 2 * DAY
    lab.bulk(vendor, rows=rows, max_age="1d")
    assert len(vendor.calls) == 30


def test_a_bulk_run_takes_up_where_a_stopped_one_left_off(lab: "Lab") -> None:
    vendor = lab.by_email(lab.slow(1.0, lab.PHONE))
    rows = lab.people(50)

    async def work() -> int:
        async with lab.engine(vendor) as engine:
            results: Any = engine.enrich_phones(rows, concurrency=3)
            count = 0
            async for _ in results:
                count += 1
                if count == 10:
                    break
            await results.aclose()
            return count

    assert lab.play(work) == 10
    assert lab.tables.open == {}
    done = len(vendor.calls)
    assert done < 50
    assert all(result.found for result in lab.bulk(vendor, rows=rows))
    assert len(vendor.calls) == 50


def test_a_free_result_and_a_paid_one_have_their_price(lab: "Lab") -> None:
    paid = lab.by_email(lambda _: lab.PHONE, price=Price.per_attempt(1))
    [result] = lab.bulk(paid, rows=lab.people(1), settings={"paid": {"credit_price": "0.25"}})
    assert result.cost == Decimal("0.25")
    [result] = lab.bulk(lab.free({}), rows=lab.people(1))
    assert result.cost == 0
