"""`POST /v1/hooks/{provider}`: where a vendor says that a job has ended. No key of ours is asked for.

What is wrong with an event is said to whoever sends it, and nobody else: of what comes in here nothing is logged.
"""

from typing import Final
from urllib.parse import parse_qsl

from enrichcore.engine.core import AsyncEngine
from enrichcore.engine.webhooks import PATH, token_of
from enrichcore.service.refusal import JSON, Headers, Refusal, encode, invalid_request
from enrichcore.service.request import MAX_QUERY, Receive, Scope, read_body

HOOKS: Final = PATH
MAX_EVENT: Final = 1024 * 1024
"""Bytes of an event, which may hold a hundred people."""


async def hear(engine: AsyncEngine, provider: str, scope: Scope, receive: Receive) -> tuple[int, Headers, bytes]:
    """Take an event. The answer is the same whether the job is known or not, and comes before anything is done.

    Raises:
        Refusal: nobody of that name is told of jobs, the event is not the vendor's, or it cannot be read.
        Gone: the vendor left.
    """
    door = engine.webhook(provider)
    if door is None:
        raise Refusal(404, "not_found", "There is nothing here.")
    query = scope["query_string"]
    if len(query) > MAX_QUERY or not door.opens(token_of(parse_qsl(query.decode("latin-1"), keep_blank_values=True))):
        raise _unsigned()
    body = await read_body(receive, MAX_EVENT)
    if not door.believes(scope["headers"], body):
        raise _unsigned()
    if not door.take(body):
        raise invalid_request("The event cannot be read.")
    return 200, [JSON], encode({"success": True})


def _unsigned() -> Refusal:
    return Refusal(
        401,
        "unauthorized",
        "The event carries neither the token of its address nor a valid signature.",
        headers=((b"www-authenticate", b"Webhook"),),
    )
