"""The directories that make up a sandbox on the host."""

from __future__ import annotations

from sandboxes.engine import directories


def test_the_state_of_a_sandbox_is_what_is_there_of_its_directories(top):
    for name in ("workspace", "home", "tmp", "system/usr/upper", "elsewhere"):
        (top / name).mkdir(parents=True)
    names = [path.name for path in directories.state_of(top)]
    assert names == ["workspace", "home", "tmp", "system"]


def test_a_sandbox_that_never_ran_has_no_state(top):
    assert directories.state_of(top / "nothing") == []
