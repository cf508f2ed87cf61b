"""From a request to the first byte that a command prints."""

from __future__ import annotations

import http.client
import json
import os
import select
import sqlite3
import time
from contextlib import closing

import pytest

from sandboxes.engine import ExecSpec, SandboxSpec, levels
from tests.benchmarks import numbers, references
from tests.fixtures.platform import Client

pytestmark = pytest.mark.benchmark
ROUNDS = 60


class Http:
    """A client with a connection that stays open, as a program has."""

    def __init__(self, program: Client) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", program.platform.port)
        self.headers = {
            "Authorization": f"Bearer {program.key}",
            "Content-Type": "application/json",
        }

    def call(self, method: str, path: str, body=None):
        payload = None if body is None else json.dumps(body)
        self.connection.request(method, f"/api/v1/{path}", payload, self.headers)
        return json.loads(self.connection.getresponse().read())

    def run(self, sandbox: str) -> float:
        """Run `echo hi` and return the moment at which its first byte is here."""
        body = json.dumps({"command": "echo", "args": ["hi"]})
        self.connection.request("POST", f"/api/v1/sandboxes/{sandbox}/run", body, self.headers)
        answer = self.connection.getresponse()
        assert b'"command"' in answer.readline()
        assert b'"data"' in answer.readline()
        moment = time.perf_counter()
        answer.read()
        return moment


@pytest.fixture
def engine_sandbox(tmp_path_factory):
    """A sandbox without the platform around it."""
    engine = levels.choose(allow_unisolated=False, allow_reduced=False)
    top = tmp_path_factory.mktemp("engine")
    uid = 299_000 if os.geteuid() == 0 else None

    def start(name: str):
        run = top / "run"
        run.mkdir(exist_ok=True)
        return engine.start(SandboxSpec(name=name, root=top / name, run_dir=run, uid=uid))

    handles = [start("first")]
    yield engine, handles, start
    for handle in handles:
        engine.kill(handle)


def engine_first_byte(engine, handle, number: int) -> float:
    start = time.perf_counter()
    agent = engine.agent(handle)
    with agent.exec(ExecSpec(command=f"cmd{number}", argv=["echo", "hi"])) as running:
        select.select([running.stdout], [], [], 5)
        assert os.read(running.stdout, 10) == b"hi\n"
        took = time.perf_counter() - start
    agent.release(f"cmd{number}")
    return took


def test_a_command_in_a_running_sandbox(program: Client, engine_sandbox, table):
    engine, (handle,), _ = engine_sandbox
    http_client = Http(program)
    sandbox = http_client.call("POST", "sandboxes", {"wait": 30})["id"]
    while program("GET", f"sandboxes/{sandbox}")["status"] != "running":
        time.sleep(0.01)
    ours, bare = [], []
    for number in range(ROUNDS):
        start = time.perf_counter()
        ours.append(http_client.run(sandbox) - start)
        bare.append(engine_first_byte(engine, handle, number))
    table.times(numbers.FIRST_BYTE, "", ours, "in-sandbox fork", bare)
    if polled := references.node_polling(20):
        table.times("… beside Node, polled every 100 ms", "≤ 15 ms", ours, "child_process", polled)
    with references.container() as words:
        if words is None:
            table.add("… beside docker exec", "–", "≤ 15 ms", "no engine or image on this machine")
        else:
            others = [references.first_byte(words) for _ in range(20)]
            table.times("… beside docker exec", "≤ 15 ms", ours, words[0] + " exec", others)


def one_waits(program: Client) -> None:
    """Return when the node has a sandbox that was started ahead."""
    database = sqlite3.connect(f"file:{program.platform.data_dir}/db.sqlite3?mode=ro", uri=True)
    query = "select count(*) from sandboxes_warmsandbox where state = 'ready'"
    deadline = time.monotonic() + 30
    with closing(database):
        while not database.execute(query).fetchone()[0]:
            assert time.monotonic() < deadline, "no sandbox is started ahead"
            time.sleep(0.05)


def test_a_new_sandbox(program: Client, engine_sandbox, table):
    engine, _, start_sandbox = engine_sandbox
    http_client = Http(program)
    cold, warm, bare, alone = [], [], [], []
    # One that waits has the default size of /dev/shm, so this one is always started anew.
    for wishes, times in ([{"limits": {"memory_mb": 255}}, cold], [{}, warm]) * 12:
        one_waits(program)
        time.sleep(0.5)  # the node has stopped the one before it and filled its pool
        start = time.perf_counter()
        sandbox = http_client.call("POST", "sandboxes", wishes)["id"]
        times.append(http_client.run(sandbox) - start)
        http_client.call("POST", f"sandboxes/{sandbox}/stop")
    for number in range(12):
        start = time.perf_counter()
        handle = start_sandbox(f"new{number}")
        engine_first_byte(engine, handle, 1000 + number)
        bare.append(time.perf_counter() - start)
        engine.kill(handle)
        alone.append(references.first_byte(references.bubblewrap()))
    table.times(numbers.CREATE_COLD, "", cold, "bwrap alone", alone)
    table.times(numbers.CREATE_WARM, "", warm, "bwrap alone", alone)
    table.times("… the engine's part of a cold start", "≤ 60 ms", bare, "bwrap alone", alone)
