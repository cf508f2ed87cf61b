"""Errors in the output of the field's languages and tools, and what is none."""

from __future__ import annotations

import time

import pytest

from chat.problems import browser, exits, noise, output
from chat.problems.deciding import Facts, decide
from chat.problems.lines import Line
from tests.fixtures.noise import BROWSER_NOISE, NOISE

PYTHON = """\
Traceback (most recent call last):
  File "/usr/lib/python3/socketserver.py", line 683, in process_request_thread
    self.finish_request(request, client_address)
  File "/vercel/sandbox/bill/app.py", line 20, in share
    people = bill["persons"]
KeyError: 'persons'"""
CHAINED = """\
Traceback (most recent call last):
  File "/vercel/sandbox/a.py", line 1, in <module>
    1/0
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/vercel/sandbox/b.py", line 2, in <module>
    raise ValueError("bad")
ValueError: bad"""
SYNTAX = """\
  File "/vercel/sandbox/app.py", line 3
    def f(
         ^
SyntaxError: '(' was never closed"""
NODE = """\
/vercel/sandbox/index.js:3
foo.bar();
    ^

TypeError: Cannot read properties of undefined (reading 'bar')
    at Object.<anonymous> (/vercel/sandbox/index.js:3:5)
    at Module._compile (node:internal/modules/cjs/loader:1554:14)

Node.js v22.1.0"""
MODULE = """\
node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module 'express'
Require stack:
- /vercel/sandbox/server.js
    at Function._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at Object.<anonymous> (/vercel/sandbox/server.js:1:17)"""
GO = """\
panic: runtime error: index out of range [3] with length 3

goroutine 1 [running]:
main.main()
\t/vercel/sandbox/main.go:9 +0x1d
exit status 2"""
JAVA = """\
Exception in thread "main" java.lang.NullPointerException: x is null
\tat app.Main.run(Main.java:14)
\tat app.Main.main(Main.java:5)"""
RUBY = "app.rb:3:in `total': undefined method `+' for nil:NilClass (NoMethodError)\n\tfrom app.rb:9"
PHP = "PHP Fatal error:  Uncaught Error: Call to undefined function x() in /vercel/sandbox/i.php:4"
ESLINT = "/vercel/sandbox/src/App.jsx\n  12:5  error  'x' is not defined  no-undef"
VITE = """\
12:00:01 [vite] Internal server error: Failed to resolve import "./Gone" from "src/App.jsx". Does the file exist?
  Plugin: vite:import-analysis
  File: /vercel/sandbox/src/App.jsx:2:19"""  # noqa: E501
WEBPACK = "ERROR in ./src/index.js 3:0-20\nModule not found: Error: Can't resolve './gone'"

CASES = [
    (PYTHON, "python", "KeyError: 'persons'", "bill/app.py", 20),
    (CHAINED, "python", "ValueError: bad", "b.py", 2),
    (SYNTAX, "python", "SyntaxError: '(' was never closed", "app.py", 3),
    (NODE, "node", "TypeError: Cannot read properties of undefined (reading 'bar')", "index.js", 3),
    (MODULE, "node", "Error: Cannot find module 'express'", "server.js", 1),
    (GO, "go", "panic: runtime error: index out of range [3] with length 3", "main.go", 9),
    ("./main.go:10:2: undefined: total", "go", "undefined: total", "main.go", 10),
    (JAVA, "java", None, "Main.java", 14),
    ("src/Main.java:7: error: ';' expected", "java", "error: ';' expected", "src/Main.java", 7),
    (RUBY, "ruby", "undefined method `+' for nil:NilClass (NoMethodError)", "app.rb", 3),
    (PHP, "php", "Uncaught Error: Call to undefined function x()", "i.php", 4),
    ("src/a.ts(12,5): error TS2322: no", "typescript", "error TS2322: no", "src/a.ts", 12),
    ("src/a.ts:1:9 - error TS2304: no", "typescript", "error TS2304: no", "src/a.ts", 1),
    (ESLINT, "eslint", "'x' is not defined (no-undef)", "src/App.jsx", 12),
    (VITE, "vite", None, "src/App.jsx", 0),
    (WEBPACK, "webpack", "Module not found: Error: Can't resolve './gone'", "src/index.js", 0),
    ("OSError: [Errno 98] Address already in use", "port", None, "", 0),
    ("<--- JavaScript heap out of memory", "memory", None, "", 0),
    ("sh: 1: vite: not found", "program", None, "", 0),
    ("npm error code E404\nnpm error 404 Not Found", "packages", "npm error code E404", "", 0),
    ("FAILED tests/test_a.py::test_x - assert 1", "tests", None, "tests/test_a.py", 0),
]


def read(text: str, **more: bool) -> list:
    return output.found_in([Line(line, **more) for line in text.split("\n")])


@pytest.mark.parametrize(("text", "about", "title", "path", "line"), CASES)
def test_an_error_is_read_with_its_place(text, about, title, path, line) -> None:
    (found,) = read(text)
    assert (found.about, found.path, found.severity) == (about, path, "error")
    assert title is None or found.title == title
    assert not line or found.line == line


@pytest.mark.parametrize("text", NOISE)
def test_what_tools_warn_of_is_never_acted_on(text) -> None:
    found = read(text)
    assert {decide(Facts(one.kind, "fix", noise=one.noise)).action for one in found} <= {"ignore"}
    assert noise.reason(text)


@pytest.mark.parametrize("report", BROWSER_NOISE)
def test_what_browsers_say_by_themselves_is_never_acted_on(report) -> None:
    found = browser.of_report(report)
    assert found is not None
    assert found.severity == "warning"


@pytest.mark.parametrize(
    "text", ["Error handling is great", "0 errors", "GET /errors 200", "at last", "Compiled", ""]
)
def test_ordinary_output_is_no_error(text) -> None:
    assert read(text, is_stderr=False) == []


def test_a_repeated_error_is_one_that_was_seen_often() -> None:
    (found,) = read("\n".join([PYTHON, "GET / 200", PYTHON, PYTHON]))
    assert found.times == 3


def test_hostile_lines_are_read_in_time() -> None:
    lines = ["a." * 5_000, "/" * 9_000, "x" * 9_000 + ": error TS", "at " * 3_000, "[" * 9_000,
             "Traceback (most recent call last):", "\tat " + "(" * 5_000, "1:" * 4_000]  # fmt: skip
    began = time.process_time()
    output.found_in([Line(line) for line in lines * 100])
    assert time.process_time() - began < 8


@pytest.mark.parametrize(
    "report", [None, 7, "x", [], {}, {"kind": 1}, {"message": None}, {"kind": "error", "line": "x"}]
)
def test_what_is_no_report_is_none(report) -> None:
    assert browser.of_report(report) is None


def test_a_page_says_where_in_text_and_numbers_only() -> None:
    found = browser.of_report({
        "kind": "error", "message": "<script>alert(1)</script>", "line": 1e99, "column": True,
        "source": "http://3000-x.vibe.localhost:8000/src/App.jsx?t=1", "stack": ["no"],
    })  # fmt: skip
    assert found is not None
    assert (found.path, found.line, found.column) == ("src/App.jsx", 0, 0)


@pytest.mark.parametrize(
    ("cause", "code", "background", "about"),
    [
        ("exited", 0, True, None),
        ("killed", None, True, None),
        ("sandbox_stopped", None, True, None),
        ("exited", 1, True, "exit"),
        ("out_of_memory", None, False, "memory"),
        ("timed_out", None, False, "time"),
        ("start_failed", None, False, "start"),
    ],
)
def test_an_end_is_an_error_by_its_cause(cause, code, background, about) -> None:
    found = exits.of_exit(
        line="node a.js", executable="node", cause=cause, exit_code=code, outcome="ended",
        background=background,
    )  # fmt: skip
    assert (found and found.about) == about


def test_a_search_that_finds_nothing_is_no_error() -> None:
    found = exits.of_exit(
        line="grep x", executable="grep", cause="exited", exit_code=1, outcome="exit 1",
        background=False,
    )  # fmt: skip
    assert found is not None
    assert found.severity == "warning"
