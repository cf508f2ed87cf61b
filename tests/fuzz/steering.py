"""Loaded by schemathesis: puts the ids of things that exist in the place of most made-up ones.

Not where something is deleted: what is there must last for the whole run.
"""

from __future__ import annotations

import json
import os
from zlib import crc32

import schemathesis

IDS = json.loads(os.environ["VIBE_FUZZ_IDS"])
# Of eight made-up ids so many are left as they are.
LEFT = 1


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    if not path_parameters or context.operation.method.upper() == "DELETE":
        return path_parameters
    return {name: _steered(name, value) for name, value in path_parameters.items()}


def _steered(name: str, value: object) -> object:
    known = IDS.get(name)
    number = crc32(repr(value).encode("utf-8", "surrogatepass"))
    return value if not known or number % 8 < LEFT else known[number % len(known)]
