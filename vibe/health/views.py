"""/healthz, /readyz and /metrics: for `up`, load balancers and Prometheus. No sign-in."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from vibe.data.database import in_thread
from vibe.health.metrics import exposition
from vibe.jobs.heartbeat import heartbeat_key
from vibe.loopback import is_loopback
from vibe.streams.redis import async_client

log = logging.getLogger(__name__)

TIMEOUT = 2.0
WORKERS = ("sandboxes", "chat")


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; asks nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
async def readyz(request: HttpRequest) -> JsonResponse:
    """200 when the database, Redis and both workers answer; else 503 with what does not."""
    database, workers = await asyncio.gather(_within(_database, False), _within(_workers, None))
    state = {
        "database": database,
        "redis": workers is not None,
        "workers": workers or dict.fromkeys(WORKERS, False),
    }
    ready = database and workers is not None and all(workers.values())
    return JsonResponse(state, status=200 if ready else 503)


async def _within(check: Callable[[], Awaitable[Any]], otherwise: Any) -> Any:
    """What `check` returns, or `otherwise` when it fails or takes longer than TIMEOUT seconds."""
    try:
        return await asyncio.wait_for(check(), TIMEOUT)
    except Exception as error:
        # The cause goes to the log and not to whoever asks: it may hold addresses and passwords.
        log.warning("%s: %s", check.__name__.strip("_"), type(error).__name__)
        return otherwise


def _ask_database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


async def _database() -> bool:
    return await in_thread(_ask_database)


async def _workers() -> dict[str, bool]:
    keys = [heartbeat_key(kind, settings.NODE_NAME) for kind in WORKERS]
    async with async_client() as client:
        found = await client.mget(keys)
    return {kind: value is not None for kind, value in zip(WORKERS, found, strict=True)}


@never_cache
@require_safe
async def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text: this process, and how many rows are in which state.

    Open to this machine and to whoever shows VIBE_METRICS_TOKEN as a bearer token.
    """
    if not _may_read_metrics(request):
        return HttpResponse("Show the token of VIBE_METRICS_TOKEN.\n", status=401)
    try:
        text = await asyncio.wait_for(in_thread(exposition), TIMEOUT * 5)
    except Exception:
        log.exception("metrics")
        return HttpResponse("The database does not answer.\n", status=503)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return constant_time_compare(shown, settings.METRICS_TOKEN)
    # A proxy in front makes everybody local, and says so by one of these headers or a setting.
    local = is_loopback(request.META.get("REMOTE_ADDR") or "")
    proxied = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    return local and not proxied and settings.TRUSTED_PROXIES <= 0


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
]
