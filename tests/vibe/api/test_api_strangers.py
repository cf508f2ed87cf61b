"""What belongs to somebody else is not there: every operation of every document is tried."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from chat.models import (
    Attachment,
    Check,
    Conversation,
    Problem,
    QueuedMessage,
    Skill,
    Summary,
    ToolServer,
    Turn,
    Version,
)
from chat.services.sharing import links
from sandboxes.models import Checkpoint, Command, Drive, PageVisit, Snapshot, Terminal
from sandboxes.vercel.application import api as vercel
from sandboxes.vercel.application import old_api
from tests.fixtures.models import make_model
from tests.fixtures.rows import make_command, make_sandbox, make_turn
from vibe.accounts.models import User
from vibe.accounts.services import api_keys
from vibe.native_api import api as native
from vibe.webhooks.services import endpoints

# Of the caller's own account; any name will do.
OWN = {
    ("get", "/vercel/v2/teams/{team}"),
    ("get", "/vercel/v2/projects/{project}"),
    ("post", "/vercel/v2/sandboxes/drives/{name}"),
}
# Bodies for which the schema alone does not say enough.
BODIES: dict[str, Any] = {
    "AskIn": {"message": "a"},
    "FilesIn": {"files": [{"path": "a", "content": "b"}]},
    "FileIn": {"path": "a", "content": "b"},
    "FileChangeIn": {"mode": 0o644},
    "ElementChangeIn": {"element": {"tag": "p"}, "text": "a"},
    "DirectEditIn": {"element": {"tag": "p"}, "text": "a", "version": "a"},
}
QUERY = {"path": "a", "query": "a", "q": "a", "snapshotId": "", "text": "a"}


@pytest.fixture
def ids(alice: User, settings: Any) -> dict[str, str]:
    """What stands for each parameter of a path: things of Alice's."""
    settings.WEBHOOK_PRIVATE = settings.MODELS_PRIVATE = True
    sandbox = make_sandbox(alice)
    command: Command = make_command(sandbox)
    turn: Turn = make_turn(Conversation.objects.create(owner=alice, title="Hers", model="demo"))
    checkpoint = Checkpoint.objects.create(sandbox=sandbox, node="local", status="made")
    version = Version.objects.create(
        conversation=turn.conversation, checkpoint=checkpoint, number=1
    )
    model = make_model(alice, "http://127.0.0.1:9/v1")
    return {
        "server_id": ToolServer.objects.create(
            owner=alice, name="Hers", slug="hers", url="http://127.0.0.1:9/"
        ).id,
        "provider_id": model.provider_id,
        "model_id": model.id,
        "queued_id": QueuedMessage.objects.create(
            conversation=turn.conversation, text="Hers", position=0
        ).id,
        "attachment_id": Attachment.objects.create(
            owner=alice, name="hers.txt", media_type=Attachment.TEXT, size=4
        ).id,
        "message_id": turn.messages.first().id,
        "version_id": version.id,
        "check_id": Check.objects.create(turn=turn, status="failed").id,
        "problem_id": Problem.objects.create(
            conversation=turn.conversation, kind="server", about="http", title="Hers"
        ).id,
        "summary_id": Summary.objects.create(
            conversation=turn.conversation, through=turn, steps=1, turns=1, text="Hers"
        ).id,
        "skill_id": Skill.objects.create(owner=alice, name="hers", description="Hers").id,
        "sandbox_id": sandbox.id,
        "name": sandbox.name,
        "session_id": sandbox.session_id or "",
        "port": "3000",
        "command_id": command.id,
        "snapshot_id": Snapshot.objects.create(owner=alice, sandbox=sandbox).id,
        # The protocol calls it `name`, too.
        "drive_id": Drive.objects.create(owner=alice, name=sandbox.name, max_size_bytes=1).id,
        "terminal_id": Terminal.objects.create(sandbox=sandbox, command=command, name="A").id,
        "conversation_id": turn.conversation_id,
        "share_id": links.create(turn.conversation, alice, expires_in=60)[0].id,
        "turn_id": turn.id,
        "picture_id": PageVisit.objects.create(sandbox=sandbox, port=3000, seconds=9).id,
        "key_id": api_keys.create(alice, "hers")[0].id,
        "webhook_id": endpoints.create(alice, "http://127.0.0.1:9/", []).id,
    }


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if "{" in path and (method, path) not in OWN:
                yield method, path, operation


def smallest(schema: dict[str, Any], named: dict[str, Any]) -> Any:
    """A value that the schema takes."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return BODIES.get(name) or smallest(named[name], named)
    for key in ("anyOf", "allOf", "oneOf"):
        if key in schema:
            return smallest(schema[key][0], named)
    if "examples" in schema:
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            needed = schema.get("required", [])
            return {name: smallest(schema["properties"][name], named) for name in needed}
        case "array":
            return [smallest(schema["items"], named)] * schema.get("minItems", 0)
        case "integer" | "number":
            return schema.get("minimum", 1)
    return "x" * schema.get("minLength", 1)


@pytest.mark.parametrize("which", ["native", "vercel", "vercel-v1"])
def test_a_stranger_finds_nothing_by_any_id(
    which: str, ids: dict[str, str], as_bob: Client
) -> None:
    of = {"native": native, "vercel": vercel, "vercel-v1": old_api}[which]
    document = json.loads(json.dumps(of.get_openapi_schema()))
    named, tried = document["components"]["schemas"], 0
    for method, path, operation in operations(document):
        address = re.sub(r"{(\w+)}", lambda found: ids[found[1]], path)
        wanted = [
            (one["name"], QUERY.get(one["name"], "a"))
            for one in operation.get("parameters", ())
            if one["in"] == "query" and one["required"]
        ]
        content = operation.get("requestBody", {}).get("content", {})
        body: Any = b"bytes"
        if "application/json" in content:
            body = json.dumps(smallest(content["application/json"]["schema"], named))
        answer = as_bob.generic(
            method.upper(), address, body, "application/json", query_params=dict(wanted)
        )
        assert answer.status_code == 404, (method, path, answer.status_code, answer.content)
        tried += 1
    assert tried > 10
