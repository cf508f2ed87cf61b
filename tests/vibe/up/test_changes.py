from __future__ import annotations

from pathlib import Path

import pytest

from vibe.up.changes import is_watched, weigh


def saved(root: Path, name: str, text: str = "") -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("name", "services"),
    [
        ("chat/services/turns.py", {"web", "chat"}),
        ("sandboxes/worker.py", {"web", "sandboxes", "chat"}),
        ("vibe/ids.py", {"web", "sandboxes", "chat"}),
        ("templates/vibe/base.html", set()),
        ("static/js/page.js", set()),
        ("vibe/up/child.py", set()),
    ],
)
def test_a_file_concerns_the_processes_that_use_it(
    tmp_path: Path, name: str, services: set[str]
) -> None:
    changes = weigh(tmp_path, [saved(tmp_path, name)])

    assert changes.services == services
    assert changes.files == [name]
    assert changes.up is name.startswith("vibe/up/")


def test_a_file_that_python_cannot_read_is_named_with_the_line(tmp_path: Path) -> None:
    changes = weigh(tmp_path, [saved(tmp_path, "chat/worker.py", "import os\ndef broken(:\n")])

    assert changes.errors == ["chat/worker.py, line 2: invalid syntax"]


def test_a_file_that_was_removed_is_no_error(tmp_path: Path) -> None:
    changes = weigh(tmp_path, [tmp_path / "chat" / "gone.py"])

    assert (changes.errors, changes.services) == ([], {"web", "chat"})


def test_a_migration_is_one_for_the_database(tmp_path: Path) -> None:
    assert weigh(tmp_path, [saved(tmp_path, "chat/migrations/0099_more.py")]).migrations
    assert not weigh(tmp_path, [saved(tmp_path, "chat/models/turn.py")]).migrations


@pytest.mark.parametrize("name", ["chat/__pycache__/a.py", "chat/.a.py.swp", "chat/notes.orig"])
def test_what_editors_and_python_leave_behind_is_not_watched(name: str) -> None:
    assert not is_watched(Path(name))
