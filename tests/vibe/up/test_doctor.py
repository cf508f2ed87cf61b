from __future__ import annotations

from collections.abc import Iterator

import pytest

from vibe.doctor.finding import Finding
from vibe.doctor.report import examine, render


def test_advice_stands_below_the_line_that_needs_it() -> None:
    findings = [
        Finding("Python", True, "3.11.7"),
        Finding("Redis", False, "no server found", "apt install valkey-server"),
    ]

    lines = render(findings).splitlines()

    assert lines[0] == "✓ ok       Python  3.11.7"
    assert lines[1] == "✗ broken   Redis   no server found"
    assert lines[2].strip() == "→ apt install valkey-server"
    assert lines[-1] == "Broken: Redis."


def test_what_is_not_required_breaks_nothing() -> None:
    text = render([Finding("npm", False, "not found", "apt install npm", required=False)])

    assert text.splitlines()[0] == "✗ missing  npm  not found"
    assert text.splitlines()[-1] == "Nothing required is broken."


def test_a_check_that_fails_itself_becomes_a_line() -> None:
    def isolation() -> Iterator[Finding]:
        raise RuntimeError("the probe broke")
        yield

    (finding,) = examine([isolation])

    assert finding.broken
    assert "RuntimeError: the probe broke" in finding.detail


@pytest.mark.django_db
def test_the_doctor_looks_at_every_part_of_the_platform() -> None:
    names = {finding.name for finding in examine()}

    assert {
        "Python",
        "Disk",
        "Disk reserve",
        "Limits of files",
        "Port",
        "Database",
        "Redis",
        "bash",
        "git",
        "node",
    } <= names
    assert any(name.startswith("Isolation") for name in names)
    assert any(name.startswith("Model") for name in names)


@pytest.mark.parametrize(
    ("reserve", "ok", "said"),
    [
        (1, True, "stay free for the platform"),
        (1 << 40, False, "so nothing is written for users"),
        (0, False, "none: sandboxes may fill the disk"),
    ],
)
def test_the_doctor_says_whether_the_reserve_of_the_disk_is_held(settings, reserve, ok, said):
    from vibe.doctor import machine

    settings.DISK_RESERVE_MB = reserve
    (finding,) = machine.disk_reserve()

    assert (finding.ok, finding.broken) == (ok, False)
    assert said in finding.detail
