"""FastAPI: an endpoint of your own, and the whole service beside it, over one engine.

Run it with `uvicorn fastapi_app:make_app --factory`.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from enrichcore import AsyncEngine
from enrichcore.config import load_config
from enrichcore.service.accounts import StoreAccounts
from enrichcore.service.app import create_app


def make_app() -> FastAPI:
    """An app for each process."""
    config = load_config("enrichcore.toml", env=os.environ)
    engine = AsyncEngine(config=config)
    service = create_app(engine, StoreAccounts(engine), config=config.service)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with engine:  # a mounted app has no lifespan: the host opens the engine
            try:
                yield
            finally:
                await service.aclose()  # calls under way end and are paid for, then the engine closes

    async def phone(email: str) -> dict[str, str | None]:
        result = await engine.enrich_phone({"email": email}, deadline=10)
        return {"status": result.status.value, "phone": result.phone}

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/phone", phone)
    app.mount("/enrich", service)  # POST /enrich/v1/enrich/phone, with keys, credits and limits
    return app
