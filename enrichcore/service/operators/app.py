"""The operators' listener as an ASGI app: the page, the lookup that it asks for, and the metrics."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from urllib.parse import parse_qsl

import attrs
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from enrichcore.engine.run import Hold
from enrichcore.engine.serving import Serving
from enrichcore.engine.tenant import DEFAULT_TENANT
from enrichcore.errors import EngineClosed, InvalidContact, RecordChanged, StoreError
from enrichcore.model import Contact, PhoneResult, Status, Subject
from enrichcore.runtime import Runtime
from enrichcore.service.app import Service
from enrichcore.service.operators import page as pages
from enrichcore.service.operators.guard import refusal
from enrichcore.service.operators.metrics import Metrics
from enrichcore.service.operators.page import Asked, Now
from enrichcore.service.operators.standing import standings, worst
from enrichcore.service.operators.tally import Tally
from enrichcore.service.operators.traffic import Traffic
from enrichcore.service.operators.words import money
from enrichcore.service.refusal import Refusal
from enrichcore.service.request import Gone, Receive, Scope, Send, read_body
from enrichcore.version import __version__

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": pages.CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # a stricter one would take the Origin from the form
    "X-Content-Type-Options": "nosniff",
}
_FIELDS: Final = tuple(name for name, _, _ in pages.FIELDS)
_MOST_FIELDS: Final = 20


@attrs.frozen
class Seat:
    """Which worker this is, and the ports of all workers' pages, its own among them; none when there is only one."""

    index: int = 0
    ports: Sequence[int] = ()


class Operators:
    """What those who run a service see of one process.

    Args:
        service: the app that is watched. Its requests are counted when they come through `traffic`.
        tally: added to the engine of the service before that was opened.
        traffic: the counter around the service.
        names: under which names, beside addresses and `localhost`, the page may be asked for.
        seat: which of several workers this is.
        runtime: clocks; only tests pass their own.
    """

    def __init__(
        self,
        service: Service,
        tally: Tally,
        traffic: Traffic,
        *,
        names: Sequence[str] = (),
        seat: Seat | None = None,
        runtime: Runtime | None = None,
    ) -> None:
        self._service = service
        self._tally = tally
        self._traffic = traffic
        self._names = frozenset(name.lower() for name in names)
        self._seat = seat or Seat()
        self._runtime = runtime or Runtime()
        self._metrics = Metrics(service, tally, traffic, self._runtime)
        self._serving = Serving(service.engine)
        self._began = self._runtime.monotonic(), self._runtime.wall()
        self._app = Starlette(
            routes=[
                Route("/", self._look, methods=["GET"]),
                Route("/", self._try, methods=["POST"]),
                Route("/metrics", self._read, methods=["GET"]),
            ],
            exception_handlers={HTTPException: _refused},
        )
        self._app.router.redirect_slashes = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, unless a browser may have been lured into it."""
        if scope["type"] == "http":
            request = Request(scope)
            said = refusal(request.method, request.headers, self._names)
            if said is not None:
                await _html(pages.refused(said), 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _read(self, request: Request) -> Response:
        body, media = self._metrics.read(request.headers.get("accept", ""))
        return Response(body, media_type=None, headers=HEADERS | {"Content-Type": media})

    async def _look(self, request: Request) -> Response:
        return _html(pages.page(self._now(request), Asked()))

    async def _try(self, request: Request) -> Response:
        try:
            body = await read_body(request.receive)
        except Gone:
            return Response(status_code=400)
        except Refusal as refused:
            return _html(pages.refused(refused.error), 413)
        try:
            sent = dict(parse_qsl(body.decode(), max_num_fields=_MOST_FIELDS, errors="strict"))
        except ValueError:
            return _html(pages.refused("The form cannot be read."), 400)
        fields = {name: sent.get(name, "").strip() for name in _FIELDS}
        status, asked = await self._asked(fields, ask=sent.get("ask") == "yes")
        return _html(pages.page(self._now(request), asked), status)

    async def _asked(self, fields: Mapping[str, str], *, ask: bool) -> tuple[int, Asked]:
        """What a lookup comes to, or what is wrong with it, with the status of the answer."""
        began = self._runtime.monotonic()
        try:
            contact = Contact.from_dict(fields)
            subject = Subject.of(contact)
            if not subject.queries:
                return 422, Asked(fields=fields, problem=f"That is not enough: {subject.missing()}.")
            result = await self._result(contact, ask=ask)
        except InvalidContact as error:
            return 422, Asked(fields=fields, problem=f"{error.field}: expected {error.expected}, got {error.got}.")
        except Refusal as refused:
            return refused.status, Asked(fields=fields, problem=refused.error)
        except RecordChanged:  # the page sends no record_id, so that is one which the core has made of the person
            return 409, Asked(fields=fields, problem="This person's record stood for somebody else before.")
        except (EngineClosed, StoreError) as error:
            return 503, Asked(fields=fields, problem=f"Nothing can be looked up now: {error}")
        took = self._runtime.monotonic() - began
        return 200, Asked(fields=fields, result=result, seconds=took, was_asked=ask)

    async def _result(self, contact: Contact, *, ask: bool) -> PhoneResult:
        """One lookup in a place like any other's, with the engine's own records: no key of a tenant pays for it."""
        service, clock = self._service, self._runtime.monotonic
        if not service.ready:
            raise EngineClosed("the service is ending")
        until = clock() + service.config.deadline
        await service.admission.enter(DEFAULT_TENANT, within=service.config.deadline)
        began = clock()
        try:
            return await self._serving.look_up(
                contact,
                Hold(),
                deadline=max(until - began, 0.0),
                refresh=False,
                ask=ask,
                reject_changed=service.config.on_changed_record == "reject",
            )
        finally:
            service.admission.leave(DEFAULT_TENANT, clock() - began)

    def _now(self, request: Request) -> Now:
        service, tally, runtime = self._service, self._tally, self._runtime
        engine = service.engine
        currency = engine.budget.currency
        running, waiting = service.admission.load
        ends = {status: sum(tally.enrichments[status.value, cached] for cached in (False, True)) for status in Status}
        spent = f"{money(sum(tally.cost.values(), Decimal(0)))} {currency}"
        began, since = self._began
        return Now(
            is_ready=service.ready and engine.is_open,
            version=__version__,
            currency=currency,
            up_seconds=runtime.monotonic() - began,
            began=since,
            time=runtime.wall(),
            facts=[
                ("Requests", f"{self._traffic.requests.total():,}"),
                ("In flight", f"{self._traffic.inside:,}"),
                ("Lookups running", f"{running:,}"),
                ("Lookups waiting", f"{waiting:,}"),
                ("Refused, no room", f"{service.admission.shed:,}"),
                ("Found", f"{ends[Status.FOUND]:,}"),
                ("Not found", f"{ends[Status.NOT_FOUND]:,}"),
                ("Incomplete", f"{ends[Status.INCOMPLETE]:,}"),
                ("Spent", spent),
            ],
            standings=standings(engine, runtime),
            spent=tally.cost,
            unpriced=tally.unpriced,
            filled=tally.filled(),
            worst=worst(engine),
            worker=self._seat.index,
            workers=[str(request.url.replace(port=port, path="/", query="")) for port in self._seat.ports],
        )


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said = {404: "There is nothing here.", 405: "Use another method."}.get(error.status_code, "This cannot be read.")
    headers: dict[str, Any] = dict(error.headers or {})
    return _html(pages.refused(said), error.status_code, headers)


def _html(body: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, headers={**HEADERS, **(headers or {})}, media_type="text/html")
