"""The package indexes that this machine reaches, and commands that use them in a sandbox."""

from __future__ import annotations

import functools
import urllib.error
import urllib.request

import pytest

from sandboxes.engine.egress.discovery.places import Place
from sandboxes.models import Sandbox
from sandboxes.output import replay
from sandboxes.services import commands

PATIENCE = 180.0


@functools.cache
def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except (OSError, urllib.error.URLError):
        return False
    return True


def reachable(place: Place | None, page: str) -> None:
    if place is None or not answers(f"{place.url.rstrip('/')}/{page}"):
        pytest.skip("this machine reaches no package index")


def shell(sandbox: Sandbox, script: str) -> tuple[int | None, str]:
    command = commands.run(sandbox, "bash", ["-c", script])
    command = commands.wait(command, PATIENCE)
    return command.exit_code, replay.text(command)
