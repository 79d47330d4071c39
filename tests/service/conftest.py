"""The app in process and in virtual time: accounts in memory, a client, and a check of every answer.

Each answer is compared with the OpenAPI description that the service serves, whatever else a test looks at.
"""

import contextlib
import json
import re
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

import attrs
import httpx
import pytest

from enrichcore.config import ServiceConfig
from enrichcore.service.account import Account
from enrichcore.service.app import Service, create_app
from enrichcore.store.memory import Tables
from tests.engine.conftest import EMAIL, PHONE, Lab

OPENAPI: dict[str, Any] = json.loads((files("enrichcore.service") / "openapi.json").read_text("utf-8"))
ENDPOINT = "/v1/enrich/phone"
ADA = {"record_id": "1", "email": EMAIL}
NINE = [
    "success", "record_id", "first_name", "last_name", "company", "email", "linkedin_id", "phone",
    "processing_time_ms",
]  # fmt: skip


class MemoryAccounts:
    """Accounts in a dictionary: credits by tenant, None for any number, and what was reserved and spent."""

    def __init__(self) -> None:
        self.keys = {
            "acme-key": Account("acme", "acme"),
            "acme-wide": Account("wide", "acme", allow_attempts=True),
            "globex-key": Account("globex", "globex"),
            "narrow-key": Account("narrow", "narrow", concurrency=2),
        }
        self.credits: dict[str, int | None] = {}
        self.spent: dict[str, int] = {}
        self.reserved = 0
        self.wait: float | None = None
        self.asked: list[str] = []

    async def find(self, token: str) -> Account | None:
        self.asked.append(token)
        return self.keys.get(token)

    async def reserve(self, account: Account, credits: int) -> int | None:
        left = self.credits.get(account.tenant)
        if left is not None and left < credits:
            return left
        if left is not None:
            self.credits[account.tenant] = left - credits
        self.reserved += credits
        return None

    async def settle(self, account: Account, credits: int, *, spent: int) -> None:
        self.reserved -= credits
        self.spent[account.tenant] = self.spent.get(account.tenant, 0) + spent
        left = self.credits.get(account.tenant)
        if left is not None:
            self.credits[account.tenant] = left + credits - spent

    async def allow(self, account: Account) -> float | None:
        return self.wait

    async def remaining(self, account: Account) -> int | None:
        return self.credits.get(account.tenant)


class Client:
    """Asks the app and checks each answer against the description."""

    def __init__(self, app: Service, accounts: MemoryAccounts) -> None:
        self.app = app
        self.accounts = accounts
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://service.example")
        self.seen: set[tuple[str, int]] = set()

    async def send(self, method: str, url: str, **options: Any) -> httpx.Response:
        return conforming(await self.http.request(method, url, **options))

    async def post(
        self, body: Any = None, *, key: str | None = "acme-key", query: str = "", **headers: str
    ) -> httpx.Response:
        """Post a body: bytes as they are, anything else as JSON; by default Ada."""
        sent = {"Content-Type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key}"
        content = body if isinstance(body, bytes) else json.dumps(ADA if body is None else body).encode()
        return await self.send("POST", ENDPOINT + query, content=content, headers=sent)

    async def get(self, url: str, *, key: str | None = None) -> httpx.Response:
        return await self.send("GET", url, headers={} if key is None else {"Authorization": f"Bearer {key}"})


def conforming(answer: httpx.Response) -> httpx.Response:
    """The answer, if it is as the description says: status, headers and body."""
    method, path = answer.request.method, answer.request.url.path
    described = OPENAPI["paths"].get(path) or (
        OPENAPI["paths"][ENDPOINT + "/{request_id}"] if path.startswith(ENDPOINT + "/") else None
    )
    assert re.fullmatch(r"[0-9a-f]{28}(-[ar][0-9a-f]{48})?", answer.headers["X-Request-ID"])
    assert answer.headers["Cache-Control"] == "no-store"
    if answer.status_code == 405 or described is None:
        check(answer.json(), {"$ref": "#/components/schemas/Error"})
        return answer
    told = described[method.lower()]["responses"][str(answer.status_code)]
    for name, said in told["headers"].items():
        header = OPENAPI["components"]["headers"][said["$ref"].rsplit("/")[-1]] if "$ref" in said else said
        assert name in answer.headers or not header.get("required"), name
        if name in answer.headers:
            value: Any = answer.headers[name]
            check(int(value) if header["schema"]["type"] == "integer" else value, header["schema"])
    [(media, content)] = told["content"].items()
    assert answer.headers["Content-Type"].partition(";")[0] == media
    if media == "application/json":
        check(answer.json(), content["schema"])
    return answer


KINDS: dict[str, Any] = {
    "string": str, "integer": int, "boolean": bool, "object": dict, "array": list, "null": type(None),
}  # fmt: skip


def check(value: Any, schema: dict[str, Any], where: str = "body") -> None:
    """Raise unless the value is what the schema says: the part of JSON Schema that the description uses."""
    if "$ref" in schema:
        schema = OPENAPI["components"]["schemas"][schema["$ref"].rsplit("/")[-1]]
    if "type" in schema:
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        fits = any(isinstance(value, KINDS[kind]) for kind in kinds)
        assert fits, f"{where}: {value!r} is no {kinds}"
        assert not isinstance(value, bool) or "boolean" in kinds, where
    assert "const" not in schema or value == schema["const"], where
    assert "enum" not in schema or value in schema["enum"], f"{where}: {value!r}"
    assert "minimum" not in schema or value is None or value >= schema["minimum"], where
    if isinstance(value, str) and "pattern" in schema:
        assert re.search(schema["pattern"], value), f"{where}: {value!r}"
    if isinstance(value, dict):
        assert set(schema.get("required", ())) <= value.keys(), where
        if schema.get("additionalProperties") is False:
            assert value.keys() <= schema["properties"].keys(), where
        for name, part in schema.get("properties", {}).items():
            if name in value:
                check(value[name], part, f"{where}.{name}")
    if isinstance(value, list):
        assert len(value) >= schema.get("minItems", 0), where
        for item in value:
            check(item, schema.get("items", {}), f"{where}[]")


class House(Lab):
    """A laboratory with a service in it."""

    NINE = NINE
    ADA_BODY = ADA

    def __init__(self) -> None:
        super().__init__()
        self.accounts = MemoryAccounts()

    @contextlib.asynccontextmanager
    async def open(self, *providers: Any, engine: dict[str, Any] | None = None, **config: Any) -> AsyncIterator[Client]:
        """The service over these providers, alive."""
        made = self.engine(*(providers or [self.by_email({EMAIL: PHONE})]), **(engine or {}))
        app = create_app(made, self.accounts, config=ServiceConfig(**config), runtime=self.runtime)
        async with app.lifespan():
            client = Client(app, self.accounts)
            yield client
            await client.http.aclose()

    def ask(
        self, body: Any = None, *providers: Any, config: dict[str, Any] | None = None, **sent: Any
    ) -> httpx.Response:
        """The answer to one post, by a service of its own over the journal of this test."""

        async def work() -> httpx.Response:
            async with self.open(*providers, **(config or {})) as client:
                return await client.post(body, **sent)

        return self.play(work)

    def again(self) -> None:
        """Forget the journal."""
        self.tables = Tables()

    def evolve(self, key: str, **facts: Any) -> None:
        """Change what a key may do."""
        self.accounts.keys[key] = attrs.evolve(self.accounts.keys[key], **facts)


@pytest.fixture
def house() -> House:
    """A service with an empty journal, two tenants and credits without end."""
    return House()
