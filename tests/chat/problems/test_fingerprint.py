"""Which errors are the same one."""

from __future__ import annotations

import pytest

from chat.problems import fingerprint
from chat.problems.found import Found

SAME = [
    ("Error at 12:04:07", "Error at 23:59:01"),
    ("2026-11-30T00:12:01.123Z failed", "2026-12-01T09:00:00Z failed"),
    ("connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED 127.0.0.1:6432"),
    ("GET http://3000-abc.vibe.localhost:8000/api 500", "GET http://4000-x.host:81/api 500"),
    ("Module not found: /vercel/sandbox/src/a.js", "Module not found: /tmp/run-1/src/a.js"),
    ("<Thing object at 0x7f3a2c>", "<Thing object at 0x1b>"),
    ("4f2a8c91-1111-2222-3333-1234567890ab gone", "00000000-aaaa-bbbb-cccc-dddddddddddd gone"),
    ("chunk main.3f9a2b1c.js failed", "chunk main.00ab12cd.js failed"),
    ("took 12ms", "took 4.5ms"),
    ("cmd_5a1c7m4x9z5b3n6k2v8q failed", "cmd_2v8q5a1c7m4x9z5b3n6k failed"),
    ("Cannot load /app.js?v=1a2b", "Cannot load /app.js?v=9"),
    ("\x1b[31mboom\x1b[0m", "boom"),
]  # fmt: skip
OTHERS = [
    ("KeyError: 'persons'", "KeyError: 'people'"),
    ("TypeError: x is not a function", "TypeError: y is not a function"),
    ("Cannot find module 'express'", "Cannot find module 'koa'"),
    ("GET /api/a answered 500", "GET /api/b answered 500"),
    ("error TS2322: bad", "error TS2304: bad"),
    ("name 'item1' is not defined", "name 'item2' is not defined"),
]


def of(title: str, **more: object) -> str:
    return fingerprint.of(Found("command", "node", title, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_differs_from_run_to_run_makes_no_other_error(one: str, other: str) -> None:
    assert of(one) == of(other)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_names_another_cause_is_another_error(one: str, other: str) -> None:
    assert of(one) != of(other)


def test_the_file_counts_and_the_line_does_not() -> None:
    assert of("boom", path="src/a.js", line=3) == of("boom", path="a.js", line=90)
    assert of("boom", path="a.js") != of("boom", path="b.js")
