"""What one user has left in the database and in Redis, counted by kind."""

from __future__ import annotations

import json
from dataclasses import dataclass

from tests.fixtures.platform import Platform, children_of, command_line

COUNT = """
import json
from django.apps import apps
from django.conf import settings
from sandboxes.models import SandboxEvent
from sandboxes.node import row_retention
from vibe.api import idempotency
from vibe.streams.redis import sync_client
from vibe.webhooks.services import deliveries

# As the worker does every few minutes: what is left then is what stays.
row_retention.enforce()
deliveries.forget_beyond(settings.ROWS_PER_USER)
idempotency.forget_old()
redis = sync_client()
kinds, longest = {}, 0
for key in redis.scan_iter(count=1000):
    name = key.decode() if isinstance(key, bytes) else key
    kinds[name.split(":")[0]] = kinds.get(name.split(":")[0], 0) + 1
    if redis.type(key) in (b"stream", "stream"):
        longest = max(longest, redis.xlen(key))
events = SandboxEvent.objects.order_by()
print("LEFT", json.dumps({
    "rows": {m._meta.db_table: m._default_manager.count()
             for m in apps.get_models() if m._meta.managed},
    "events": max((events.filter(sandbox=pk).count()
                   for pk in events.values_list("sandbox", flat=True).distinct()), default=0),
    "keys": kinds,
    "stream": longest,
    "memory": redis.info("memory")["used_memory"],
    "most": {name: getattr(settings, name) for name in (
        "SANDBOXES_KEPT_PER_USER", "COMMANDS_PER_USER", "ROWS_PER_USER", "SNAPSHOTS_PER_USER",
        "DRIVES_PER_USER", "CONVERSATIONS_PER_USER", "TURNS_PER_CONVERSATION",
        "WEBHOOK_MESSAGES_PER_USER", "BROWSERS_PER_USER")},
}))
"""
# The hostile user, his neighbour and the administrator.
USERS = 3
# What each may have, for a bound that so short a time can reach.
FEW = {
    "VIBE_ROWS_PER_USER": "100",
    "VIBE_COMMANDS_PER_USER": "400",
    "VIBE_SANDBOXES_KEPT_PER_USER": "20",
    "VIBE_SNAPSHOTS_PER_USER": "10",
    "VIBE_DRIVES_PER_USER": "5",
    "VIBE_TURNS_PER_CONVERSATION": "5",
    "VIBE_BROWSERS_PER_USER": "5",
}
# Rows that come while they are counted.
MEANWHILE = 100


@dataclass(frozen=True)
class Left:
    """`rows` of each table, `events` of one sandbox, Redis' `keys` by the first part of their name,
    entries of the longest `stream`, bytes of Redis' `memory`; `most`: the settings of quotas."""

    rows: dict[str, int]
    events: int
    keys: dict[str, int]
    stream: int
    memory: int
    most: dict[str, int]

    def beyond(self) -> dict[str, tuple[int, int]]:
        """Tables with more rows than their users may own: (rows, at most)."""
        allowed = rows_allowed(self.most)
        return {
            table: (count, allowed.get(table, 0))
            for table, count in self.rows.items()
            if count > allowed.get(table, 0)
        }


def rows_allowed(most: dict[str, int]) -> dict[str, int]:
    """Of each table, how many rows USERS users may own. A table that is missing may have none."""
    kept, rows = most["SANDBOXES_KEPT_PER_USER"], most["ROWS_PER_USER"]
    browsers = most["BROWSERS_PER_USER"]
    # Deleted ones stay as a tenth of the other rows.
    deleted = rows // 10
    commands = rows + most["COMMANDS_PER_USER"]
    turns = most["CONVERSATIONS_PER_USER"] * most["TURNS_PER_CONVERSATION"]
    each = {
        "accounts_user": 1,
        "accounts_apikey": 200,
        "accounts_signinlink": 3,
        "accounts_signedinbrowser": browsers,
        "django_session": browsers,
        "api_idempotentrequest": 0,
        "sandboxes_sandbox": kept + deleted,
        # Ended ones, those of commands, the first and the latest.
        "sandboxes_sandboxsession": rows + commands + 2 * kept,
        "sandboxes_command": commands,
        "sandboxes_terminal": 0,
        "sandboxes_sandboxevent": rows + MEANWHILE,
        "sandboxes_logchunk": 4 * commands,
        "sandboxes_snapshot": most["SNAPSHOTS_PER_USER"] + deleted,
        "sandboxes_drive": most["DRIVES_PER_USER"] + deleted,
        "webhooks_webhook": 20,
        # What has been settled stays for a while, what waits is held to its quota.
        "webhooks_webhookdelivery": rows + most["WEBHOOK_MESSAGES_PER_USER"],
        "chat_conversation": most["CONVERSATIONS_PER_USER"],
        "chat_turn": turns,
        "chat_message": 2 * turns,
        "chat_part": 10 * turns,
    }
    platform = {
        "auth_permission": 500,
        "django_content_type": 100,
        "sandboxes_warmsandbox": 10,
        "sandboxes_isolationconsent": 10,
    }
    return {table: USERS * count for table, count in each.items()} | platform


def left_by(platform: Platform) -> Left:
    told = platform.manage("shell", "-c", COUNT).rpartition("LEFT ")[2]
    return Left(**json.loads(told))


def processes_of(platform: Platform) -> dict[str, int]:
    """Pid of each process that serves users, by what it is; the proxy once it runs."""
    parts = {"web": "daphne", "sandboxes": "worker sandboxes", "chat": "worker chat"}
    found = {name: platform.child(part) for name, part in parts.items()}
    found["valkey"] = platform.child("valkey-server")
    for pid in children_of(found["sandboxes"]):
        if "egress" in command_line(pid):
            found["proxy"] = pid
    return found
