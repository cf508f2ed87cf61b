"""Web, two workers and a job write one SQLite file: none finds it locked."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fixtures.length import SECONDS
from tests.fixtures.platform import Client, Platform

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

FLOOD = "import time\nend = time.time() + {seconds}\nwhile time.time() < end: print('x' * 200)"


def test_the_database_is_never_locked(platform: Platform, program: Client):
    sandbox = program("POST", "sandboxes", {})["id"]
    while program("GET", f"sandboxes/{sandbox}")["status"] != "running":
        time.sleep(0.05)
    said_before = len(platform.lines)
    end = time.monotonic() + SECONDS

    def command(*words: str) -> str:
        body = {"command": words[0], "args": list(words[1:])}
        return program("POST", f"sandboxes/{sandbox}/commands", body)["id"]

    def short_commands() -> int:
        done = 0
        while time.monotonic() < end:
            command("echo", "hello")
            done += 1
        return done

    def turns() -> int:
        done = 0
        while time.monotonic() < end:
            chat = program("POST", "conversations", {})["id"]
            turn = program("POST", f"conversations/{chat}/turns", {"message": "Hello"})["id"]
            while program("GET", f"turns/{turn}")["status"] in ("queued", "running"):
                time.sleep(0.05)
            done += 1
        return done

    # The sandbox worker stores a flood, the chat worker its turns, the web process what is asked.
    floods = [command("python3", "-c", FLOOD.format(seconds=SECONDS)) for _ in range(2)]
    with ThreadPoolExecutor(5) as pool:
        commands = [pool.submit(short_commands) for _ in range(2)]
        chats = [pool.submit(turns) for _ in range(2)]
        counts = sum(job.result() for job in commands), sum(job.result() for job in chats)
    for flood in floods:
        program("POST", f"commands/{flood}/stop")
    sizes = [program("GET", f"commands/{flood}?wait=5")["log_size"] for flood in floods]
    locked = [line for line in platform.lines[said_before:] if "locked" in line]
    print(f"\n{SECONDS} s: {counts[0]} commands, {counts[1]} chat turns, "
          f"{sum(sizes) / 1e6:.0f} MB of output; locked {len(locked)} times")  # fmt: skip
    assert locked == []
    assert min(counts) > 0
