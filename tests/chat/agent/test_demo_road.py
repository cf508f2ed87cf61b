"""The demo model drives the real tools in a real sandbox."""

from __future__ import annotations

import pytest

from tests.chat.agent.demo_road import answer, cards, fetch

pytestmark = pytest.mark.sandbox


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
