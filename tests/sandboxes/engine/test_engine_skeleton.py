"""What sandboxes with system directories of their own share: made of a system, pruned later."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sandboxes.engine.bubblewrap import skeleton


@pytest.fixture
def system(tmp_path) -> Path:
    """A system with secrets where apt keeps them."""
    apt = tmp_path / "system/etc/apt"
    for name in ("auth.conf.d", "apt.conf.d", "sources.list.d"):
        (apt / name).mkdir(parents=True)
    (apt / "auth.conf").write_text("machine a.example login me password planted-secret")
    (apt / "auth.conf.d/mine.conf").write_text("machine a.example password planted-secret")
    (apt / "apt.conf.d/90proxy").write_text('Acquire::http::Proxy "http://planted-secret";')
    (apt / "sources.list.d/own.list").write_text("deb https://me:planted-secret@a.example x main")
    (apt / "sources.list").write_text("deb https://a.example stable main")
    (tmp_path / "system/etc/shadow").write_text("root:planted-secret:1::::::")
    for path in (tmp_path / "system").rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # the worst case: everybody may read it
    return tmp_path / "system"


def test_no_secret_of_apt_or_of_accounts_comes_in(system, tmp_path):
    made = skeleton.directory(tmp_path / "shared", system)
    assert (made / "etc/apt/sources.list").read_text() == "deb https://a.example stable main"
    assert not (made / "etc/apt/auth.conf").exists()
    assert not (made / "etc/apt/auth.conf.d").exists()
    texts = [path.read_bytes() for path in made.rglob("*") if path.is_file()]
    assert not any(b"planted-secret" in text for text in texts)


def test_an_earlier_one_is_removed_and_the_present_one_stays(system, tmp_path):
    shared = tmp_path / "shared"
    now = skeleton.directory(shared, system)
    (shared / "skeleton-earlier").mkdir()
    (shared / ".skeleton-unfinished").mkdir()
    os.utime(shared / ".skeleton-unfinished", (0, 0))
    skeleton.prune(shared, system)
    assert list(shared.iterdir()) == [now]
