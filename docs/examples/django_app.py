"""Django in one file: the same engine, asked by a sync and by an async view.

Run it with `gunicorn django_app:wsgi` or `uvicorn django_app:asgi`. In a project, the engine goes into a module of its
own, and the views import it.
"""

import asyncio

from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import path

from enrichcore import Engine

engine = Engine(config="enrichcore.toml")  # opens at its first call, so in each process that the server forks


def phone(request: HttpRequest) -> JsonResponse:
    """A sync view. The engine may be asked from many threads at once."""
    result = engine.enrich_phone({"email": request.GET["email"]}, deadline=10)
    return JsonResponse({"status": result.status, "phone": result.phone})


async def phone_async(request: HttpRequest) -> JsonResponse:
    """An async view. A thread waits, the loop does not; if the client leaves, what is paid for is still stored."""
    result = await asyncio.to_thread(engine.enrich_phone, {"email": request.GET["email"]}, deadline=10)
    return JsonResponse({"status": result.status, "phone": result.phone})


urlpatterns = [path("phone", phone), path("phone-async", phone_async)]

settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["localhost", "127.0.0.1"])
wsgi, asgi = get_wsgi_application(), get_asgi_application()
