"""The process itself: reads calls from its input, writes what they give to its output.

A call is a line of JSON, [function as "module:name", arguments…]; its answer a line of JSON, a
text or null when the function has raised. Whoever computes too long is ended by the kernel.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys

# Of processor time, for one call. In the middle of a regular expression only a signal's default
# action, the end of the process, gets through.
CPU_SECONDS = 0.5
LOADING_SECONDS = 10.0


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(2, 1)  # what is printed on the way is no answer
    for call in sys.stdin:
        name, *arguments = json.loads(call)
        module, _, function = name.partition(":")
        _allow(LOADING_SECONDS)
        called = getattr(importlib.import_module(module), function)
        _allow(CPU_SECONDS)
        try:
            answer = called(*arguments)
        except Exception:
            answer = None
        _allow(0)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _allow(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main()
