"""No secret of the platform is found in a sandbox, wherever hostile code looks."""

from __future__ import annotations

import pytest

from tests.abuse.canaries import SECRET_NAMES

EVERYWHERE = (
    "env; cat /proc/*/environ /proc/*/cmdline /proc/*/task/*/environ; ls -l /proc/*/fd; "
    "cat /proc/self/mountinfo /proc/1/mountinfo; cat /proc/self/fd/[3-9] < /dev/null"
)
PLACES = ("/run", "/tmp", "/var", "/home", "/root", "/vercel", "/opt", "/etc", "/srv", "/mnt")


@pytest.fixture(scope="module")
def as_seen(cell) -> str:
    return cell.run("bash", "-c", f"({EVERYWHERE}) 2>/dev/null | tr '\\0' '\\n'")[1]


def test_no_canary_is_in_an_environment_a_command_line_or_an_open_file(as_seen, canaries):
    assert "PATH=" in as_seen  # it did look
    assert not [value for value in canaries.values if value in as_seen]


def test_no_variable_of_the_platform_is_set(as_seen):
    names = {line.partition("=")[0] for line in as_seen.splitlines()}
    assert not names & {*SECRET_NAMES, "DJANGO_SETTINGS_MODULE", "VIBE_DATA_DIR"}


@pytest.mark.parametrize("place", PLACES)
def test_no_canary_lies_in_a_file(cell, canaries, place):
    found = cell.run("grep", "-rlsI", "--", "canary-", place, timeout=60)[1]
    assert found == ""


def test_no_canary_is_in_the_memory_of_the_agent(cell, canaries):
    """Seen from the host, which may look: what is not there cannot leak."""
    import os
    from pathlib import Path

    directory = Path(f"/proc/{cell.handle.pid}")
    try:
        maps = (directory / "maps").read_text().splitlines()
        memory = os.open(directory / "mem", os.O_RDONLY)
    except OSError:
        pytest.skip("the agent's memory can be read by root only")
    content = b""
    try:
        for line in maps:
            bounds, mode, *_ = line.split()
            if mode.startswith("rw"):
                first, last = (int(number, 16) for number in bounds.split("-"))
                try:
                    content += os.pread(memory, last - first, first)
                except OSError:
                    continue
    finally:
        os.close(memory)
    assert b"run/vibe" in content or b"vercel" in content  # it did look
    assert not [value for value in canaries.values if value.encode() in content]
