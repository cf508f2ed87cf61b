"""The demo model drives the real tools in a real sandbox."""

from __future__ import annotations

import time

import pytest

pytestmark = pytest.mark.sandbox


def cards(found) -> list[tuple[str, str]]:
    return [(part.tool, part.state) for part in found if part.kind == "tool_call"]


def answer(found) -> str:
    return "\n".join(part.text for part in found if part.kind == "text")


def fetch(sandbox, port: int) -> str:
    """The page that a server in the sandbox answers with."""
    from sandboxes.services import ports

    with ports.connect(sandbox.pk, port) as connection:
        connection.settimeout(5)
        connection.sendall(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n")
        received = b""
        deadline = time.monotonic() + 5
        while time.monotonic() < deadline:
            try:
                more = connection.recv(65536)
            except TimeoutError:
                break
            if not more:
                break
            received += more
    return received.decode()


def test_the_four_requests_of_the_manual_test_end_in_a_running_node_app(
    sandbox_worker, conversation, say, parts
):
    first = parts(say("Create a new sandbox"))
    second = parts(say("Create a simple Node.js hello world app"))
    third = parts(say("Run the app with node index.js"))
    fourth = parts(say("What's the URL for port 3000?"))

    assert cards(first) == [("create_sandbox", "done")]
    assert cards(second) == [("write_files", "done")]
    assert cards(third) == [("run_command", "background")]
    assert cards(fourth) == [("get_sandbox_url", "done")]
    conversation.refresh_from_db()
    sandbox = conversation.sandbox
    assert f"http://3000-{sandbox.pk}.vibe.localhost" in answer(fourth)
    assert "Hello, world!" in fetch(sandbox, 3000)
