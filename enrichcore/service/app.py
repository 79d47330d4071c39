"""The app: `POST /v1/enrich/phone` and the few pages around it, as ASGI.

The endpoint is served without routing or middleware around it, since most of its requests cost less than those would.
"""

import asyncio
import contextlib
import logging
import secrets
import traceback
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette

from enrichcore.config import ServiceConfig
from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.serving import Serving
from enrichcore.errors import EnrichcoreError
from enrichcore.model import Contact, PhoneResult, Subject
from enrichcore.runtime import Runtime
from enrichcore.service.account import Account, Accounts
from enrichcore.service.admission import Admission
from enrichcore.service.answer import all_down, answer
from enrichcore.service.body import read_contact
from enrichcore.service.flights import Flights
from enrichcore.service.hooks import HOOKS, hear
from enrichcore.service.later import Later, Laters
from enrichcore.service.pages import pages
from enrichcore.service.refusal import (
    JSON,
    Faulty,
    Headers,
    Refusal,
    encode,
    internal_error,
    too_many,
    unauthorized,
)
from enrichcore.service.request import (
    Gone,
    Head,
    Receive,
    Scope,
    Send,
    check_media,
    read_body,
    read_head,
    read_prefer,
    read_query,
)

ENDPOINT = "/v1/enrich/phone"
_ALWAYS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))
_AGAIN = 1
"""Seconds until the outcome of a request that nobody waits for is worth another look."""

Answer = tuple[int, Headers, bytes]


class Service:
    """The ASGI app that `create_app` gives."""

    def __init__(self, engine: AsyncEngine, accounts: Accounts, config: ServiceConfig, runtime: Runtime) -> None:
        self.engine = engine
        self.accounts = accounts
        self.config = config
        self.ready = True
        self.admission = Admission(concurrency=config.concurrency, queue=config.queue, runtime=runtime)
        self._runtime = runtime
        self._flights = Flights(accounts, self.admission, config, runtime)
        self._laters = Laters()
        self._tenants: dict[str, Serving] = {}
        self._process = secrets.token_hex(5)
        self._count = 0
        self._pages: Starlette = pages(self, self.lifespan)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or live through the lifespan."""
        if scope["type"] == "http":
            path, root = scope["path"], scope.get("root_path", "")
            if root and path.startswith(root):
                path = path[len(root) :]
            if path == ENDPOINT and scope["method"] == "POST":
                await self._respond(scope, receive, send, "")
                return
            if path.startswith(ENDPOINT + "/") and scope["method"] in ("GET", "HEAD"):
                await self._respond(scope, receive, send, path[len(ENDPOINT) + 1 :])
                return
            if path.startswith(HOOKS) and scope["method"] == "POST":
                await self._respond(scope, receive, send, "", hook=path[len(HOOKS) :])
                return
        await self._pages(scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(self, _: Any = None) -> AsyncIterator[None]:
        """Open the engine unless the host has, and finish what is under way at the end."""
        async with contextlib.AsyncExitStack() as stack:
            if not self.engine.is_open:
                await stack.enter_async_context(self.engine)
            try:
                yield
            finally:
                await self.aclose()

    async def aclose(self) -> None:
        """Finish the paid calls under way, start no other, settle their credits. The engine stays open."""
        self.ready = False
        await self._flights.close()

    def new_id(self) -> str:
        """A request id: the time in milliseconds, this process, and a count."""
        self._count = (self._count + 1) & 0xFFFFFF
        return f"{int(self._runtime.wall() * 1000):012x}{self._process}{self._count:06x}"

    # --- one request ------------------------------------------------------------------------------------------------

    async def _respond(self, scope: Scope, receive: Receive, send: Send, name: str, *, hook: str | None = None) -> None:
        began = self._runtime.monotonic()
        request_id = self.new_id()
        try:
            if hook is not None:
                status, headers, body = await hear(self.engine, hook, scope, receive)
            elif name:
                status, headers, body = await self._later(scope, name, began)
            else:
                made = await self._enrich(scope, receive, request_id, began)
                if made is None:
                    return
                request_id, (status, headers, body) = made
        except Gone:
            return
        except (Refusal, Faulty) as refused:
            status, headers, body = refused.answer(request_id)
        except Exception as error:  # noqa: BLE001 - nobody hears more of it than its request id
            _tell(request_id, error)
            status, headers, body = internal_error().answer(request_id)
        length = (b"content-length", b"%d" % len(body))
        all_headers = [*headers, length, (b"x-request-id", request_id.encode()), *_ALWAYS]
        await send({"type": "http.response.start", "status": status, "headers": all_headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _account(self, head: Head) -> Account:
        account = None if head.key is None else await self.accounts.find(head.key)
        if account is None:
            raise unauthorized(given=head.given)
        return account

    async def _enrich(self, scope: Scope, receive: Receive, request_id: str, began: float) -> tuple[str, Answer] | None:
        """Judge a request in the order of the contract; None when the client has left."""
        head = read_head(scope)
        account = await self._account(head)
        check_media(head)
        story, refresh = read_query(scope["query_string"], may_include=account.allow_attempts)
        seconds = await self.accounts.allow(account)
        if seconds is not None:
            raise too_many("rate_limited", "This key sends requests faster than it may.", seconds)
        self.admission.check(account.tenant)
        contact = read_contact(await read_body(receive))
        serving = self._serving(account.tenant)
        if not refresh:
            known = serving.known(contact)
            if known is not None:
                return request_id, self._answer(known, contact, began, story=story)
        _check_sufficient(contact)
        wait, at_once = read_prefer(head.prefer) if head.prefer else (None, False)
        if at_once:
            return await self._accept(account, serving, contact, request_id, began, wait, refresh=refresh)
        until = began + (self.config.deadline if wait is None else min(wait, self.config.max_wait))
        gone = asyncio.get_running_loop().create_task(_disconnect(receive))
        try:
            result = await self._flights.result(account, serving, contact, until=until, refresh=refresh, gone=gone)
        finally:
            gone.cancel()
        if result is None:
            return None
        return request_id, self._judged(result, contact, began, until, story=story)

    def _serving(self, tenant: str) -> Serving:
        serving = self._tenants.get(tenant)
        if serving is None:
            serving = self._tenants[tenant] = Serving(self.engine.for_tenant(tenant))
        return serving

    def _answer(self, result: PhoneResult, contact: Contact, began: float, *, story: bool) -> Answer:
        took = self._runtime.monotonic() - began
        return answer(result, contact, took=took, now=self._runtime.wall(), story=story)

    def _judged(self, result: PhoneResult, contact: Contact, began: float, until: float, *, story: bool) -> Answer:
        """A result, unless nobody could be asked and there was time left to ask."""
        if self._runtime.monotonic() < until:
            refused = all_down(result, self._runtime.wall())
            if refused is not None:
                raise refused
        return self._answer(result, contact, began, story=story)

    # --- requests that nobody waits for -------------------------------------------------------------------------------

    async def _accept(
        self,
        account: Account,
        serving: Serving,
        contact: Contact,
        request_id: str,
        began: float,
        wait: float | None,
        *,
        refresh: bool,
    ) -> tuple[str, Answer]:
        name = await self._laters.name(request_id, serving, contact, refresh=refresh)
        until = began + (self.config.max_wait if wait is None else min(wait, self.config.max_wait))
        work = self._flights.result(account, serving, contact, until=until, refresh=refresh)
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(lambda done: done.cancelled() or done.exception())  # told to whoever asks for it
        self._laters.add(name, Later(account.tenant, contact, began, until, task))
        await asyncio.sleep(0)
        if task.done() and isinstance(error := task.exception(), Refusal):
            raise error  # refused at once: there is nothing to wait for
        return name, _pending(name, contact.record_id)

    async def _later(self, scope: Scope, name: str, began: float) -> Answer:
        """The outcome of a request that was answered 202."""
        account = await self._account(read_head(scope))
        story, _ = read_query(scope["query_string"], may_include=account.allow_attempts)
        seconds = await self.accounts.allow(account)
        if seconds is not None:
            raise too_many("rate_limited", "This key sends requests faster than it may.", seconds)
        later = self._laters.get(name, account.tenant)
        if later is not None:
            if not later.task.done():
                return _pending(name, later.contact.record_id)
            result = later.task.result()
            assert result is not None
            took_until = later.until if self._runtime.monotonic() < later.until else began
            return self._judged(result, later.contact, began, took_until, story=story)
        found = await self._laters.elsewhere(name, self._serving(account.tenant))
        if found is None or (found[0] is None and self._runtime.wall() > found[1] + self.config.max_wait):
            raise Refusal(404, "not_found", "There is no such request, or its outcome is no longer kept.")
        stored = found[0]
        if stored is None:
            return _pending(name, None)
        contact = Contact(
            record_id=stored.record_id,
            first_name=stored.first_name,
            last_name=stored.last_name,
            company=stored.company,
            email=stored.email,
            linkedin_id=stored.linkedin_id,
        )
        return self._answer(stored, contact, began, story=story)


def create_app(
    engine: AsyncEngine, accounts: Accounts, *, config: ServiceConfig | None = None, runtime: Runtime | None = None
) -> Service:
    """The service over an engine.

    Its lifespan opens the engine, unless it is open, and closes what it has opened. A host that mounts the app and so
    runs no lifespan of it opens the engine itself, and awaits `aclose()` of the app before it closes the engine.

    Args:
        engine: open or not yet.
        accounts: who knows the keys, the credits and the rates.
        config: deadlines, limits and prices; the defaults of `[service]` without one.
        runtime: clocks and randomness; only tests pass their own.
    """
    return Service(engine, accounts, config or ServiceConfig(), runtime or Runtime())


def _pending(name: str, record_id: str | None) -> Answer:
    headers = [JSON, (b"location", f"{ENDPOINT}/{name}".encode()), (b"retry-after", b"%d" % _AGAIN)]
    return 202, headers, encode({"success": True, "record_id": record_id, "request_id": name})


def _check_sufficient(contact: Contact) -> None:
    """400, naming what each method lacks, when no method is possible."""
    subject = Subject.of(contact)
    if subject.queries:
        return
    by_name = [field for field in ("first_name", "last_name") if getattr(subject, field) is None]
    if subject.company is None and subject.domain is None:
        by_name.append("company or domain")
    raise Refusal(
        400,
        "insufficient_data",
        "Send first_name, last_name and company or domain; or linkedin_id; or email.",
        {
            "missing": {"name": by_name, "linkedin": ["linkedin_id"], "email": ["email"]},
            "ignored": list(subject.ignored),
        },
    )


async def _disconnect(receive: Receive) -> None:
    """Return when the client has left; a server that fails to say more counts as that."""
    with contextlib.suppress(Exception):
        while (await receive())["type"] != "http.disconnect":
            pass


def _tell(request_id: str, error: Exception) -> None:
    """Log where it happened. The message of an error may hold a person, so it is not written unless it is ours."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    said = str(error) if isinstance(error, EnrichcoreError) and not isinstance(error, ValueError) else ""
    logging.getLogger("enrichcore").error(
        "enrichcore.request_failed request_id=%s error_class=%s at=%s:%s %s",
        request_id,
        type(error).__name__,
        where.filename.rpartition("/")[2],
        where.lineno,
        said,
    )
