"""Which rules the code of another language meets that a command line holds: only words are looked
for, since what a program does is kept in by the sandbox.
"""

from __future__ import annotations

import re

from chat.tools import shell_words as known


def reads_program(head: str) -> bool:
    """Whether the command before a here-document takes it for its program."""
    return any(is_interpreter(known.name_of(word)) for word in re.split(r"[\s|;&]+", head))


def is_interpreter(name: str) -> bool:
    """Whether a program of this name runs the code that it is given."""
    return name in known.INTERPRETERS or bool(re.fullmatch(r"python[\d.]+", name))


def in_code(code: str) -> set[str]:
    """The rules that the words of the code meet."""
    patterns = {"delete": known.IN_CODE, "root": known.SUDO, "hidden": known.DECODES}
    return {name for name, pattern in patterns.items() if pattern.search(code)}


def interpreter(rest: list[str], before: set[str], line: str) -> set[str]:
    """The rules that an interpreter's arguments meet; `before`: programs whose output it reads."""
    reads = not [word for word in rest if not word.startswith("-")] or rest[:1] == ["-"]
    # Code stands behind a flag that may be one of several in a word, or comes from a pipe.
    if any(word.startswith("-") for word in rest) or reads:
        found = in_code(" ".join(rest) if not reads else f"{line} {' '.join(rest)}")
        if found:
            return found
    downloads = before & (known.SOURCES - {"printf", "echo", "tr"})
    return {"hidden"} if reads and downloads else set()
