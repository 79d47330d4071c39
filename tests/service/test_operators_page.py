"""The operators' page: what it says, what a lookup from it costs, and that it is one document without a script."""

import asyncio
import re
from collections.abc import Callable
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.errors import KeyRefused, OutOfCredits, RateLimited, ServerError
from enrichcore.model import Budget, Hit, Number, Person, Price
from enrichcore.service.operators import words
from enrichcore.service.operators.app import Seat
from enrichcore.service.operators.guard import FORM
from enrichcore.service.operators.page import STYLE
from enrichcore.testing import FakeProvider
from tests.service.stage import EMAIL, PAGE, Desk, desk

if TYPE_CHECKING:
    import httpx

    from tests.service.conftest import House

VOID = {"meta", "input", "br", "rect", "circle", "path"}


class Reader(HTMLParser):
    """Reads a page as a browser would, and keeps what matters: tags, texts by tag, and what would be loaded or run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.loads: list[str] = []
        self.links: list[str | None] = []
        self.ids: list[str] = []
        self.refers: list[str] = []
        self.steps: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        facts = dict(attrs)
        self.loads += [f"{tag} {n}" for n in facts if n in ("src", "style", "srcset", "data") or n.startswith("on")]
        if tag == "a":
            self.links.append(facts.get("href"))
        self.ids += [facts["id"] or ""] if "id" in facts else []
        for name in ("for", "aria-labelledby", "aria-describedby"):
            self.refers += [facts[name] or ""] if name in facts else []
        if tag == "li" and (facts.get("class") or "").startswith("step"):
            self.steps.append(facts["class"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data + " "


def shown(house: "House", do: Callable[[Desk], Any], *made: Any, **facts: Any) -> Any:
    """What `do(desk)` comes to."""

    async def work() -> Any:
        async with desk(house, *made, **facts) as ours:
            return await do(ours)

    return house.play(work)


def sent(house: "House", *made: Any, ask: str = "yes", facts: Any = None, **fields: str) -> "httpx.Response":
    """The answer to one form."""
    answer: httpx.Response = shown(house, lambda ours: ours.send(ask=ask, **fields), *made, **(facts or {}))
    return answer


def paid(house: "House", **facts: Any) -> Any:
    return house.by_email({EMAIL: house.PHONE}, **facts)


# --- one document ---------------------------------------------------------------------------------------------------


def test_the_page_loads_and_runs_nothing(house: "House") -> None:
    """No script, no asset, no style but the one sheet that the policy names, and every reference leads somewhere."""
    answer = sent(house, email=EMAIL)
    read = Reader(answer.text)
    assert read.loads == []
    assert "script" not in read.tags
    assert set(read.links) == {"#main", "/metrics", "/"}
    assert re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL) == [STYLE]
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert set(" ".join(read.refers).split()) <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/x", "/metrics/", "//", "/favicon.ico"])
def test_another_path_is_404_with_the_same_policy(house: "House", path: str) -> None:
    answer = shown(house, lambda ours: ours.page.get(PAGE + path))
    assert answer.status_code == 404
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


def test_another_method_is_405(house: "House") -> None:
    answer = shown(house, lambda ours: ours.page.put("/", headers={"Origin": PAGE, "Content-Type": FORM}))
    assert (answer.status_code, "Allow" in answer.headers) == (405, True)


HOSTILE = "\"><script>alert(1)</script><b title='&amp;"


def test_what_is_sent_and_what_a_vendor_says_is_text(house: "House") -> None:
    """A field, a vendor's error and a person's name cannot become a part of the page."""
    says = FakeProvider(lambda _: ServerError(HOSTILE), name="hostile", methods=["email"])
    answer = sent(house, says, email=EMAIL, company=HOSTILE, first_name="Ada")
    assert "<script" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert Reader(answer.text).tags.count("b") == 0


# --- a lookup -------------------------------------------------------------------------------------------------------


def test_it_says_what_a_lookup_can_cost(house: "House") -> None:
    """The most that all calls together cost stands beside the button that spends it."""
    two = [paid(house, name="acme"), paid(house, name="globex")]
    facts = {"engine": {"settings": {"acme": {"credit_price": "0.03"}, "globex": {"credit_price": "0.5"}}}}
    read = Reader(shown(house, Desk.look, *two, **facts))
    assert "Ask the providers and pay" in read.text
    assert re.search(r"This spends money: +up to +1\.06 USD +\.", read.text)


@pytest.mark.parametrize("price", [{}, {"acme": {"credit_price": "0.03"}}])
def test_it_says_when_a_price_is_not_known(house: "House", price: dict[str, Any]) -> None:
    two = [paid(house, name="acme"), paid(house, name="globex")]
    text = Reader(shown(house, Desk.look, *two, engine={"settings": price})).text
    names = "globex" if price else "acme, globex"
    assert f"credits of {names}, whose price is not configured" in text


def test_a_budget_for_one_record_bounds_what_it_can_cost(house: "House") -> None:
    engine = {"settings": {"acme": {"credit_price": "5"}}, "budget": Budget(record="0.60 USD")}
    assert "up to <strong>0.60 USD" in shown(house, Desk.look, paid(house, name="acme"), engine=engine)


def test_it_says_when_nothing_costs_anything(house: "House") -> None:
    free = FakeProvider({}, name="free")
    text = Reader(shown(house, Desk.look, free)).text
    assert "Costs nothing: every provider that takes part is free." in text
    assert "pay" not in text


def test_a_lookup_shows_its_cascade(house: "House") -> None:
    """Who was asked in which order, how each ended, and what it cost; and who had no part."""
    other = Hit(Number("+44 20 7946 0018"), person=Person(name="Charles Babbage", company="Difference Ltd"))
    made = [
        FakeProvider({}, name="first", methods=["email"]),
        FakeProvider(lambda _: other, name="second", methods=["email"], price=Price.per_attempt(1)),
        FakeProvider(lambda _: KeyRefused("no"), name="third", methods=["email"]),
        paid(house, name="fourth"),
        paid(house, name="fifth"),
    ]
    order = ["first", "second", "third", "fourth", "fifth"]
    engine = {"order": order, "settings": {n: {"credit_price": "0.05"} for n in ("second", "fourth", "fifth")}}
    answer = sent(house, *made, facts={"engine": engine}, email=EMAIL, first_name="Ada", last_name="Lovelace")
    assert answer.status_code == 200
    read = Reader(answer.text)
    assert read.steps == ["step miss", "step rejected", "step error", "step hit"]
    told = [read.text.index(name, read.text.index(" took ")) for name in order]
    assert told == sorted(told)
    for said in (house.PHONE, "Rejected: other person", "Error: key refused", "0.05 USD, billed", "0.10 USD, billed"):
        assert said in read.text
    assert "fifth by email: not reached" in read.text
    assert "cost 0.15 USD" in read.text
    assert answer.text.count('<rect class="bar" x=') == 4


def test_a_second_look_costs_nothing_and_says_so(house: "House") -> None:
    """The same form again, as after a reload, gives the stored answer."""

    async def twice(ours: Desk) -> list[str]:
        return [Reader((await ours.send(email=EMAIL)).text).text for _ in range(2)]

    first, second = shown(house, twice, paid(house), engine={"settings": {"paid": {"credit_price": "0.05"}}})
    assert "providers were asked" in first
    assert "nobody was asked" in second
    assert "stored answer, no cost" in second
    assert "cost 0 USD" in second


def test_looking_at_what_is_stored_asks_nobody(house: "House") -> None:
    """The button that comes first, and that Enter presses, spends nothing."""
    answer = sent(house, paid(house), ask="no", email=EMAIL)
    read = Reader(answer.text)
    assert "Incomplete" in read.text
    assert house.told == [] or all(a.tries == 0 for a in house.told)
    buttons = re.findall(r'<button name="ask" value="(\w+)"', answer.text)
    assert buttons == ["no", "yes"]


@pytest.mark.parametrize("ask", ["", "1", "YES", "maybe"])
def test_only_a_plain_yes_spends(house: "House", ask: str) -> None:
    sent(house, paid(house), ask=ask, email=EMAIL)
    assert all(attempt.tries == 0 for attempt in house.told)


def test_no_credit_of_a_tenant_is_touched(house: "House") -> None:
    """The lookup is the engine's own: its records are not a tenant's, and no key pays."""
    sent(house, paid(house), email=EMAIL)
    assert (house.accounts.spent, house.accounts.reserved) == ({}, 0)


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "nothing": ({}, "That is not enough"),
    "a first name alone": ({"first_name": "Ada"}, "name method lacks last_name, company or domain"),
    "no email": ({"email": "ada at engines"}, "sent, but not usable: email"),
    "a NUL": ({"email": EMAIL, "company": "Engines\0"}, "company: expected text without NUL characters"),
    "a very long field": ({"email": EMAIL, "company": "x" * 10_001}, "company: expected at most 10,000 characters"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_cannot_be_looked_up_is_explained_and_kept(house: "House", what: str) -> None:
    """422, with what is wrong as an alert and in the title, and with the fields as they were sent."""
    fields, said = WRONG[what]
    answer = sent(house, **fields)
    assert answer.status_code == 422
    assert said in Reader(answer.text).text
    assert 'role="alert"' in answer.text
    assert "<title>Problem: " in answer.text
    assert house.told == []
    assert all(f'value="{value}"' in answer.text for value in fields.values() if value.isprintable())


@pytest.mark.parametrize(
    ("body", "status"), [(b"x" * 70_000, 413), (b"email=%ff", 400), (b"\xff=1", 400), (b"a=1&" * 50, 400)]
)
def test_a_form_that_is_none_is_refused(house: "House", body: bytes, status: int) -> None:
    headers = {"Origin": PAGE, "Content-Type": FORM}
    answer = shown(house, lambda ours: ours.page.post("/", content=body, headers=headers))
    assert (answer.status_code, house.told) == (status, [])


def test_while_the_service_ends_nothing_is_looked_up(house: "House") -> None:
    async def work() -> tuple[int, str]:
        async with desk(house) as ours:
            ours.service.ready = False
            answer = await ours.send(email=EMAIL)
            return answer.status_code, Reader(answer.text).text

    status, text = house.play(work)
    assert (status, house.told) == (503, [])
    assert "not ready" in text


def test_without_an_engine_there_is_a_page_all_the_same(house: "House") -> None:
    """After the engine has closed it tells what there is to tell, and a lookup is refused."""

    async def work() -> list[tuple[int, str]]:
        async with desk(house) as ours:
            await ours.service.engine.aclose()
            answers = [await ours.page.get("/"), await ours.send(email=EMAIL), await ours.page.get("/metrics")]
            return [(one.status_code, one.text) for one in answers]

    (look, page), (tried, said), (read, metrics) = house.play(work)
    assert (look, tried, read) == (200, 503, 200)
    assert "not ready" in page
    assert "Nothing can be looked up now" in said
    assert "enrichcore_ready 0.0" in metrics


def test_a_journal_that_fails_is_told(house: "House") -> None:
    store = house.store()
    store.fail_at = "claim"
    answer = sent(house, facts={"engine": {"store": store}}, email=EMAIL)
    assert answer.status_code == 503
    assert "the disk is full" in answer.text


def test_a_lookup_takes_a_place_like_any_other(house: "House") -> None:
    """When nothing is free it is refused, rather than push a customer's aside."""
    slow = FakeProvider(house.slow(5, house.PHONE), name="slow")

    async def work() -> list[int]:
        async with desk(house, slow, concurrency=1, queue=0) as ours:
            asking = [asyncio.ensure_future(ours.send(email=f"p{i}@engines.example")) for i in range(2)]
            statuses = [(await one).status_code for one in asking]
            assert "Refused, no room</dt><dd>1" in await ours.look()
            return statuses

    assert house.play(work) == [200, 429]


# --- how things stand -----------------------------------------------------------------------------------------------

STATES: dict[str, tuple[Any, str]] = {
    "parked": (OutOfCredits("none left"), "parked out of credits, for 1 min 00 s"),
    "suspended": (KeyRefused("no"), "suspended key refused"),
    "paced": (RateLimited(retry_after=600), "paced rate limited, for 10 min 00 s"),
    "ready": (None, "ready"),
}


@pytest.mark.parametrize("state", STATES)
def test_the_state_of_a_provider_is_shown(house: "House", state: str) -> None:
    """With the reason, and how long it lasts."""
    error, said = STATES[state]

    async def work() -> str:
        async with desk(house, FakeProvider(lambda _: error, name="acme")) as ours:
            await ours.send(email=EMAIL)
            return Reader(await ours.look()).text

    text = " ".join(house.play(work).split())
    assert f"acme name, linkedin, email {said}" in text


def test_a_pause_that_is_over_is_not_shown(house: "House") -> None:
    """Nothing happens when the time is over, until somebody asks: the page knows it by the clock."""
    limited = FakeProvider(lambda _: RateLimited(retry_after=600), name="acme")

    async def work() -> list[bool]:
        async with desk(house, limited) as ours:
            await ours.send(email=EMAIL)
            before = "paced" in Reader(await ours.look()).text
            await asyncio.sleep(601)
            return [before, "paced" in Reader(await ours.look()).text]

    assert house.play(work) == [True, False]


def test_a_provider_that_cannot_be_asked_says_why(house: "House") -> None:
    made = FakeProvider({}, name="acme", key_env="ACME_API_KEY")
    text = Reader(shown(house, Desk.look, made, FakeProvider({}, name="free"))).text
    assert "not asked" in text
    assert "ACME_API_KEY" in text


def test_fill_rates_count_who_was_asked(house: "House") -> None:
    """Hits of contacts tried, by provider and method; an answer that was stored is no try."""
    made = FakeProvider({f"p{i}@engines.example": house.PHONE for i in range(3)}, name="acme")

    async def work() -> str:
        async with desk(house, made) as ours:
            for i in (0, 1, 2, 3, 3):
                await ours.send(email=f"p{i}@engines.example")
            return Reader(await ours.look()).text

    text = " ".join(house.play(work).split())
    assert "acme by email 4 3 75 %" in text


def test_several_workers_know_of_each_other(house: "House") -> None:
    """Each tells of itself alone, says so, and links to the others under the host that it was asked by."""
    seat = Seat(1, (9100, 9101, 9102))
    answer = shown(
        house, lambda ours: ours.page.get("/", headers={"Host": "ops.example:9101"}), names=("ops.example",), seat=seat
    )
    read = Reader(answer.text)
    assert "Worker 2 of 3" in read.text
    assert [f"http://ops.example:{port}/" for port in seat.ports] == read.links[1:4]
    assert answer.text.count('aria-current="page"') == 1


AMOUNTS = [
    (None, "unknown"),
    ("0", "0"),
    ("0.1", "0.10"),
    ("0.125", "0.125"),
    ("1234.5", "1,234.50"),
    ("300", "300.00"),
]


@pytest.mark.parametrize(("amount", "said"), AMOUNTS)
def test_amounts_have_two_decimals_or_as_many_as_they_need(amount: str | None, said: str) -> None:
    assert words.money(None if amount is None else Decimal(amount)) == said


DURATIONS = [
    (0.0042, "4 ms"), (0.42, "0.42 s"), (9.994, "9.99 s"), (42.4, "42 s"), (59.7, "1 min 00 s"), (185, "3 min 05 s"),
    (7800, "2 h 10 min"), (273_700, "3 d 4 h"),
]  # fmt: skip


@pytest.mark.parametrize(("seconds", "said"), DURATIONS)
def test_durations_are_said_as_people_say_them(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said
