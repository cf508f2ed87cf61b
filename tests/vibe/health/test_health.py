from __future__ import annotations

import asyncio
import time

import pytest
from django.conf import settings
from django.test import AsyncClient
from pytest_django.fixtures import Settings

from vibe.health import views as health
from vibe.jobs.heartbeat import heartbeat_key
from vibe.streams.redis import sync_client

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def client() -> AsyncClient:
    return AsyncClient(headers={"host": "localhost"})


def beat(*kinds: str) -> None:
    for kind in kinds:
        sync_client().set(heartbeat_key(kind, settings.NODE_NAME), "1", ex=15)


async def test_healthz_answers_without_database_and_redis(client: AsyncClient) -> None:
    response = await client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


async def test_readyz_is_200_when_everything_answers(client: AsyncClient) -> None:
    beat("sandboxes", "chat")

    response = await client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "database": True,
        "redis": True,
        "workers": {"sandboxes": True, "chat": True},
    }


async def test_readyz_is_503_and_names_the_worker_that_is_missing(client: AsyncClient) -> None:
    beat("sandboxes")

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["workers"] == {"sandboxes": True, "chat": False}


async def test_readyz_is_503_when_redis_does_not_answer(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "unix:///nonexistent/redis.sock")

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json() == {
        "database": True,
        "redis": False,
        "workers": {"sandboxes": False, "chat": False},
    }


async def test_readyz_gives_up_on_a_database_that_hangs(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs() -> bool:
        await asyncio.sleep(60)
        return True

    monkeypatch.setattr(health, "_database", hangs)
    monkeypatch.setattr(health, "TIMEOUT", 0.2)
    began = time.monotonic()

    response = await client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["database"] is False
    assert time.monotonic() - began < 5


async def test_metrics_count_rows_by_status(client: AsyncClient) -> None:
    from chat.models import Conversation, Turn
    from vibe.accounts.models import User

    owner = await User.objects.acreate(username="alice")
    conversation = await Conversation.objects.acreate(owner=owner)
    for status in ("completed", "completed", "failed"):
        await Turn.objects.acreate(conversation=conversation, status=status)

    text = (await client.get("/metrics")).content.decode()

    assert 'vibe_turns{status="completed"} 2.0' in text
    assert 'vibe_turns{status="failed"} 1.0' in text
    assert "process_resident_memory_bytes" in text


async def test_metrics_are_not_for_other_machines(client: AsyncClient) -> None:
    response = await client.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})

    assert response.status_code == 401


async def test_metrics_open_to_the_token(client: AsyncClient, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-long-token"

    refused = await client.get("/metrics", headers={"authorization": "Bearer wrong"})
    allowed = await client.get("/metrics", headers={"authorization": "Bearer a-long-token"})

    assert (refused.status_code, allowed.status_code) == (401, 200)
