"""`kill -9` of each process during a running command and a running turn; Redis gone for a while."""

from __future__ import annotations

import os
import signal
import time

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = pytest.mark.slow

LINES = 40
SCRIPT = f"for i in $(seq 1 {LINES}); do echo line $i; sleep 0.1; done"
TRUTH = "".join(f"line {i}\n" for i in range(1, LINES + 1))
RUN = {"command": "bash", "args": ["-c", SCRIPT]}
PROCESSES = {
    "web": "daphne",
    "sandbox worker": "worker sandboxes",
    "chat worker": "worker chat",
    "valkey": "valkey-server",
}


@pytest.fixture(scope="module")
def sandbox(program: Client) -> str:
    sandbox_id = program("POST", "sandboxes", {"name": "recovery"})["id"]
    until(lambda: program("GET", f"sandboxes/{sandbox_id}")["status"] == "running")
    return sandbox_id


@pytest.mark.parametrize("name", PROCESSES)
def test_a_running_command_and_turn_survive_the_death_of(
    platform: Platform, program: Client, sandbox: str, name: str
):
    command = program("POST", f"sandboxes/{sandbox}/commands", RUN)
    conversation = program("POST", "conversations", {"model": "demo"})["id"]
    message = "Run `for i in 1 2 3 4 5 6; do echo $i; sleep 0.5; done`"
    turn = program("POST", f"conversations/{conversation}/turns", {"message": message})["id"]
    until(lambda: program("GET", f"commands/{command['id']}")["status"] == "running")
    until(lambda: program("GET", f"turns/{turn}")["status"] == "running")
    until(lambda: "line 5\n" in program.log(command["id"]))

    victim = platform.child(PROCESSES[name])
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in platform.children())
    platform.until_ready()

    done = until(
        lambda: (c := program("GET", f"commands/{command['id']}"))["status"] == "finished" and c
    )
    assert (done["cause"], done["exit_code"]) == ("exited", 0)
    assert program.log(command["id"]) == TRUTH
    ended = until(
        lambda: (t := program("GET", f"turns/{turn}"))["status"] in ("completed", "failed") and t
    )
    if ended["status"] == "failed":  # then it says why, and can be tried again
        assert ended["error"]["title"]
        again = program("POST", f"turns/{turn}/retry")["id"]
        until(lambda: program("GET", f"turns/{again}")["status"] == "completed")
    assert program("GET", f"conversations/{conversation}")["messages"]


def test_nothing_is_lost_while_redis_hangs_for_ten_seconds(platform, program, sandbox):
    command = program("POST", f"sandboxes/{sandbox}/commands", RUN)
    until(lambda: "line 5\n" in program.log(command["id"]))
    valkey = platform.child("valkey-server")
    os.kill(valkey, signal.SIGSTOP)
    try:
        time.sleep(10)
    finally:
        os.kill(valkey, signal.SIGCONT)
    platform.until_ready()
    until(lambda: program("GET", f"commands/{command['id']}")["status"] == "finished")
    assert program.log(command["id"]) == TRUTH
