"""The database, Redis and the queues."""

from __future__ import annotations

import dj_database_url

from vibe import env
from vibe.settings.state import DATA_DIR, NODE_NAME, RUN_DIR

DATABASE_URL = env.secret("DATABASE_URL", help="PostgreSQL address; empty means SQLite.")
if DATABASE_URL:
    DATABASES = {
        "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
    }
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "db.sqlite3"),
            # Threads are few and live long; opening the file costs more than most queries.
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;"
                ),
            },
            # A file, so that the threads and processes of a test see the same rows.
            "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
        }
    }

_external_redis = env.secret("REDIS_URL", help="External Redis or Valkey; empty means embedded.")
REDIS_SOCKET = None if _external_redis else RUN_DIR / "redis.sock"
REDIS_URL = _external_redis or f"unix://{REDIS_SOCKET}"
SANDBOX_QUEUE = f"sandboxes:{NODE_NAME}"
CHAT_QUEUE = "chat"
_RQ = {
    "URL": REDIS_URL,
    "SERIALIZER": "rq.serializers.JSONSerializer",
    "DEFAULT_TIMEOUT": 86_400,
    # redis-py 8 gives sockets five seconds by default, which ends blocking reads.
    "REDIS_CLIENT_KWARGS": {"socket_timeout": None, "max_connections": 10_000},
}
RQ_QUEUES = {SANDBOX_QUEUE: _RQ, CHAT_QUEUE: _RQ, "default": _RQ}
RQ = {"COMMIT_MODE": "on_db_commit"}
