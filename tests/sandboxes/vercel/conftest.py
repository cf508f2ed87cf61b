"""A platform that speaks the wire protocol, and two programs that know it."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.fixtures.platform import Platform

LIFE = 2_400_000  # milliseconds: longer than the slowest machine takes for all tests that share it


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.body.splitlines()]

    @property
    def code(self) -> str:
        """The error's code."""
        return self.json["error"]["code"]


class Program:
    """Calls below /vercel with an API key."""

    def __init__(self, port: int, key: str) -> None:
        self.port = port
        self.key = key

    def __call__(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> Answer:
        connection, response = self.open(method, path, body, headers=headers)
        try:
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def open(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """The response, not read yet."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
        raw = isinstance(body, bytes) or hasattr(body, "__next__")
        data = body if raw or body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        connection.request(
            method, f"/vercel{path}", data, sent, encode_chunked=hasattr(body, "__next__")
        )
        return connection, connection.getresponse()

    def create(self, **body: Any) -> dict[str, Any]:
        answer = self("POST", "/v3/sandboxes?teamId=team_a", {"projectId": "prj_a", **body})
        assert answer.status == 200, answer.body
        return answer.json

    def run(self, session: str, *argv: str, **more: Any) -> Answer:
        body = {"command": argv[0], "args": list(argv[1:]), "wait": True, "logs": True, **more}
        return self("POST", f"/v2/sandboxes/sessions/{session}/cmd", body)


@pytest.fixture(scope="session")
def platform(shared_platform: Platform) -> Platform:
    shared_platform.until_ready()  # a file before may have killed some of its processes
    return shared_platform


@pytest.fixture(scope="session")
def program(platform: Platform) -> Program:
    return Program(platform.port, platform.manage("create_api_key", "vercel", "--create-user"))


@pytest.fixture(scope="session")
def stranger(platform: Platform) -> Program:
    """Another user's program."""
    return Program(platform.port, platform.manage("create_api_key", "stranger", "--create-user"))


@pytest.fixture(scope="session")
def box(program: Program) -> dict[str, Any]:
    """A running sandbox that tests share: {sandbox, session, routes}."""
    return program.create(
        ports=[3000], timeout=LIFE, env={"BASE": "box", "OVER": "box"}, tags={"suite": "v"}
    )


@pytest.fixture(scope="session")
def session(box: dict[str, Any]) -> str:
    return box["session"]["id"]
