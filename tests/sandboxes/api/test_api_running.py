"""The road through a worker and an engine: run, wait, follow, stop, ports."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import AsyncClient, Client

from sandboxes.host import isolation
from sandboxes.models import Command, Sandbox
from sandboxes.services import commands
from tests.fixtures.streamed import content_of
from tests.fixtures.waiting import until
from vibe.accounts.models import User
from vibe.accounts.services import api_keys

pytestmark = pytest.mark.sandbox
JSON = "application/json"


def run(client: Client, sandbox: Sandbox, line: str, **more: Any) -> dict[str, Any]:
    body = {"command": "sh", "args": ["-c", line]} | more
    url = f"/api/v1/sandboxes/{sandbox.id}/commands"
    response = client.post(url, body, content_type=JSON)
    assert response.status_code == 201, response.content
    return response.json()


def test_create_with_wait_answers_when_the_sandbox_runs(
    owner: User, sandbox_worker: None, as_owner: Client
) -> None:
    response = as_owner.post("/api/v1/sandboxes", {"wait": 30}, content_type=JSON)
    assert response.status_code == 201
    assert response.json()["status"] == "running"
    assert response.json()["session"]["isolation"] == isolation.current().level


def test_run_with_wait_answers_how_it_ended(as_owner: Client, sandbox: Sandbox) -> None:
    command = run(as_owner, sandbox, "echo out; echo $X >&2; exit 3", env={"X": "err"}, wait=20)
    assert (command["status"], command["cause"], command["exit_code"]) == ("finished", "exited", 3)
    response = as_owner.get(f"/api/v1/commands/{command['id']}/logs")
    found = [json.loads(line) for line in content_of(response).splitlines()]
    assert sorted((line["stream"], line["data"]) for line in found) == [
        ("stderr", "err\n"),
        ("stdout", "out\n"),
    ]
    assert command["log_size"] == 8


def test_run_answers_with_the_command_its_output_and_its_end(
    as_owner: Client, sandbox: Sandbox
) -> None:
    body = {"command": "sh", "args": ["-c", "echo out; echo err >&2; exit 3"]}
    response = as_owner.post(f"/api/v1/sandboxes/{sandbox.id}/run", body, content_type=JSON)
    first, *middle, end = [json.loads(line) for line in content_of(response).splitlines()]
    assert Command.objects.get(pk=first["command"]["id"]).sandbox_id == sandbox.id
    assert sorted(line["data"] for line in middle) == ["err\n", "out\n"]
    assert (end["end"], end["exit_code"]) == (True, 3)


def test_a_stopped_command_says_who_ended_it(as_owner: Client, sandbox: Sandbox) -> None:
    command = run(as_owner, sandbox, "sleep 100", background=True)
    as_owner.post(f"/api/v1/commands/{command['id']}/stop")
    response = as_owner.get(f"/api/v1/commands/{command['id']}/logs?follow=1")
    end = json.loads(content_of(response).splitlines()[-1])
    assert (end["end"], end["status"], end["cause"]) == (True, "finished", "killed")


def test_a_listening_port_is_listed_with_its_address(as_owner: Client, sandbox: Sandbox) -> None:
    run(as_owner, sandbox, "exec python3 -m http.server 3000", background=True)
    url = f"/api/v1/sandboxes/{sandbox.id}/ports"
    (item,) = until(lambda: as_owner.get(url).json()["items"], "a port")
    assert (item["port"], item["listening"]) == (3000, True)
    assert f"3000-{sandbox.id}." in item["url"]


async def test_output_arrives_while_the_command_runs(
    owner: User, sandbox: Sandbox, as_owner: Client
) -> None:
    """The command waits for a file that is written only after its first line has arrived."""
    from asgiref.sync import sync_to_async

    line = "printf 'caf\\303'; printf '\\251\\n'; until [ -e go ]; do sleep 0.02; done; echo gone"
    command = await sync_to_async(run)(as_owner, sandbox, line, timeout=30)
    _, key = await sync_to_async(api_keys.create)(owner)
    client, headers = AsyncClient(), {"authorization": f"Bearer {key}"}
    url = f"/api/v1/commands/{command['id']}/logs?follow=1"
    response = await client.get(url, headers=headers)
    text, end = "", None
    async for chunk in response:
        found = json.loads(chunk)
        end = found if "end" in found else end
        text += found.get("data", "")
        if text == "café\n":
            row = await Command.objects.aget(pk=command["id"])
            assert not row.is_finished
            url = f"/api/v1/sandboxes/{sandbox.id}/files"
            body = json.dumps([{"path": "go", "content": ""}])
            written = await client.put(url, body, content_type=JSON, headers=headers)
            assert written.status_code == 200
    assert text == "café\ngone\n"
    assert end is not None and end["exit_code"] == 0


def test_a_signal_reaches_a_command(sandbox: Sandbox, as_owner: Client) -> None:
    script = "trap 'exit 3' USR1; touch ready; while :; do sleep 0.1; done"
    command = run(as_owner, sandbox, script)
    ready = run(as_owner, sandbox, "until [ -e ready ]; do sleep 0.1; done", wait=30)
    assert ready["exit_code"] == 0
    url = f"/api/v1/commands/{command['id']}"
    assert as_owner.post(f"{url}/signal", {"signal": 10}, content_type=JSON).status_code == 200
    ended = commands.wait(Command.objects.get(pk=command["id"]), 30)
    assert ended.exit_code == 3
