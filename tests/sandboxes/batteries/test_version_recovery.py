"""`kill -9` of the sandbox worker in the middle of a restore."""

from __future__ import annotations

import os
import random
import signal
import threading

import pytest

from tests.fixtures.length import length
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = pytest.mark.battery

FILES = 300
ROUNDS = int(os.environ.get("VIBE_TEST_RESTORES") or length(4, 6))
FILL = (
    "import os, sys\nword = sys.argv[1]\n"
    f"for n in range({FILES}):\n"
    "    os.makedirs(f'd{n % 9}', exist_ok=True)\n"
    "    open(f'd{n % 9}/f{n}', 'w').write(word * (n + 1))\n"
)
HASH = "find . -type f | sort | xargs sha256sum | sha256sum"
TURN_SECONDS = 90.0


def test_restores_survive_the_death_of_the_worker(platform: Platform, program: Client):
    sandbox_of = Talk(program)
    recorded = {}
    for word in ("old", "new"):
        sandbox_of.run("python3", "-c", FILL, word)
        version = sandbox_of.turn("Run `true`")
        recorded[version] = sandbox_of.hashed()
    dice = random.Random(5)
    for number in range(ROUNDS):
        wanted = list(recorded)[number % 2]
        worker = platform.child("worker sandboxes")
        killer = threading.Timer(dice.uniform(0.02, 0.5), os.kill, (worker, signal.SIGKILL))
        killer.start()
        made = program("POST", f"versions/{wanted}/restore", {})
        killer.join()

        def replaced(worker=worker):
            running = platform.children().items()
            return any(pid != worker and "worker sandboxes" in line for pid, line in running)

        until(replaced)
        platform.until_ready()

        def settled(made=made):
            now = program("GET", f"versions/{made['id']}")
            return now if now["status"] != "requested" else None

        assert until(settled)["status"] == "made"
        assert sandbox_of.hashed() == recorded[wanted]


class Talk:
    """A conversation with the demo model and its sandbox."""

    def __init__(self, program: Client) -> None:
        self.program = program
        self.id = program("POST", "conversations", {"model": "demo"})["id"]
        self.turn("Create a sandbox")

    def turn(self, message: str) -> str:
        """The newest version after a turn."""
        turn = self.program("POST", f"conversations/{self.id}/turns", {"message": message})

        def ended():
            found = self.program("GET", f"turns/{turn['id']}")
            return found["status"] not in ("queued", "running", "waiting")

        until(ended, patience=TURN_SECONDS)
        return self.program("GET", f"conversations/{self.id}/versions")["items"][0]["id"]

    def run(self, command: str, *args: str) -> str:
        sandbox = self.program("GET", f"conversations/{self.id}")["sandbox_id"]
        asked = {"command": command, "args": list(args), "wait": 60}
        made = self.program("POST", f"sandboxes/{sandbox}/commands", asked)
        return self.program.log(made["id"])

    def hashed(self) -> str:
        return self.run("sh", "-c", HASH)
