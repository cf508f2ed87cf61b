"""Finding words or a regular expression in lines; an expression can never hang the platform.

Python's expressions can take exponential time, and both they and the log come from outside. So
they run in a process of their own that has little memory and a few seconds of CPU.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from typing import Any, Protocol

from sandboxes.engine.sockets import readable
from vibe.refusal import Refusal

MAX_PATTERN = 1000
CPU_SECONDS = 3
WALL_SECONDS = 10.0
NICE = 5  # behind whatever answers people
MEMORY_BYTES = 512 * 1024 * 1024

# (index of the line, begin and end of the match in it)
Hit = tuple[int, int, int]


class Matcher(Protocol):
    def match(self, lines: list[str]) -> list[Hit]: ...


class Words:
    """Looks for a text as it stands."""

    def __init__(self, text: str, *, ignore_case: bool) -> None:
        self._pattern = re.compile(re.escape(text), re.IGNORECASE if ignore_case else 0)

    def match(self, lines: list[str]) -> list[Hit]:
        """The first hit of each line that has one."""
        search = self._pattern.search
        return [
            (index, *found.span()) for index, line in enumerate(lines) if (found := search(line))
        ]


_CHILD = """
import json, re, sys
pattern = None
for request in sys.stdin:
    asked = json.loads(request)
    if pattern is None:
        try:
            pattern, answer = re.compile(asked[0], asked[1]), None
        except (re.error, OverflowError, RecursionError) as error:
            answer = str(error)[:200] or "it is too deep"
    else:
        found = ((i, pattern.search(line)) for i, line in enumerate(asked))
        answer = [[i, *hit.span()] for i, hit in found if hit]
    print(json.dumps(answer), flush=True)
"""


class Expression:
    """Looks for a regular expression, in a process that lives as long as the `with` block."""

    def __init__(self, pattern: str, *, ignore_case: bool) -> None:
        """Raises Refusal when the expression makes no sense."""
        self._deadline = time.monotonic() + WALL_SECONDS
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        try:
            pid = self._process.pid
            os.setpriority(os.PRIO_PROCESS, pid, NICE)
            resource.prlimit(pid, resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            resource.prlimit(pid, resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
            problem = self._ask([pattern, int(re.IGNORECASE) if ignore_case else 0])
            if problem is not None:
                raise Refusal(
                    f"The regular expression makes no sense: {problem}.",
                    "Correct it, or search for plain text.",
                )
        except BaseException:
            self.close()
            raise

    def match(self, lines: list[str]) -> list[Hit]:
        """The first hit of each line that has one. Raises Refusal when it takes too long."""
        return [(index, begin, end) for index, begin, end in self._ask(lines)]

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()

    def _ask(self, question: object) -> Any:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            # The child reads a whole question before it answers, so this cannot block for good;
            # and it is killed by its own limit when it does not read.
            stdin.write(json.dumps(question).encode() + b"\n")
            stdin.flush()
            left = self._deadline - time.monotonic()
            answer = stdout.readline() if readable(stdout, left) else b""
        except OSError:
            answer = b""
        if not answer.endswith(b"\n"):
            raise Refusal(
                "The regular expression takes too long on this log.",
                "Make it simpler (nested repetitions such as (a+)+ are slow), or search for text.",
                code="timeout",
            )
        return json.loads(answer)

    def __enter__(self) -> Expression:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
