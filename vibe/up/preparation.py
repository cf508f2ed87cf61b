"""What `up` asks of the platform itself before and after it starts the processes (blocking).

Imports models: to be imported only after `django.setup()`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from sandboxes.engine import Level
from vibe.health.views import WORKERS
from vibe.jobs.heartbeat import heartbeat_key
from vibe.loopback import is_loopback
from vibe.streams.redis import sync_client
from vibe.up.instance import CannotStart


def check_redis() -> None:
    """Raise CannotStart unless the external server of REDIS_URL, if there is one, answers."""
    if settings.REDIS_SOCKET is not None:
        return
    try:
        client = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=3, socket_connect_timeout=3
        )
        client.ping()
    except (redis.RedisError, ValueError, OSError) as error:
        place = urlsplit(settings.REDIS_URL)
        raise CannotStart(
            f"Redis at {place.hostname or place.path} does not answer ({type(error).__name__}). "
            "Start it or correct REDIS_URL; without REDIS_URL Vibe runs its own."
        ) from None


def migrate(say: Callable[[str], None]) -> None:
    """Bring the database's schema up to date. Raises CannotStart when it does not answer."""
    # WhiteNoise warns of a directory that is not there, although it serves from the apps here.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            say(f"Updating the database: {len(plan)} migrations")
            call_command("migrate", interactive=False, verbosity=0)
    except OperationalError as error:
        raise CannotStart(
            f"The database cannot be used: {str(error).strip()}\n"
            "Check DATABASE_URL, or the rights and the free space of the data directory "
            f"({settings.DATA_DIR})."
        ) from None
    finally:
        connection.close()


def isolation(host: str) -> list[str]:
    """Sentences to show about the isolation of sandboxes.

    Raises CannotStart where others than this machine can reach `host` and it is not full.
    """
    from sandboxes.host import isolation as service
    from vibe.refusal import Refusal

    try:
        service.check(host)
    except Refusal as error:
        if is_loopback(host) or settings.ALLOW_UNISOLATED:
            return [line for line in (error.message, error.hint) if line]
        raise CannotStart(
            f"{error.message} {error.hint}\nOther machines could reach {host}, so Vibe does not "
            "start."
        ) from None
    else:
        state = service.current()
        return (
            []
            if state.level is Level.FULL
            else [line for line in (state.sentence, state.hint) if line]
        )
    finally:
        connection.close()


def forget_heartbeats() -> None:
    """Drop the heartbeats of the last run, which the next workers would be taken for."""
    sync_client().delete(*(heartbeat_key(kind, settings.NODE_NAME) for kind in WORKERS))


def worker_is_alive(kind: str) -> bool:
    try:
        return bool(sync_client().exists(heartbeat_key(kind, settings.NODE_NAME)))
    except redis.RedisError:
        return False


def first_link(base_url: str) -> str | None:
    """The one-time sign-in link while no administrator has ever signed in, else None."""
    from vibe.accounts.services.sign_in import first_link as make

    try:
        return make(base_url)
    finally:
        connection.close()


def stop_sandboxes() -> None:
    """End every running sandbox of this machine; Ctrl-C leaves nothing running."""
    from sandboxes.node.reconcile import stop_all

    try:
        stop_all(reason="host_restarted")
    finally:
        connection.close()
