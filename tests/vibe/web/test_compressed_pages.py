"""Pages are compressed, answers for programs are not."""

from __future__ import annotations


def test_a_page_comes_compressed(client, db):
    answer = client.get("/sign-in/", headers={"Accept-Encoding": "gzip"})
    assert answer["Content-Encoding"] == "gzip"


def test_an_answer_for_programs_comes_as_it_is(client, db):
    answer = client.get("/api/v1/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert len(answer.content) > 10_000
    assert "Content-Encoding" not in answer
