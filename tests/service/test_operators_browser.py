"""The operators' page in a real browser: by keyboard alone, on a phone, in light and dark, without a complaint."""

import contextlib
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from enrichcore.errors import OutOfCredits
from enrichcore.model import Price
from enrichcore.testing import FakeProvider
from tests.service.stage import EMAIL, ORDER, PHONE, Stage

if TYPE_CHECKING:
    from tests.browser import Browser, Page

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the browser is driven over inherited pipes")

LOOKS = [(1024, False), (1024, True), (360, False), (360, True)]
look = pytest.mark.parametrize(
    ("width", "dark"), LOOKS, ids=[f"{width}-{'dark' if dark else 'light'}" for width, dark in LOOKS]
)


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """One server for all: whoever asks after the first one gets the stored answer."""
    with Stage.up() as made:
        yield made


FOCUS = "[document.activeElement].map(e => e === document.body ? '' : e.id || e.textContent)[0]"
"""What has the focus; nothing has it between the end of the page and its beginning."""


def tab_to(page: "Page", what: str) -> list[str]:
    """Press Tab until something has the focus; what had it on the way."""
    way: list[str] = []
    while not way or way[-1] != what:
        page.press("Tab")
        way.append(page.run(FOCUS))
        assert len(way) < 30, way
        outline = page.run("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid" or not way[-1], f"{way[-1]} has the focus and does not show it"
    return way


def fill_in(page: "Page", **fields: str) -> None:
    """Fill the form in by keyboard alone, from wherever the focus is."""
    for name, value in fields.items():
        tab_to(page, name)
        page.type(value)


ADA = {"first_name": "Ada", "last_name": "Lovelace", "company": "Engines Ltd", "email": EMAIL}
SPEND = "Ask the providers and pay"


@look
def test_a_lookup_by_keyboard_shows_its_cascade(browser: "Browser", stage: Stage, width: int, dark: bool) -> None:
    """Tab, type, Enter: the number, and who was asked in which order. axe finds nothing, nothing runs over the edge."""
    with browser.page(width=width, dark=dark) as page:
        page.goto(stage.url)
        assert page.axe() == []
        fill_in(page, **ADA)
        tab_to(page, SPEND)
        with page.loading():
            page.press("Enter")
        assert page.run("document.querySelector('#result .answer').textContent") == PHONE
        assert page.run("document.title").startswith("Found")
        assert page.run("location.hash + location.search") == "#result"
        who = page.run(
            "[...document.querySelectorAll('ol.cascade li.step strong:first-child')].map(e => e.textContent)"
        )
        assert [name for name in who if name in ORDER] == ORDER[:5]
        assert page.axe() == []
        assert page.run("document.documentElement.scrollWidth") == width
        assert page.complaints == []


@look
def test_the_picture_can_be_seen(browser: "Browser", stage: Stage, width: int, dark: bool) -> None:
    """Every step has a mark of some size in a colour that differs from what is behind it, and they do not overlap."""
    with browser.page(width=width, dark=dark) as page:
        page.goto(stage.url)
        page.run(
            "for (const [id, v] of Object.entries("
            f"{{first_name: 'Ada', last_name: 'Lovelace', company: 'Engines Ltd', email: '{EMAIL}'}}"
            ")) document.getElementById(id).value = v; null"
        )
        with page.loading():
            page.run("document.querySelector('.spends button').click()")
        boxes: list[dict[str, Any]] = page.run(
            "[...document.querySelectorAll('li.step')].map(li => { const m = li.querySelector('.mark'), "
            "b = m.getBoundingClientRect(), r = li.getBoundingClientRect(); return {w: b.width, h: b.height, "
            "stroke: getComputedStyle(m).stroke, top: r.top, bottom: r.bottom} })"
        )
        back = page.run("getComputedStyle(document.body).backgroundColor")
        assert len(boxes) == 5
        assert all((box["w"], box["h"]) == (24, 24) and box["stroke"] not in (back, "none") for box in boxes)
        assert all(above["bottom"] <= below["top"] + 1 for above, below in pairwise(boxes))
        assert len({box["stroke"] for box in boxes}) == 4


def test_the_focus_goes_through_the_form_in_reading_order(browser: "Browser", stage: Stage) -> None:
    """The first stop skips to the content; what spends nothing comes before what spends."""
    with browser.page() as page:
        page.goto(stage.url)
        way = tab_to(page, SPEND)
    fields = ["first_name", "last_name", "company", "domain", "linkedin_id", "email", "country"]
    assert way == ["Skip to the content", *fields, "Look at what is stored", SPEND]


def test_enter_in_a_field_spends_nothing(browser: "Browser") -> None:
    """It presses the first button, which looks at what is stored."""
    made = FakeProvider({EMAIL: PHONE}, name="acme", price=Price.per_hit(1))
    with Stage.up(made) as stage, browser.page() as page:
        page.goto(stage.url)
        fill_in(page, email=EMAIL)
        with page.loading():
            page.press("Enter")
        assert page.run("document.querySelector('#result .answer').textContent").startswith("Incomplete")
        assert made.calls == []
        tab_to(page, SPEND)
        with page.loading():
            page.press(" ")
        assert page.run("document.querySelector('#result .answer').textContent") == PHONE
        assert len(made.calls) == 1


def test_loading_the_answer_anew_buys_nothing_anew(browser: "Browser") -> None:
    made = FakeProvider({EMAIL: PHONE}, name="acme", price=Price.per_hit(1))
    with Stage.up(made) as stage, browser.page() as page:
        page.goto(stage.url)
        fill_in(page, email=EMAIL)
        tab_to(page, SPEND)
        with page.loading():
            page.press("Enter")
        with page.loading():
            page.call("Page.reload")
        assert "nobody was asked" in page.run("document.getElementById('result').textContent")
        assert len(made.calls) == 1


@look
def test_what_is_wrong_is_said_where_it_is_seen(browser: "Browser", stage: Stage, width: int, dark: bool) -> None:
    """An alert, an invalid field that refers to it, a title that begins with it; and what was typed is still there."""
    with browser.page(width=width, dark=dark) as page:
        page.goto(stage.url)
        fill_in(page, first_name="Ada")
        with page.loading():
            page.press("Enter")
        assert page.run("document.title").startswith("Problem: That is not enough")
        assert page.run("document.querySelector('[role=alert]').textContent").startswith("That is not enough")
        assert page.run("document.querySelector('[aria-invalid]').id") == "first_name"
        assert page.run("document.getElementById('first_name').value") == "Ada"
        assert page.axe() == []
        assert page.run("document.documentElement.scrollWidth") == width
        # Chromium writes the status of a page that is no 2xx into the console; nothing else stands there.
        assert [said for said in page.complaints if "status of 422" not in said] == []


@look
def test_long_words_and_odd_states_stay_inside(browser: "Browser", width: int, dark: bool) -> None:
    """A name as long as may be, a key that is missing, a state that is not ready: still no scrolling sideways."""
    made = [
        FakeProvider(lambda _: OutOfCredits("x" * 300), name="a" * 63),
        FakeProvider({}, name="b" * 63, price=Price.per_hit(1)),
        FakeProvider({}, name="graph_of_a_far_away_region", key_env="GRAPH_OF_A_FAR_AWAY_REGION_KEY"),
    ]
    with Stage.up(*made) as stage, browser.page(width=width, dark=dark) as page:
        page.goto(stage.url)
        fill_in(page, company="C" * 200, email=EMAIL)
        tab_to(page, SPEND)
        with page.loading():
            page.press("Enter")
        assert page.run("document.documentElement.scrollWidth") == width
        assert page.axe() == []
        assert page.complaints == []


@contextlib.contextmanager
def site(page: str) -> Iterator[str]:
    """Another site with one page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("sandboxed", [False, True])
def test_another_site_cannot_make_a_browser_spend(browser: "Browser", sandboxed: bool) -> None:
    """Its page sends the same form, from its own origin or from none: the browser is refused, and nobody is asked."""
    made = FakeProvider({EMAIL: PHONE}, name="acme", price=Price.per_hit(1))
    with Stage.up(made) as stage:
        form = (
            f"<form method=post action={stage.url}/><input name=email value={EMAIL}><input name=ask value=yes></form>"
        )
        with site(form) as other, browser.page() as page:
            page.goto(f"data:text/html,{form}" if sandboxed else other)
            with page.loading():
                page.run("document.forms[0].submit()")
            assert page.run("location.href") == f"{stage.url}/"
            assert "it can be asked for from this page alone" in page.run("document.body.textContent")
    assert made.calls == []


def test_the_driver_notices_what_is_wrong(browser: "Browser") -> None:
    """These tests can fail: axe finds a picture without a name, and the console is heard."""
    with browser.page() as page:
        page.goto("data:text/html,<img src=x><p style='color:silver;background:white'>pale</p>")
        page.run("console.error('canary')")
        found = " ".join(page.axe())
        page.run("1")
        assert "image-alt" in found
        assert "color-contrast" in found
        assert "html-has-lang" in found
        assert any("canary" in said for said in page.complaints)
