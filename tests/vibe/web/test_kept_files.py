"""Files under addresses that say their content: kept for good, compressed, never stale."""

from __future__ import annotations

import gzip

from vibe.web import kept_files

SHEETS = "css/layers+tokens.css"


def test_what_an_address_names_may_be_kept_for_a_year(client):
    answer = client.get(kept_files.address(SHEETS))
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"


def test_several_files_come_as_one_in_their_order(client):
    body = client.get(kept_files.address(SHEETS)).content.decode()
    assert 0 <= body.index("@layer") < body.index("--mono")


def test_it_comes_compressed_to_who_can_read_that(client):
    answer = client.get(kept_files.address(SHEETS), headers={"Accept-Encoding": "gzip, br"})
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == client.get(kept_files.address(SHEETS)).content


def test_an_address_of_other_content_is_answered_but_not_kept(client):
    answer = client.get(f"/static/kept/0000000000000000/{SHEETS}")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"


def test_nothing_outside_the_static_files_can_be_asked_for(client):
    for name in ("css/../../../vibe/urls.py", "css/none.css", "../pyproject.toml", "css/.css"):
        assert client.get(f"/static/kept/0000000000000000/{name}").status_code == 404, name
