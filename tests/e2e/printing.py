"""Commands whose logs the pages show."""

from __future__ import annotations

import re

from tests.fixtures.platform import Platform

PRINTED = (
    "import sys, time\n"
    "for i in range(1, {lines} + 1):\n"
    "    if i == {lines} - 49: time.sleep(0.5)\n"
    "    stream = sys.stderr if i > {lines} - 50 else sys.stdout\n"
    "    word = 'needle' if i % 250 == 0 else 'hay'\n"
    "    print(f'row {{i}} {{word}}', file=stream, flush=True)\n"
)
# Runs a command as the administrator who is signed in, with the page's own cookies.
RUN = """
import json, sys
from sandboxes.models import Sandbox
from sandboxes.services import commands, creating, readiness
from vibe.accounts.models import User
user = User.objects.filter(is_superuser=True).first()
sandbox = Sandbox.objects.filter(owner=user, status="running").first()
sandbox = sandbox or readiness.wait_until_running(creating.create_sandbox(user))
command = commands.run(sandbox, "python3", ["-c", {script!r}])
print("ID", (commands.wait(command, 60) if {wait} else command).pk)
"""


def run(platform: Platform, script: str, *, wait: bool = True) -> str:
    said = platform.manage("shell", "-c", RUN.format(script=script, wait=wait))
    found = re.search(r"ID (\w+)", said)
    assert found, said
    return found[1]
