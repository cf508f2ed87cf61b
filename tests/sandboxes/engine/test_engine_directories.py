"""The directories that make up a sandbox on the host."""

from __future__ import annotations

from sandboxes.engine import directories


def test_the_state_of_a_sandbox_is_what_is_there_of_workspace_home_and_system(top):
    for name in ("workspace", "home", "system/usr/upper", "elsewhere"):
        (top / name).mkdir(parents=True)
    assert directories.state_of(top) == [top / "workspace", top / "home", top / "system"]


def test_a_sandbox_that_never_ran_has_no_state(top):
    assert directories.state_of(top / "nothing") == []
