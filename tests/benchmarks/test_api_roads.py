"""What a program waits for over the API: a sandbox, a command, files, a long log.

Beside each, the same with a container where an engine answers, else with a plain process, file or
pipe of this machine, which nothing that isolates can reach.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks import references
from tests.fixtures.platform import Client

pytestmark = pytest.mark.benchmark
MB = 1 << 20
LINES = 100_000


class Http:
    """A program with a connection that stays open."""

    def __init__(self, program: Client) -> None:
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", program.platform.port, timeout=300
        )
        self.headers = {"Authorization": f"Bearer {program.key}"}

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        raw = isinstance(body, bytes)
        kind = "application/octet-stream" if raw else "application/json"
        sent = body if raw or body is None else json.dumps(body)
        self.connection.request(
            method, f"/api/v1/{path}", sent, {**self.headers, "Content-Type": kind}
        )
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content[:500]
        return content


@pytest.fixture
def api(program: Client) -> Http:
    return Http(program)


@pytest.fixture
def box(api: Http) -> Iterator[str]:
    made = json.loads(api.call("POST", "sandboxes", {"wait": 60}))
    yield made["id"]
    api.call("DELETE", f"sandboxes/{made['id']}")


@pytest.fixture
def words() -> Iterator[list[str] | None]:
    with references.container() as found:
        yield found


def taken(work: Callable[[], Any], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return times


def shell(*argv: str, stdin: bytes | None = None) -> bytes:
    return subprocess.run(argv, input=stdin, capture_output=True, check=True, timeout=300).stdout


def test_create_and_echo(api: Http, box: str, words: list[str] | None, table: Any) -> None:
    made: list[str] = []

    def create() -> None:
        made.append(json.loads(api.call("POST", "sandboxes", {"wait": 60}))["id"])

    ours = taken(create, 10)
    for one in made:
        api.call("DELETE", f"sandboxes/{one}")
    name, other = "a process", ["true"]
    if words is not None:
        name, other = "docker run", [words[0], "run", "--rm", references.IMAGE, "true"]
    table.times("API: create until it runs", "", ours, name, taken(lambda: shell(*other), 10))
    body = {"command": "echo", "args": ["hi"], "wait": 30}
    ours = taken(lambda: api.call("POST", f"sandboxes/{box}/commands", body), 40)
    name, other = ("docker exec", [*words, "echo"]) if words else ("a process", ["echo"])
    table.times("API: echo until it has ended", "", ours, name, taken(lambda: shell(*other), 40))


@pytest.mark.parametrize(("size", "rounds"), [(MB, 20), (100 * MB, 3)])
def test_files(
    size: int, rounds: int, api: Http, box: str, words: list[str] | None, table: Any,
    tmp_path: Path,
) -> None:  # fmt: skip
    content = os.urandom(MB) * (size // MB)
    path = f"sandboxes/{box}/files/content?path=data"
    theirs = tmp_path / "data"
    name = "a file"

    def write() -> Any:
        return theirs.write_bytes(content)

    def read() -> bytes:
        return theirs.read_bytes()

    if words is not None:
        name, holder = "docker exec", words
        copy = [holder[0], "exec", "-i", holder[-1], "sh", "-c", "cat > /data"]

        def write() -> Any:
            return shell(*copy, stdin=content)

        def read() -> bytes:
            return shell(*holder, "cat", "/data")

    label = f"{size // MB} MB"
    ours = taken(lambda: api.call("PUT", path, content), rounds)
    table.times(f"API: write a file of {label}", "", ours, name, taken(write, rounds))
    assert api.call("GET", path) == content
    ours = taken(lambda: api.call("GET", path), rounds)
    table.times(f"API: read a file of {label}", "", ours, name, taken(read, rounds))


def test_a_long_log(api: Http, box: str, words: list[str] | None, table: Any) -> None:
    body = {"command": "seq", "args": [str(LINES)]}

    def run() -> None:
        records = api.call("POST", f"sandboxes/{box}/run", body).splitlines()
        text = "".join(json.loads(one).get("data", "") for one in records)
        assert text.count("\n") == LINES

    name, other = ("docker exec", [*words, "seq"]) if words else ("a pipe", ["seq"])
    theirs = taken(lambda: shell(*other, str(LINES)), 5)
    table.times("API: run that prints 100,000 lines", "", taken(run, 5), name, theirs)
