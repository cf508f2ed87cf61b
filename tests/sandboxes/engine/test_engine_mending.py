"""Programs that cannot be started: why, and what mends it."""

from __future__ import annotations

import os

import pytest

from sandboxes.engine.spec import FIRST_BASE, RANGE, USER_ID
from tests.sandboxes.engine.boxes import Box

BASE = FIRST_BASE + (65_020 + os.getpid() % 40) * RANGE


@pytest.fixture
def box(isolated) -> Box:
    return isolated


def write(box: Box, name: str, content: bytes, mode: int | None = 0o755) -> None:
    box.files.write_files([(name, content, mode)])


def refused(box: Box, *argv: str) -> str:
    ended, _, _ = box.run(*argv)
    assert ended.code in (126, 127)
    return ended.error


@pytest.mark.parametrize(
    ("first", "interpreter"),
    [
        ("/bin/bash", "/bin/bash"),
        ("/usr/bin/env node", "/usr/bin/env node"),
        ("/bin/sh -e", "/bin/sh"),
    ],
)
def test_a_script_with_windows_line_ends_is_told_of_them(box, first, interpreter):
    write(box, "x.sh", f"#!{first}\r\necho hello\r\n".encode())
    said = refused(box, "./x.sh")
    assert "CRLF" in said and f"interpreter {interpreter} is" in said
    assert "sed -i 's/\\r$//' ./x.sh" in said


def test_what_mends_windows_line_ends_does(box):
    write(box, "x.sh", b"#!/bin/bash\r\necho hello\r\n")
    assert box.shell("sed -i 's/\\r$//' ./x.sh && ./x.sh") == "hello"


def test_an_interpreter_that_is_missing_is_named(box):
    write(box, "x.py", b"#!/opt/none/python9\nprint(1)\n")
    assert "interpreter /opt/none/python9, which is not there" in refused(box, "./x.py")


def test_a_script_without_a_first_line_is_told_so(box):
    write(box, "x", b"echo hello\n")
    assert "names no interpreter" in refused(box, "./x")


def test_a_file_that_may_not_be_executed_is_told_how_it_may(box):
    write(box, "x.sh", b"#!/bin/sh\n", 0o644)
    assert "chmod +x ./x.sh" in refused(box, "./x.sh")


@pytest.mark.parametrize("line", ["ls -la | wc", "npm run dev", "A=1 make", "cat <in >out", "a;b"])
def test_a_command_line_in_place_of_a_program_is_sent_to_a_shell(box, line):
    said = refused(box, line)
    assert said.startswith(f"No such file or directory: {line}. ") and "use bash -lc" in said


@pytest.mark.parametrize("word", ["cd", "export", "source"])
def test_a_word_of_the_shell_is_sent_to_a_shell(box, word):
    assert "is a word of the shell" in refused(box, word, "/tmp")


def test_an_unknown_program_gets_no_advice(box):
    assert refused(box, "no-such-program") == "No such file or directory: no-such-program"


def test_a_program_whose_name_has_a_blank_is_run(box):
    write(box, "my tool", b"#!/bin/sh\necho ran\n")
    assert box.run("./my tool")[1] == "ran\n"


def test_sudo_tells_the_same(full, start):
    if not full.writable:
        pytest.skip(f"no root in sandboxes here: {full.read_only_because}")
    box = start(full, base=BASE, uid=BASE + USER_ID)
    write(box, "x.sh", b"#!/bin/bash\r\necho hello\r\n")
    ended, _, err = box.run("sudo", "./x.sh")
    assert ended.code == 127 and "CRLF" in err
