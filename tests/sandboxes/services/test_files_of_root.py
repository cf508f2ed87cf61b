"""What sudo has made in the workspace: the explorer and the API can do away with it."""

from __future__ import annotations

import pytest

from sandboxes.models import Sandbox
from sandboxes.services import commands, files
from vibe.refusal import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def made_by_root(sandbox: Sandbox) -> Sandbox:
    script = "mkdir -p made/deep; echo x > made/deep/f; chmod 700 made; touch /etc/of-root"
    command = commands.run(sandbox, "sh", ["-c", script], sudo=True)
    assert commands.wait(command, 30).succeeded
    return sandbox


def test_it_can_be_renamed_and_removed(made_by_root: Sandbox) -> None:
    files.move(made_by_root, "made/deep", "made/other")
    files.remove(made_by_root, "made", recursive=True)
    assert files.list_files(made_by_root)[0] == []


def test_an_archive_holds_it(made_by_root: Sandbox) -> None:
    with files.pack(made_by_root, ".", "tar") as reading:
        assert b"made/deep/f" in b"".join(reading)


def test_of_the_system_nothing_is_removed_and_the_hint_says_whose_it_is(
    made_by_root: Sandbox,
) -> None:
    with pytest.raises(Refusal) as raised:
        files.remove(made_by_root, "/etc/of-root")
    assert raised.value.code == "denied"
    assert "belongs to root" in raised.value.hint
    with pytest.raises(Refusal) as raised:
        files.write_files(made_by_root, [("made/mine", b"x")])
    assert "sudo chown -R vercel-sandbox" in raised.value.hint
