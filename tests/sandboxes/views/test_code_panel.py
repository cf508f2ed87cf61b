"""The code panel shows what is in the sandbox, whoever made it, and costs it nothing to look."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from sandboxes.models import Command, Sandbox
from sandboxes.services import commands
from tests.fixtures.people import client_of

pytestmark = pytest.mark.sandbox


@pytest.fixture
def browser(sandbox: Sandbox) -> Client:
    client = Client()
    client.force_login(sandbox.owner)
    return client


def run(sandbox: Sandbox, line: str) -> None:
    assert commands.wait(commands.run(sandbox, "sh", ["-c", line]), 60).succeeded


def paths(browser: Client, sandbox: Sandbox) -> list[str]:
    body = browser.get(f"/sandboxes/{sandbox.pk}/files/").content.decode()
    return re.findall(r'data-path="([^"]+)"', body)


def test_files_that_a_command_made_are_there_and_deleted_ones_are_not(
    browser: Client, sandbox: Sandbox
) -> None:
    run(sandbox, "mkdir src && echo 1 > src/made.js && echo 1 > gone.lock")
    before = paths(browser, sandbox)
    run(sandbox, "rm gone.lock")

    assert {"src", "src/made.js", "gone.lock"} <= set(before)
    assert set(before) - set(paths(browser, sandbox)) == {"gone.lock"}


def test_looking_at_a_sandbox_runs_nothing_in_it(browser: Client, sandbox: Sandbox) -> None:
    program = client_of(sandbox.owner)
    run(sandbox, "echo one > a.txt")

    for _ in range(3):
        assert program.get(f"/api/v1/sandboxes/{sandbox.pk}").json()["status"] == "running"
        assert browser.get(f"/sandboxes/{sandbox.pk}/").status_code == 200
        assert browser.get(f"/sandboxes/{sandbox.pk}/files/").status_code == 200
        assert browser.get(f"/sandboxes/{sandbox.pk}/file/?path=a.txt").status_code == 200

    assert Command.objects.count() == 1
