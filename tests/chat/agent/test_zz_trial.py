from __future__ import annotations
import os, time, pytest
from tests.chat.agent.conftest import *

REQS = os.environ.get("REQS", "").split("|")


def test_trial(sandbox_worker, conversation, say, parts):
    for r in REQS:
        t = time.time()
        turn = say(r)
        print(
            f"\n>>> {r}  [{turn.status} {time.time() - t:.2f}s in={turn.input_tokens} req={turn.requests}] {turn.error or ''}"
        )
        for p in parts(turn):
            if p.kind == "tool_call":
                a = {
                    k: (v if k != "files" else [f["path"] for f in v])
                    for k, v in p.arguments.items()
                }
                print("  *", p.tool, a, p.state, p.result, p.command)
            else:
                print("  ", p.kind + ":", p.text[:400].replace("\n", "\n     "))
