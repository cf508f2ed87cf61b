"""Sandboxes by name over the wire: made, listed, changed, stopped, resumed, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandboxes.vercel.conftest import LIFE, Program

pytestmark = pytest.mark.sandbox


def nulls(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in nulls(item, f"{path}.{key}")]
    if isinstance(value, list):
        return [found for item in value for found in nulls(item, path)]
    return [path] if value is None else []


def test_a_created_sandbox_runs_and_leaves_out_what_is_not_known(box: dict[str, Any]) -> None:
    sandbox, session, (route,) = box["sandbox"], box["session"], box["routes"]
    assert (sandbox["status"], session["status"]) == ("running", "running")
    assert sandbox["currentSessionId"] == session["id"]
    assert sandbox["timeout"] == session["timeout"] == LIFE
    assert sandbox["expiresAt"] - session["startedAt"] == LIFE
    assert (sandbox["tags"], sandbox["persistent"]) == ({"suite": "v"}, True)
    assert route["port"] == 3000 and route["subdomain"] in route["url"]
    assert nulls(box) == []


def test_a_name_is_taken_once(program: Program, box: dict[str, Any]) -> None:
    name = box["sandbox"]["name"]
    answer = program("POST", "/v2/sandboxes", {"name": name})
    assert (answer.status, answer.code) == (400, "bad_request")
    assert f"A sandbox with the name '{name}' already exists" in answer.json["error"]["message"]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "no spaces"},
        {"runtime": "node1"},
        {"image": "debian"},
        {"resources": {"vcpus": 3}},
        {"resources": {"vcpus": 2, "memory": 100}},
        {"ports": list(range(3000, 3016))},
        {"region": "moon1"},
        {"region": "iad1", "failoverRegions": ["iad1"]},
        {"tags": dict.fromkeys("abcdef", "x")},
        {"timeout": 0},
    ],
)
def test_what_cannot_be_is_refused(program: Program, body: dict[str, Any]) -> None:
    answer = program("POST", "/v3/sandboxes", body)
    assert (answer.status, answer.code) == (400, "bad_request")


def test_unknown_keys_and_bodies_that_are_missing_do_no_harm(program: Program) -> None:
    made = program.create(__interactive=True, somethingNew={"a": 1}, resources={"vcpus": 2})
    assert (made["session"]["vcpus"], made["session"]["memory"]) == (2, 4096)
    stopped = program("POST", f"/v2/sandboxes/sessions/{made['session']['id']}/stop")
    assert stopped.status == 200
    assert stopped.json["session"]["status"] == stopped.json["sandbox"]["status"] == "stopped"
    program("DELETE", f"/v2/sandboxes/{made['sandbox']['name']}")


def test_a_stopped_sandbox_resumes_with_its_files_in_a_new_session(program: Program) -> None:
    made = program.create(name="sleeper")
    session = made["session"]["id"]
    program.run(session, "sh", "-c", "echo kept > note")
    program("POST", f"/v2/sandboxes/sessions/{session}/stop")
    gone = program.run(session, "true")
    assert (gone.status, gone.code) == (410, "sandbox_stopped")
    asleep = program("GET", "/v2/sandboxes/sleeper?projectId=p").json
    assert (asleep["resumed"], asleep["session"]["id"]) == (False, session)
    awake = program("GET", "/v2/sandboxes/sleeper?projectId=p&resume=true").json
    assert (awake["resumed"], awake["session"]["status"]) == (True, "running")
    assert awake["session"]["id"] != session
    assert program.run(awake["session"]["id"], "cat", "note").records[1]["data"] == "kept\n"
    again = program("GET", "/v2/sandboxes/sleeper?resume=true").json
    assert (again["resumed"], again["session"]["id"]) == (False, awake["session"]["id"])
    both = program("GET", "/v2/sandboxes/sessions?name=sleeper&limit=1").json
    assert both["sessions"][0]["id"] == awake["session"]["id"]
    assert both["pagination"]["count"] == 1 and both["pagination"]["next"]
    assert program("DELETE", "/v2/sandboxes/sleeper").status == 200


def test_what_a_session_has_used_is_told_when_it_is_over(program: Program) -> None:
    made = program.create(name="counted")
    assert {"activeCpuDurationMs", "networkTransfer"}.isdisjoint(made["session"])
    assert made["sandbox"]["totalActiveCpuDurationMs"] == 0
    session = made["session"]["id"]
    burn = "import time\nwhile time.process_time() < 0.3: pass"
    program.run(session, "python3", "-c", burn)
    stopped = program("POST", f"/v2/sandboxes/sessions/{session}/stop").json
    assert 300 <= stopped["session"]["activeCpuDurationMs"] < 60_000
    assert stopped["session"]["networkTransfer"] == {"ingress": 0, "egress": 0}
    sandbox = stopped["sandbox"]
    assert sandbox["totalActiveCpuDurationMs"] == stopped["session"]["activeCpuDurationMs"]
    assert abs(sandbox["totalDurationMs"] - stopped["session"]["duration"]) <= 1
    assert (sandbox["totalIngressBytes"], sandbox["totalEgressBytes"]) == (0, 0)
    program("DELETE", "/v2/sandboxes/counted")


def test_files_of_tmp_are_there_after_a_stop_and_in_a_fork(program: Program) -> None:
    session = program.create(name="scratch")["session"]["id"]
    program.run(session, "sh", "-c", "echo kept > /tmp/note; mkdir /tmp/sub")
    program("POST", f"/v2/sandboxes/sessions/{session}/stop")
    again = program("GET", "/v2/sandboxes/scratch?resume=true").json["session"]["id"]
    copy = program("POST", "/v2/sandboxes/scratch/fork?projectId=p", {"name": "scratch2"}).json
    for one in (again, copy["session"]["id"]):
        said = program.run(one, "sh", "-c", "cat /tmp/note; test -d /tmp/sub && stat -c %a /tmp")
        text = "".join(line.get("data", "") for line in said.records)
        assert text == "kept\n1777\n"
    for name in ("scratch", "scratch2"):
        program("DELETE", f"/v2/sandboxes/{name}")


def test_what_is_not_persistent_begins_empty(program: Program) -> None:
    made = program.create(name="passing", persistent=False)
    program.run(made["session"]["id"], "touch", "note")
    program("POST", f"/v2/sandboxes/sessions/{made['session']['id']}/stop")
    awake = program("GET", "/v2/sandboxes/passing?resume=true").json
    (_, end) = program.run(awake["session"]["id"], "test", "!", "-e", "note").records
    assert end["command"]["exitCode"] == 0
    program("DELETE", "/v2/sandboxes/passing")


def test_a_patch_changes_what_it_names(program: Program, box: dict[str, Any]) -> None:
    made = program.create(name="changing", tags={"a": "1"})
    answer = program(
        "PATCH", "/v2/sandboxes/changing?projectId=p", {"timeout": 60_000, "ports": [8080]}
    )
    assert answer.json["sandbox"]["timeout"] == 60_000
    assert answer.json["sandbox"]["tags"] == {"a": "1"}
    assert [route["port"] for route in answer.json["routes"]] == [8080]
    now = program("GET", f"/v2/sandboxes/sessions/{made['session']['id']}").json
    assert now["session"]["timeout"] == 300_000
    assert "routes" not in program("PATCH", "/v2/sandboxes/changing", {"tags": {}}).json
    program("DELETE", "/v2/sandboxes/changing")


def test_time_is_given_in_full_or_refused(program: Program) -> None:
    made = program.create(name="longer", timeout=20_000)
    path = f"/v2/sandboxes/sessions/{made['session']['id']}/extend-timeout"
    assert program("POST", path, {"duration": 5_000}).json["session"]["timeout"] == 25_000
    refused = program("POST", path, {"duration": 86_400_000})
    assert (refused.status, refused.code) == (400, "sandbox_timeout_invalid")
    program("DELETE", "/v2/sandboxes/longer")


def test_lists_come_in_pages_and_by_tag(program: Program) -> None:
    names = [program.create(name=f"list-{n}", tags={"n": str(n)})["sandbox"]["name"] for n in "abc"]
    newest = program("GET", "/v2/sandboxes?limit=1&project=p").json
    assert newest["sandboxes"][0]["name"] == "list-c"
    seen: list[str] = []
    cursor = ""
    while True:
        path = f"/v2/sandboxes?limit=2&sortBy=name&sortOrder=asc&namePrefix=list-&cursor={cursor}"
        page = program("GET", path).json
        seen += [sandbox["name"] for sandbox in page["sandboxes"]]
        if page["pagination"]["next"] is None:
            break
        cursor = page["pagination"]["next"]
    assert seen == names
    (found,) = program("GET", "/v2/sandboxes?tags=n:b").json["sandboxes"]
    assert found["name"] == "list-b"
    assert program("GET", "/v2/sandboxes?cursor=nonsense").code == "bad_request"
    for name in names:
        program("DELETE", f"/v2/sandboxes/{name}")


def test_a_deleted_sandbox_is_gone(program: Program) -> None:
    made = program.create(name="leaving")
    last = program("DELETE", "/v2/sandboxes/leaving?projectId=p&deleteOrphanSnapshots=true")
    assert last.json["sandbox"]["status"] == "stopped"
    assert program("GET", "/v2/sandboxes/leaving").code == "not_found"
    assert program("GET", f"/v2/sandboxes/sessions/{made['session']['id']}").status == 404


def test_a_stranger_finds_nothing(stranger: Program, box: dict[str, Any]) -> None:
    name, session = box["sandbox"]["name"], box["session"]["id"]
    for method, path in (
        ("GET", f"/v2/sandboxes/{name}"),
        ("PATCH", f"/v2/sandboxes/{name}"),
        ("DELETE", f"/v2/sandboxes/{name}"),
        ("GET", f"/v2/sandboxes/sessions/{session}"),
        ("POST", f"/v2/sandboxes/sessions/{session}/stop"),
        ("GET", f"/v2/sandboxes/sessions/{session}/cmd"),
        ("GET", f"/v1/sandboxes/{session}"),
    ):
        answer = stranger(method, path, {})
        assert (answer.status, answer.code) == (404, "not_found"), path
    assert stranger.run(session, "id").status == 404
    assert stranger("GET", "/v2/sandboxes").json["sandboxes"] == []


def test_a_wrong_key_is_refused_in_the_clients_words(program: Program) -> None:
    answer = Program(program.port, "vibe_wrong")("GET", "/v2/sandboxes")
    assert (answer.status, answer.code) == (401, "forbidden")
    assert Program(program.port, "")("GET", "/api/v2/sandboxes").status == 401
