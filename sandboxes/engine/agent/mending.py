"""Why a program cannot be started, and what mends it, where the kernel's own word says little."""

from __future__ import annotations

import errno
import os

FIRST_LINE = 256  # the kernel reads no more of one
SIGNS = "|&;<>$`()*\"' \t\n"  # of a shell, and none of a program's name
WORDS = frozenset({
    "cd", "source", ".", "export", "unset", "set", "alias", "eval", "exec", "ulimit", "umask",
    "if", "for", "while", "case", "type",
})  # fmt: skip
SHELL = "use bash -lc, with the whole line as one argument"
FAILURES = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENOEXEC, errno.EACCES})


class LineEnds(FileNotFoundError):
    """A script whose first line ends as on Windows."""


def check_line_ends(path: str) -> None:
    """Raise LineEnds for a script whose first line starts `env` or a shell with what has a
    carriage return: exec would succeed, and they complain of what nobody sees."""
    first = _first_line(path) or b""
    if first.startswith(b"#!") and first.endswith(b"\r"):
        name = (first[2:].split() or [b""])[0]
        if name.endswith((b"/env", b"sh")):
            raise LineEnds(errno.ENOENT, "")


def mending(program: str, number: int, places: list[str]) -> str:
    """In words, what is wrong with `program`, for which exec has failed with `number`; empty
    where there is no more to say. `places` is where it was looked for."""
    if number not in FAILURES:
        return ""
    for path in places:
        if os.path.lexists(path):
            return _of_file(path, number)
    if number in (errno.ENOENT, errno.ENOTDIR):
        if program in WORDS:
            return f"{program} is a word of the shell, not a program: {SHELL}"
        if any(letter in SIGNS for letter in program):
            return f"A program is one word, and its arguments are given apart. For a line, {SHELL}"
    return ""


def _of_file(path: str, number: int) -> str:
    if os.path.isdir(path):
        return "It is a directory"
    first = _first_line(path)
    if first is None:
        return "It is a link to nothing" if os.path.islink(path) else ""
    if not os.access(path, os.X_OK):
        if not first.startswith((b"#!", b"\x7fELF")) or os.stat(path).st_uid != os.geteuid():
            return ""
        return f"It may not be executed; make it so: chmod +x {path}"
    if number == errno.ENOEXEC:
        if first.startswith(b"\x7fELF"):
            return "It is a program for another kind of processor"
        return f"Its first line names no interpreter, such as #!/bin/sh; add one, or: bash {path}"
    if first.startswith(b"#!"):
        return _of_interpreter(path, first)
    return "The loader or a library that it needs is not there" if number == errno.ENOENT else ""


def _of_interpreter(path: str, first: bytes) -> str:
    words = first[2:].strip(b" \t\r").decode("utf-8", "replace").split()
    name = " ".join(words[: 2 if words and words[0].endswith("/env") else 1])
    if first.endswith(b"\r"):
        return (
            f"Its lines end as on Windows (CRLF), so that its interpreter {name} is not found; "
            f"mend it: sed -i 's/\\r$//' {path}"
        )
    return f"Its first line asks for the interpreter {name}, which is not there or may not be run"


def _first_line(path: str) -> bytes | None:
    """None of what is no file that can be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return os.read(descriptor, FIRST_LINE).split(b"\n")[0]
    except OSError:
        return None
    finally:
        os.close(descriptor)
