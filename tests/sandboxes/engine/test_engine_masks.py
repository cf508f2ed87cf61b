"""Which files of a machine's /usr hold what its package managers sign in with."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandboxes.engine.bubblewrap import argv, masks


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("usr/etc/npmrc", "//npm.example/:_authToken=x", True),
        ("usr/local/etc/npmrc", "_auth=Zm9v", True),
        ("usr/pip.conf", "index-url = https://u:p@pip.example/index", True),
        ("usr/lib/node_modules/npm/npmrc", "prefix=/usr/local", False),
        ("usr/pip.conf", "index-url = https://pip.example/index", False),
        ("usr/share/npmrc", "_auth=Zm9v", False),
    ],
)
def test_a_file_is_hidden_when_it_holds_a_secret(
    tmp_path: Path, name: str, content: str, found: bool
):
    (tmp_path / name).parent.mkdir(parents=True)
    (tmp_path / name).write_text(content)
    assert masks.hidden(tmp_path) == ([f"/{name}"] if found else [])


def test_the_machines_own_is_hidden_in_both_places_where_it_is_seen():
    assert masks.behind(["/usr/etc/npmrc"], None) == [f"{argv.BASE}/etc/npmrc"]
