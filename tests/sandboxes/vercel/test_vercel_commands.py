"""Commands and files over the wire."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Any

import pytest

from tests.sandboxes.vercel.conftest import Program

pytestmark = pytest.mark.sandbox
GZIP = {"Content-Type": "application/gzip"}


def of(session: str, rest: str) -> str:
    return f"/v2/sandboxes/sessions/{session}/{rest}"


def archive(**files: tuple[bytes, int]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, (content, mode) in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue())


def test_a_blocking_run_is_a_stream_of_records(program: Program, session: str) -> None:
    answer = program.run(session, "sh", "-c", "echo out $BASE $OVER; exit 3", env={"OVER": "cmd"})
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    first, line, last = answer.records
    assert first["command"]["exitCode"] is None and first["command"]["sessionId"] == session
    assert line == {"stream": "stdout", "data": "out box cmd\n"}
    assert (last["command"]["id"], last["command"]["exitCode"]) == (first["command"]["id"], 3)
    assert last["command"]["durationMs"] >= 0 and answer.body.endswith(b"\n")


def test_without_logs_no_output_is_sent(program: Program, session: str) -> None:
    answer = program.run(session, "echo", "out", logs=False)
    assert [list(record) for record in answer.records] == [["command"], ["command"]]


def test_output_arrives_while_the_command_runs(program: Program, session: str) -> None:
    line = "echo begun; until [ -e go ]; do sleep 0.05; done; rm go; echo gone"
    body = {"command": "sh", "args": ["-c", line], "wait": True, "logs": True}
    connection, response = program.open("POST", of(session, "cmd"), body)
    assert "exitCode" in json.loads(response.readline())["command"]
    assert json.loads(response.readline())["data"] == "begun\n"
    program.run(session, "touch", "go")
    assert json.loads(response.readline())["data"] == "gone\n"
    assert json.loads(response.readline())["command"]["exitCode"] == 0
    connection.close()


def test_a_log_is_replayed_the_same_and_holds_every_character(
    program: Program, session: str
) -> None:
    line = r"printf 'caf\303'; sleep 0.1; printf '\251\0\377 end'"
    started = program("POST", of(session, "cmd"), {"command": "bash", "args": ["-c", line]})
    command = started.json["command"]
    assert command["exitCode"] is None
    path = of(session, f"cmd/{command['id']}/logs")
    texts = {"".join(record["data"] for record in program("GET", path).records) for _ in range(3)}
    assert texts == {"café\0� end"}
    found = program("GET", of(session, f"cmd/{command['id']}?wait=true")).json["command"]
    assert found["exitCode"] == 0
    listed = program("GET", of(session, "cmd")).json["commands"]
    assert command["id"] == listed[0]["id"]


def test_a_wait_lasts_until_the_signal_and_tells_it(program: Program, session: str) -> None:
    for number, code in ((2, 130), (15, 143), (9, 137)):
        command = program("POST", of(session, "cmd"), {"command": "sleep", "args": ["60"]}).json
        identifier = command["command"]["id"]
        program("POST", of(session, f"cmd/{identifier}/kill"), {"signal": number})
        ended = program("GET", of(session, f"cmd/{identifier}?wait=true")).json
        assert ended["command"]["exitCode"] == code


def test_a_command_out_of_time_counts_as_killed(program: Program, session: str) -> None:
    last = program.run(session, "sleep", "60", timeout=300).records[-1]["command"]
    assert last["exitCode"] == 137 and last["durationMs"] < 20_000


def test_a_timeout_is_a_kill_on_time_of_all_that_was_started(
    program: Program, session: str
) -> None:
    deaf = (
        "trap '' TERM; setsid sh -c \"trap '' TERM; exec sleep 4711\" & while :; do sleep 1; done"
    )
    last = program.run(session, "bash", "-c", deaf, timeout=700).records[-1]["command"]
    assert last["exitCode"] == 137 and last["durationMs"] < 3_000
    assert (
        program.run(session, "pgrep", "-f", "sleep 471[1]").records[-1]["command"]["exitCode"] == 1
    )


def test_a_client_that_waits_hears_of_the_kill_though_the_session_is_stopped(
    program: Program,
) -> None:
    for number, code in ((15, 143), (9, 137)):
        made = program.create(name=f"killed-{number}")
        session = made["session"]["id"]
        body = {"command": "bash", "args": ["-c", "echo up; exec sleep 60"], "wait": True}
        connection, response = program.open("POST", of(session, "cmd"), {**body, "logs": True})
        identifier = json.loads(response.readline())["command"]["id"]
        response.readline()
        program("POST", of(session, f"cmd/{identifier}/kill"), {"signal": number})
        program("POST", of(session, "stop"))
        assert json.loads(response.readline())["command"]["exitCode"] == code
        connection.close()
        program("DELETE", f"/v2/sandboxes/killed-{number}")


@pytest.mark.parametrize("wait", [True, False])
def test_a_missing_program_is_an_error(program: Program, session: str, wait: bool) -> None:
    answer = program.run(session, "no-such-program", wait=wait)
    assert (answer.status, answer.code) == (400, "executable_not_found")


def test_the_end_of_the_session_breaks_a_stream_off_in_words(program: Program) -> None:
    made = program.create(name="ending")
    session = made["session"]["id"]
    body = {"command": "sleep", "args": ["60"], "wait": True, "logs": True}
    connection, response = program.open("POST", of(session, "cmd"), body)
    response.readline()
    program("POST", of(session, "stop"))
    assert json.loads(response.readline())["data"]["code"] == "sandbox_stopped"
    connection.close()
    program("DELETE", "/v2/sandboxes/ending")


def test_files_go_in_by_a_chunked_tar_and_come_out_raw(program: Program, session: str) -> None:
    content = bytes(range(256)) * 5000
    packed = archive(
        **{"vercel/sandbox/a/b.bin": (content, 0o644), "tmp/run": (b"#!/bin/sh", 0o755)}
    )
    pieces = iter([packed[:1000], packed[1000:]])
    headers = {**GZIP, "x-cwd": "/", "Transfer-Encoding": "chunked"}
    written = program("POST", of(session, "fs/write"), pieces, headers=headers)
    assert (written.status, written.json) == (200, {})
    back = program("POST", of(session, "fs/read"), {"path": "b.bin", "cwd": "a"})
    assert back.headers["Content-Type"] == "application/octet-stream"
    assert back.body == content
    mode = program.run(session, "stat", "-c", "%a", "/tmp/run").records[1]
    assert mode["data"] == "755\n"


def test_what_cannot_be_read_or_written_is_told(program: Program, session: str) -> None:
    missing = program("POST", of(session, "fs/read"), {"path": "nothing"})
    assert (missing.status, missing.code) == (404, "not_found")
    directory = program("POST", of(session, "fs/read"), {"path": "/tmp"})
    assert (directory.status, directory.code) == (400, "file_error")
    broken = program("POST", of(session, "fs/write"), b"no gzip", headers={**GZIP, "x-cwd": "/"})
    assert (broken.status, broken.code) == (400, "file_error")


@pytest.mark.parametrize("name", ["", "/", "./", "tmp/."])
def test_a_file_that_would_be_a_directory_is_refused(
    program: Program, session: str, name: str
) -> None:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w:gz") as tar:
        info = tarfile.TarInfo(name)
        info.size = 4
        tar.addfile(info, io.BytesIO(b"lost"))
    headers = {**GZIP, "x-cwd": "/"}
    written = program("POST", of(session, "fs/write"), data.getvalue(), headers=headers)
    assert (written.status, written.code) == (400, "file_error")
    assert "directory" in written.json["error"]["message"]


def test_directories_are_made_with_and_without_parents(program: Program, session: str) -> None:
    path = of(session, "fs/mkdir")
    assert program("POST", path, {"path": "x/y/z"}).json == {}
    assert program("POST", path, {"path": "x/y/z"}).json == {}
    alone = program("POST", path, {"path": "no/parent", "recursive": False})
    assert (alone.status, alone.code) == (400, "file_error")
    assert "No such file or directory" in alone.json["error"]["message"]


def test_the_first_version_calls_a_session_a_sandbox(program: Program) -> None:
    made = program("POST", "/v1/sandboxes", {"timeout": 60_000}).json
    assert made["sandbox"]["id"].startswith("sbx_") and "session" not in made
    session = made["sandbox"]["id"]
    body: dict[str, Any] = {"command": "sleep", "args": ["60"]}
    command = program("POST", f"/v1/sandboxes/{session}/cmd", body).json["command"]
    assert command["sandboxId"] == session
    program("POST", f"/v1/sandboxes/{session}/{command['id']}/kill", {"signal": 9})
    ended = program("GET", f"/v1/sandboxes/{session}/cmd/{command['id']}?wait=true").json
    assert ended["command"]["exitCode"] == 137
    page = program("GET", "/v1/sandboxes?limit=1&project=p").json
    assert page["sandboxes"][0]["id"] == session and page["pagination"]["prev"] is None
    stopped = program("POST", f"/v1/sandboxes/{session}/stop").json
    assert stopped["sandbox"]["status"] == "stopped"
