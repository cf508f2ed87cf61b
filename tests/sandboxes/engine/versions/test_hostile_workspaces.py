"""Workspaces that try to get at the host by what a version reads or a restore writes."""

from __future__ import annotations

import os
import subprocess
import threading

import pytest


def test_hooks_filters_and_attributes_of_a_project_have_no_say(workspace, tmp_path):
    canary = tmp_path / "canary"
    workspace.write(
        __gitattributes="* filter=evil diff=evil export-ignore\n*.txt text eol=crlf ident\n",
        a__txt="$Id$\nplain\n",
    )
    subprocess.check_call(["git", "init", "-q", str(workspace.path)])
    config = workspace.path / ".git" / "config"
    config.write_text(
        f'[filter "evil"]\n\tclean = touch {canary}\n[core]\n\tfsmonitor = {canary}\n'
    )
    hook = workspace.path / ".git" / "hooks" / "post-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {canary}\n")
    hook.chmod(0o755)
    made = workspace.record()
    workspace.write(a__txt="other")
    workspace.restore(made)
    assert (workspace.path / "a.txt").read_text() == "$Id$\nplain\n"
    assert not canary.exists()
    assert hook.exists()  # what a version does not hold stays


@pytest.mark.parametrize("name", [".git", ".GIT", ".Git"])
def test_a_repository_inside_is_left_out_under_any_spelling(workspace, name):
    (workspace.path / "sub" / name).mkdir(parents=True)
    (workspace.path / "sub" / name / "config").write_text("x")
    made = workspace.record()
    assert workspace.paths(made) == set()
    assert made["left_out"]["repository"]["paths"] == [f"sub/{name}"]


def test_links_are_kept_as_links_and_never_followed(workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    os.symlink(outside, workspace.path / "folder")
    os.symlink(outside / "secret", workspace.path / "file")
    made = workspace.record()
    assert workspace.paths(made) == {"file", "folder"}
    assert "secret" not in workspace.git("cat-file", "-p", f"{made['commit']}:files/folder")[:-7]


def test_a_restore_writes_nothing_through_a_link_that_took_a_folders_place(workspace, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    workspace.write(folder___file="inside")
    made = workspace.record()
    (workspace.path / "folder" / "file").unlink()
    (workspace.path / "folder").rmdir()
    os.symlink(outside, workspace.path / "folder")
    workspace.restore(made)
    assert list(outside.iterdir()) == []
    assert (workspace.path / "folder" / "file").read_text() == "inside"


def test_special_files_are_left_out_and_stay(workspace):
    os.mkfifo(workspace.path / "pipe")
    workspace.write(a="x")
    made = workspace.record()
    assert made["left_out"]["special"] == {"count": 1, "paths": ["pipe"]}
    workspace.restore(made)
    assert (workspace.path / "pipe").exists()


def test_names_of_any_bytes_come_back(workspace):
    names = [
        b"\xff\xfe",
        b'quo"te',
        b"back\\slash",
        b"new\nline",
        b" space ",
        b"-dash",
        "ü".encode(),
    ]
    for name in names:
        with open(os.path.join(os.fsencode(workspace.path), name), "wb") as file:
            file.write(name)
    made = workspace.record()
    for name in names:
        os.unlink(os.path.join(os.fsencode(workspace.path), name))
    workspace.restore(made)
    assert sorted(os.listdir(os.fsencode(workspace.path))) == sorted(names)


@pytest.mark.parametrize(
    "pattern",
    ["a*" * 40 + "b", "**/" * 60 + "x", "[" * 2000, "(a+)+$", "\\", "!" * 500, "***a**/b"],
)
def test_patterns_that_are_made_to_take_for_ever_take_a_moment(workspace, pattern):
    workspace.write(__gitignore=pattern + "\nkept.log\n", **{"a" * 120: "x", "kept__log": "x"})
    assert "kept.log" not in workspace.paths(workspace.record())


def test_a_workspace_that_changes_while_it_is_read_gives_a_version_all_the_same(workspace):
    ended = threading.Event()

    def churn() -> None:
        path, aside = workspace.path / "d", workspace.path / "aside"
        while not ended.is_set():
            os.makedirs(path, exist_ok=True)
            (path / "f").write_text("x")
            os.rename(path, aside)
            os.symlink("/etc", path)
            os.unlink(path)
            (aside / "f").unlink()
            aside.rmdir()

    workspace.write(a="x")
    churning = threading.Thread(target=churn)
    churning.start()
    try:
        for _ in range(5):
            assert not {"d/passwd", "d/hosts"} & workspace.paths(workspace.record())
    finally:
        ended.set()
        churning.join()


def test_a_file_that_no_version_holds_is_not_overwritten_by_a_restore(workspace):
    workspace.write(big="small")
    made = workspace.record()
    (workspace.path / "big").write_bytes(b"x" * (17 << 20))
    told = workspace.restore(made)
    assert (workspace.path / "big").stat().st_size == 17 << 20
    assert told["after"]["left_out"]["blocked"]["paths"] == ["big"]


def test_what_was_ignored_later_is_saved_before_a_restore_puts_the_old_in_its_place(workspace):
    workspace.write(__env="OLD=1")
    old = workspace.record()
    workspace.write(__gitignore=".env\n", __env="NEW=1")
    workspace.record()
    told = workspace.restore(old)
    assert (workspace.path / ".env").read_text() == "OLD=1"
    workspace.restore(told["before"])
    assert (workspace.path / ".env").read_text() == "NEW=1"
