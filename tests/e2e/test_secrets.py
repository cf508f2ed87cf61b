"""A running platform shows its secrets to nobody: not in its log, to processes or in documents."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.platform import Client, Platform
from tests.fixtures.running import running
from tests.fixtures.waiting import until

pytestmark = pytest.mark.slow
SETTINGS = {
    "VIBE_SECRET_KEY": "canary-of-the-signing-key-0123456789",
    "VIBE_METRICS_TOKEN": "canary-of-the-metrics",
    "ANTHROPIC_API_KEY": "canary-of-the-provider",
}


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with running(**SETTINGS, VIBE_LOG_LEVEL="DEBUG") as started:
        yield started


def ask(platform: Platform, path: str, **headers: str) -> str:
    try:
        request = urllib.request.Request(f"{platform.url}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


@pytest.fixture(scope="module")
def used(platform: Platform, program: Client) -> dict[str, str]:
    """The secrets that came up while it was used, wrongly too."""
    secrets = {**SETTINGS, "key": program.key}
    box = program("POST", "sandboxes", {})["id"]
    until(lambda: program("GET", f"sandboxes/{box}")["status"] == "running")
    terminal = program("POST", f"sandboxes/{box}/terminals", {})["id"]
    path = program("POST", f"terminals/{terminal}/connect")["path"]
    secrets["ticket"] = path.rpartition("=")[2]
    ask(platform, path)
    link = platform.manage("sign_in_link", "program")
    secrets["link"] = re.findall(r"/sign-in/([\w-]{20,})", link)[0]
    ask(platform, f"/sign-in/{secrets['link']}/")
    ask(platform, f"/sign-in/{secrets['link']}x/")
    ask(platform, f"/sign-in/{secrets['link']}/none")
    for place in ("/api/v1/none", "/vercel/v2/none", "/metrics", "/none"):
        ask(platform, place, Authorization=f"Bearer {program.key}")
        ask(platform, place, Authorization=f"Bearer {program.key}x", Host="evil.example")
        ask(platform, place, Authorization=f"Bearer {SETTINGS['VIBE_METRICS_TOKEN']}")
    secrets["pass"] = platform.manage("env", "vercel", "program").split("VIBE_VERCEL_TOKEN=")[1]
    secrets["pass"] = secrets["pass"].splitlines()[0]
    ask(platform, "/vercel/v2/none", Authorization=f"Bearer {secrets['pass']}")
    return secrets


def shown(secrets: dict[str, str], text: str) -> set[str]:
    return {name for name, value in secrets.items() if value in text}


def test_none_is_in_the_log(platform: Platform, used: dict[str, str]) -> None:
    # `up` prints the first link for whoever started it; that is another.
    assert "evil.example" in platform.told()
    assert shown(used, platform.told()) == set()


def test_none_is_on_a_command_line(platform: Platform, used: dict[str, str]) -> None:
    lines = "\n".join(platform.children().values())
    assert "daphne" in lines
    assert shown(used, lines) == set()


def test_none_is_in_a_sandbox(platform: Platform, program: Client, used: dict[str, str]) -> None:
    box = program("GET", "sandboxes")["items"][0]["id"]
    script = "env; cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n'; true"
    body = {"command": "sh", "args": ["-c", script], "wait": 30}
    command = program("POST", f"sandboxes/{box}/commands", body)["id"]
    said = program.log(command)
    assert "PATH=" in said
    assert shown(used, said) == set()


def test_none_is_in_what_anybody_may_read(
    platform: Platform, program: Client, used: dict[str, str]
) -> None:
    for path in ("/api/docs", "/api/v1/openapi.json", "/vercel/v2/openapi.json", "/readyz"):
        assert shown(used, ask(platform, path)) == set()


def test_none_is_in_what_the_doctor_says(platform: Platform, used: dict[str, str]) -> None:
    assert shown(used, platform.manage("doctor")) == set()


def test_only_the_platforms_user_reads_what_is_kept(platform: Platform) -> None:
    for name in ("secret_key", "db.sqlite3"):
        file = Path(platform.data_dir) / name
        assert not file.exists() or Path(platform.data_dir).stat().st_mode & 0o077 == 0
