"""The pages around the endpoint: health, readiness, the description in OpenAPI and its rendering for people."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.resources import files
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from enrichcore.service.html import policy, text
from enrichcore.service.refusal import JSON, Refusal, encode

Json = dict[str, Any]
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.4rem;"
    "border-bottom:1px solid #767676}code{font-size:.95em;overflow-wrap:anywhere}"
)
CSP = policy(_STYLE)


class Host(Protocol):
    """What the pages ask of the service."""

    ready: bool

    @property
    def engine(self) -> Any:
        """The engine, which knows whether it is open."""

    def new_id(self) -> str:
        """An id for one request."""


def pages(host: Host, lifespan: Callable[[Any], AbstractAsyncContextManager[None]]) -> Starlette:
    """Everything but the endpoint, and the lifespan."""
    description = (files("enrichcore.service") / "openapi.json").read_bytes()
    page = _page(json.loads(description)).encode()

    async def health(_: Request) -> Response:
        return _json(200, {"status": "alive"}, host)

    async def readiness(_: Request) -> Response:
        ready = host.ready and host.engine.is_open
        return _json(200 if ready else 503, {"status": "ready" if ready else "not_ready"}, host)

    async def openapi(_: Request) -> Response:
        return Response(description, media_type="application/json", headers=_headers(host))

    async def docs(_: Request) -> Response:
        headers = {"Content-Security-Policy": CSP, "Referrer-Policy": "no-referrer"}
        return Response(page, media_type="text/html", headers=_headers(host) | headers)

    async def nothing(_: Request) -> Response:
        raise HTTPException(404)  # the service itself answers what belongs here

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        known = {404: ("not_found", "There is nothing here."), 405: ("method_not_allowed", "Use another method.")}
        code, said = known.get(error.status_code, ("invalid_request", "The request cannot be read."))
        headers = [(name.lower().encode(), value.encode()) for name, value in (error.headers or {}).items()]
        request_id = host.new_id()
        status, given, body = Refusal(error.status_code, code, said, headers=headers).answer(request_id)
        shown = {name.decode(): value.decode() for name, value in given}
        return Response(body, status_code=status, headers=shown | _headers(host, request_id))

    app = Starlette(
        routes=[
            Route("/healthz", health),
            Route("/readyz", readiness),
            Route("/openapi.json", openapi),
            Route("/docs", docs),
            Route("/v1/enrich/phone", nothing, methods=["POST"]),
            Route("/v1/enrich/phone/{request_id:path}", nothing, methods=["GET"]),
            Route("/v1/hooks/{provider}", nothing, methods=["POST"]),
        ],
        exception_handlers={HTTPException: refused},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False  # another path is another path
    return app


def _headers(host: Host, request_id: str | None = None) -> dict[str, str]:
    return {
        "X-Request-ID": request_id or host.new_id(),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }


def _json(status: int, body: Json, host: Host) -> Response:
    return Response(encode(body), status_code=status, media_type=JSON[1].decode(), headers=_headers(host))


# --- the description for people -----------------------------------------------------------------------------------


def _page(description: Json) -> str:
    """The whole description as one page that needs nothing else."""
    info = description["info"]
    parts = [f"<h1>{text(info['title'])} {text(info['version'])}</h1>", f"<p>{text(info['description'])}</p>"]
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            parts.append(f"<h2><code>{method.upper()} {text(path)}</code></h2><p>{text(operation['summary'])}</p>")
            rows = [(p["name"], p["in"], p["description"]) for p in operation.get("parameters", ())]
            if rows:
                parts.append(_table(("parameter", "where", "what it does"), rows))
            answers = [(status, "", said["description"]) for status, said in operation["responses"].items()]
            parts.append(_table(("status", "", "when"), answers))
    for name, schema in description["components"]["schemas"].items():
        fields = [(n, _kind(f), f.get("description", "")) for n, f in schema.get("properties", {}).items()]
        parts.append(f"<h2>{text(name)}</h2><p>{text(schema['description'])}</p>")
        parts.append(_table(("field", "type", "meaning"), fields))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{text(info["title"])}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f"<body><main>{''.join(parts)}</main></body></html>"
    )


def _table(heads: tuple[str, str, str], rows: list[tuple[str, str, str]]) -> str:
    head = "".join(f'<th scope="col">{text(cell)}</th>' for cell in heads)
    body = "".join(f"<tr><td><code>{text(a)}</code></td><td>{text(b)}</td><td>{text(c)}</td></tr>" for a, b, c in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _kind(field: Json) -> str:
    kind = field.get("type", "any")
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
