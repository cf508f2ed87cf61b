"""The process that does for `up` what needs Django: `python -m vibe.up.preparation_server`.

Loads the platform once, answers calls until its standard input ends, and is gone with all that it
loaded. A call is a line `{"call": NAME, "arguments": […]}`; the answer is a line `{"result": …}`,
or `{"cannot": SENTENCES}` for a CannotStart, after any number of `{"say": TEXT}`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from typing import Any

from vibe.env import in_a_sentence
from vibe.up.instance import CannotStart


def serve() -> None:
    """Answer every call on standard input."""
    # What a library prints must not pass for an answer.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def answer(**message: Any) -> None:
        print(json.dumps(message), file=answers, flush=True)

    import django

    django.setup()
    from vibe.up import preparation

    calls: dict[str, Callable[..., Any]] = {
        "check_redis": preparation.check_redis,
        "migrate": lambda: preparation.migrate(lambda text: answer(say=text)),
        "isolation": preparation.isolation,
        "forget_heartbeats": preparation.forget_heartbeats,
        "worker_is_alive": preparation.worker_is_alive,
        "first_link": preparation.first_link,
        "stop_sandboxes": preparation.stop_sandboxes,
    }
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            result = calls[asked["call"]](*asked["arguments"])
        except CannotStart as reason:
            answer(cannot=str(reason))
        else:
            answer(result=result)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")
    with in_a_sentence():
        serve()
