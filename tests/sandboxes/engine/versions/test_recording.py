"""What a version holds and what it leaves out, and how long it takes."""

from __future__ import annotations

import os
import time

import pytest

from sandboxes.engine.versions.process import Place, VersionFailed, prune


def test_dependencies_and_what_gitignore_names_are_left_out_and_named(workspace):
    workspace.write(
        app__py="x", __gitignore="*.log\nsecret/\n!keep.log\n", a__log="x", keep__log="x",
        secret___key="x", node_modules___left___index__js="x", package__json="{}", dist___a__js="x",
    )  # fmt: skip
    made = workspace.record()
    assert workspace.paths(made) == {".gitignore", "app.py", "keep.log", "package.json"}
    left = made["left_out"]
    assert left["dependencies"]["paths"] == ["dist", "node_modules"]
    assert left["ignored"]["paths"] == ["a.log", "secret"]


def test_a_nested_gitignore_decides_for_what_lies_below_it(workspace):
    workspace.write(
        __gitignore="*.txt\n", sub_____gitignore="!a.txt\n", sub___a__txt="x", b__txt="x"
    )
    assert workspace.paths(workspace.record()) == {".gitignore", "sub/.gitignore", "sub/a.txt"}


def test_data_of_the_app_belongs_to_a_version_even_where_it_is_ignored(workspace):
    workspace.write(__gitignore="*.sqlite3\ninstance/\n", db__sqlite3="x", instance___app__db="x",
                    instance___other__txt="x")  # fmt: skip
    made = workspace.record()
    assert sorted(made["data"]) == ["db.sqlite3", "instance/app.db"]
    assert "instance/other.txt" not in workspace.paths(made)


def test_a_changed_gitignore_holds_for_files_that_were_known_before(workspace):
    workspace.write(a__log="x")
    assert workspace.paths(workspace.record()) == {"a.log"}
    workspace.write(__gitignore="*.log\n")
    assert workspace.paths(workspace.record()) == {".gitignore"}


def test_nothing_is_made_of_a_workspace_in_which_nothing_has_changed(workspace):
    workspace.write(a="x")
    workspace.record()
    made = workspace.record(always=False)
    assert (made["commit"], made["differs"]) == ("", False)


@pytest.mark.parametrize(
    "bounds", [{"file_bytes": 10}, {"files": 1}, {"bytes": 10}], ids=["large", "files", "bytes"]
)
def test_what_is_too_much_is_left_out_and_said(workspace, bounds):
    workspace.write(a="small", b="much too large")
    made = workspace.record(**bounds)
    assert workspace.paths(made) == {"a"}
    (told,) = made["left_out"].values()
    assert told == {"count": 1, "paths": ["b"]}


def test_a_version_with_ten_changes_among_2000_files_takes_a_tenth_of_a_second(workspace):
    for number in range(2000):
        path = workspace.path / f"d{number % 40}" / f"f{number}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"print({number})\n" * 40)
        os.utime(path, (1, 1))
    base = workspace.record()["commit"]
    best = 9.0
    for attempt in range(5):
        for number in range(10):
            (workspace.path / "d1" / f"f{number * 40 + 1}.py").write_text(f"{attempt}\n")
        began = time.perf_counter()
        made = workspace.record(base=base)
        best = min(best, time.perf_counter() - began)
        assert made["files_changed"] == 10
    assert best < 0.5  # 0.09 s on an idle machine


def test_versions_that_are_given_up_give_their_room_back(workspace):
    (workspace.path / "noise").write_bytes(os.urandom(1 << 20))
    large = workspace.record()["size"]
    workspace.write(noise="small")
    kept = workspace.record()
    assert prune(workspace.place, {"v2"}) < large - (1 << 19)
    assert workspace.paths(kept) == {"noise"}


def test_without_git_it_is_said_what_is_missing(workspace, monkeypatch):
    from sandboxes.engine.versions import process

    process.git.cache_clear()
    monkeypatch.setattr(process.shutil, "which", lambda _: None)
    with pytest.raises(VersionFailed, match="Versions need the program git"):
        workspace.record()
    process.git.cache_clear()


def test_a_broken_cache_costs_time_only(workspace):
    workspace.write(a="one", b="two")
    workspace.record()
    place: Place = workspace.place
    place.cache.write_text("{")
    assert workspace.paths(workspace.record()) == {"a", "b"}


def test_a_repository_that_lacks_what_the_cache_speaks_of_is_written_anew(workspace):
    workspace.write(a="one")
    workspace.record()
    workspace.place.repository.rename(workspace.place.versions / "lost")
    workspace.write(b="two")
    assert workspace.paths(workspace.record()) == {"a", "b"}
