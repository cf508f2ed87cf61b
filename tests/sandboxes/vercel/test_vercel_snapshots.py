"""Snapshots, copies, standard input, network policy and sources over the wire."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until
from tests.sandboxes.vercel.conftest import Program

pytestmark = pytest.mark.sandbox


def snapshot_of(program: Program, session: str, **body: Any) -> dict[str, Any]:
    answer = program("POST", f"/v2/sandboxes/sessions/{session}/snapshot", body or None)
    assert answer.status == 201, answer.body
    return answer.json


def test_a_snapshot_ends_the_session_and_starts_other_sandboxes(program: Program) -> None:
    made = program.create(name="origin")
    session = made["session"]["id"]
    program.run(session, "sh", "-c", "echo kept > note")
    answer = snapshot_of(program, session, expiration=0)
    snapshot = answer["snapshot"]
    assert (answer["session"]["status"], snapshot["status"]) == ("stopped", "created")
    assert snapshot["sourceSessionId"] == session and "expiresAt" not in snapshot
    again = program("GET", "/v2/sandboxes/origin?resume=true").json
    assert again["sandbox"]["currentSnapshotId"] == snapshot["id"]
    second = snapshot_of(program, again["session"]["id"])["snapshot"]
    assert second["parentId"] == snapshot["id"] and second["expiresAt"]

    source = {"type": "snapshot", "snapshotId": snapshot["id"]}
    copy = program.create(source=source)
    assert copy["session"]["sourceSnapshotId"] == snapshot["id"]
    assert program.run(copy["session"]["id"], "cat", "note").records[1]["data"] == "kept\n"

    path = f"/v2/sandboxes/snapshots/tree?snapshotId={second['id']}&project=p"
    tree = program("GET", path).json
    assert [node["snapshot"]["id"] for node in tree["snapshots"]] == [snapshot["id"]]
    assert tree["anchor"]["count"] == "0" and tree["pagination"]["next"] is None

    deleted = program("DELETE", f"/v2/sandboxes/snapshots/{snapshot['id']}").json["snapshot"]
    assert deleted["status"] == "deleted"
    listed = program("GET", "/v2/sandboxes/snapshots?name=origin").json["snapshots"]
    assert {one["id"]: one["status"] for one in listed}[snapshot["id"]] == "deleted"
    refused = program("POST", "/v3/sandboxes", {"source": source})
    assert (refused.status, refused.code) == (410, "snapshot_not_found")
    for name in ("origin", copy["sandbox"]["name"]):
        program("DELETE", f"/v2/sandboxes/{name}?deleteOrphanSnapshots=true")


def test_the_stop_of_a_persistent_sandbox_makes_a_snapshot_and_keeps_the_last(
    program: Program,
) -> None:
    rule = {"count": 1, "expiration": 86_400_000}
    made = program.create(name="saved", keepLastSnapshots=rule, snapshotExpiration=86_400_000)
    assert made["sandbox"]["keepLastSnapshots"] == {**rule, "deleteEvicted": True}
    ids = []
    for _ in range(2):
        session = program("GET", "/v2/sandboxes/saved?resume=true").json["session"]["id"]
        stopped = program("POST", f"/v2/sandboxes/sessions/{session}/stop").json
        ids.append(stopped["snapshot"]["id"])
        assert stopped["sandbox"]["currentSnapshotId"] == ids[-1]
    states = program("GET", "/v2/sandboxes/snapshots?name=saved").json["snapshots"]
    assert [one["status"] for one in states] == ["created", "deleted"]
    cleared = program("PATCH", "/v2/sandboxes/saved", {"keepLastSnapshots": None}).json
    assert "keepLastSnapshots" not in cleared["sandbox"]
    program("DELETE", "/v2/sandboxes/saved?deleteOrphanSnapshots=true")


def test_a_fork_has_the_files_and_settings_and_its_own_overrides(program: Program) -> None:
    env = {"A": "1"}
    made = program.create(name="source", tags={"t": "1"}, env=env, ports=[3000], timeout=60_000)
    program.run(made["session"]["id"], "sh", "-c", "echo kept > note")
    stopped = program("POST", f"/v2/sandboxes/sessions/{made['session']['id']}/stop").json
    body = {"name": "copy", "timeout": 90_000}
    copy = program("POST", "/v2/sandboxes/source/fork?projectId=p", body).json
    assert copy["session"]["sourceSnapshotId"] == stopped["sandbox"]["currentSnapshotId"]
    assert (copy["sandbox"]["tags"], copy["sandbox"]["timeout"]) == ({"t": "1"}, 90_000)
    assert copy["routes"][0]["port"] == 3000
    said = program.run(copy["session"]["id"], "sh", "-c", "cat note; echo $A").records
    assert "".join(line.get("data", "") for line in said) == "kept\n1\n"
    assert program("POST", "/v2/sandboxes/source/fork", {"name": "copy"}).code == "bad_request"
    for name in ("source", "copy"):
        program("DELETE", f"/v2/sandboxes/{name}")


def note_of(program: Program, copy: dict[str, Any]) -> str:
    said = program.run(copy["session"]["id"], "sh", "-c", "cat note || echo none").records
    return "".join(line["data"] for line in said if line.get("stream") == "stdout").strip()


def fork_of(program: Program, name: str) -> dict[str, Any]:
    answer = program("POST", f"/v2/sandboxes/{name}/fork?projectId=p", {})
    assert answer.status == 200, answer.body
    return answer.json


def remove(program: Program, *names: str) -> None:
    for name in names:
        program("DELETE", f"/v2/sandboxes/{name}?deleteOrphanSnapshots=true")


def test_a_fork_of_a_running_sandbox_has_the_files_of_its_current_snapshot(
    program: Program,
) -> None:
    session = program.create(name="runs")["session"]["id"]
    program.run(session, "sh", "-c", "echo saved > note")
    snapshot = snapshot_of(program, session)["snapshot"]
    session = program("GET", "/v2/sandboxes/runs?resume=true").json["session"]["id"]
    program.run(session, "sh", "-c", "echo live > note")
    copy = fork_of(program, "runs")
    assert note_of(program, copy) == "saved"
    assert copy["session"]["sourceSnapshotId"] == snapshot["id"]
    program("DELETE", f"/v2/sandboxes/snapshots/{snapshot['id']}")
    refused = program("POST", "/v2/sandboxes/runs/fork?projectId=p", {})
    assert (refused.status, refused.code) == (410, "snapshot_not_found")
    remove(program, "runs", copy["sandbox"]["name"])


def test_a_fork_of_a_sandbox_that_was_never_saved_begins_as_a_new_one(program: Program) -> None:
    session = program.create(name="unsaved")["session"]["id"]
    program.run(session, "sh", "-c", "echo live > note")
    copy = fork_of(program, "unsaved")
    assert note_of(program, copy) == "none"
    assert "sourceSnapshotId" not in copy["session"]
    remove(program, "unsaved", copy["sandbox"]["name"])


@pytest.mark.parametrize(("query", "status"), [
    ("", "deleted"), ("?deleteOrphanSnapshots=true", "deleted"),
    ("?deleteOrphanSnapshots=false", "created"),
])  # fmt: skip
def test_the_snapshot_of_a_stop_ends_with_its_sandbox_unless_asked(
    program: Program, query: str, status: str
) -> None:
    session = program.create(name="passing")["session"]["id"]
    stopped = program("POST", f"/v2/sandboxes/sessions/{session}/stop").json
    path = f"/v2/sandboxes/snapshots/{stopped['snapshot']['id']}"
    assert program("GET", path).json["snapshot"]["creationMethod"] == "auto"
    program("DELETE", f"/v2/sandboxes/passing{query}")

    def now() -> str:
        return program("GET", path).json["snapshot"]["status"]

    until(lambda: now() == status, now)
    program("DELETE", path)


def test_a_sandbox_whose_snapshot_was_deleted_is_to_be_made_anew(program: Program) -> None:
    session = program.create(name="again")["session"]["id"]
    program.run(session, "sh", "-c", "echo old > note")
    stopped = program("POST", f"/v2/sandboxes/sessions/{session}/stop").json
    program("DELETE", f"/v2/sandboxes/snapshots/{stopped['snapshot']['id']}")
    refused = program("GET", "/v2/sandboxes/again?resume=true")
    assert (refused.status, refused.code) == (410, "snapshot_not_found")
    assert program("GET", "/v2/sandboxes/again").status == 200
    remove(program, "again")
    assert note_of(program, program.create(name="again")) == "none"
    remove(program, "again")


def test_files_that_no_snapshot_holds_are_there_though_an_older_one_is_gone(
    program: Program, platform: Platform
) -> None:
    session = program.create(name="newer")["session"]["id"]
    snapshot = snapshot_of(program, session)["snapshot"]
    again = program("GET", "/v2/sandboxes/newer?resume=true").json
    program.run(again["session"]["id"], "sh", "-c", "echo newer > note")
    Client(platform, program.key)("POST", "sandboxes/newer/stop")  # which makes no snapshot
    program("DELETE", f"/v2/sandboxes/snapshots/{snapshot['id']}")
    copy = fork_of(program, "newer")
    assert note_of(program, copy) == "newer"
    assert note_of(program, program("GET", "/v2/sandboxes/newer?resume=true").json) == "newer"
    remove(program, "newer", copy["sandbox"]["name"])


def test_input_is_taken_once_however_often_it_is_sent(program: Program, session: str) -> None:
    path = f"/v2/sandboxes/sessions/{session}/cmd"
    body = {"command": "cat", "attachStdin": True}
    command = program("POST", path, body).json["command"]["id"]
    stdin = f"{path}/{command}/stdin"
    assert program("POST", stdin, {}).json["bytesWritten"] == 0
    piece = {"data": b64encode(b"hello\0\n").decode(), "offset": 0}
    for _ in range(2):
        assert program("POST", stdin, piece).json["bytesWritten"] == 7
    assert program("POST", stdin, {**piece, "offset": 9}).status == 409
    assert program("POST", stdin, {"offset": 7, "close": True}).json["bytesWritten"] == 7
    end = program("GET", f"{path}/{command}?wait=true").json["command"]
    assert end["exitCode"] == 0
    assert program("GET", f"{path}/{command}/logs").records == [
        {"stream": "stdout", "data": "hello\0\n"}
    ]
    plain = program("POST", path, {"command": "sleep", "args": ["5"]}).json["command"]["id"]
    refused = program("POST", f"{path}/{plain}/stdin", {})
    assert (refused.status, refused.code) == (400, "command_stdin_unavailable")


def test_a_network_policy_is_read_back_in_the_clients_form(program: Program) -> None:
    rules = {
        "api.test.example": [
            {"transform": [{"headers": {"X-Later": "1", "Authorization": "secret"}}]}
        ]
    }
    made = program.create(name="netted", networkPolicy={"mode": "deny-all"})
    assert made["session"]["networkPolicy"] == {"mode": "deny-all"}
    path = f"/v2/sandboxes/sessions/{made['session']['id']}/network-policy"
    live = program("POST", path, {"allow": rules, "subnets": {"deny": ["10.0.0.0/8"]}})
    policy = live.json["session"]["networkPolicy"]
    assert policy["mode"] == "custom" and policy["deniedCIDRs"] == ["10.0.0.0/8"]
    assert policy["injectionRules"][0]["headerNames"] == ["X-Later", "Authorization"]
    assert b"secret" not in live.body
    later = program("PATCH", "/v2/sandboxes/netted", {"networkPolicy": {"mode": "allow-all"}})
    assert later.json["sandbox"]["networkPolicy"] == {"mode": "allow-all"}
    assert program("POST", path, {"allow": 7}).code == "bad_request"
    program("DELETE", "/v2/sandboxes/netted")


def test_a_source_that_cannot_be_fetched_leaves_no_sandbox(program: Program) -> None:
    body = {"name": "fetched", "source": {"type": "git", "url": "file:///no/such/repository"}}
    answer = program("POST", "/v3/sandboxes", body)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert "could not be fetched" in answer.json["error"]["message"]
    assert program("GET", "/v2/sandboxes/fetched").status == 404
    assert program("POST", "/v3/sandboxes", {"source": {"type": "git"}}).status == 400
