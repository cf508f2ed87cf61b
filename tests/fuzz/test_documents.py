"""Requests made up from the API's own documents never meet a fault of the server, and every answer
is one that the documents promise.

`VIBE_FUZZ_CASES` is about how many are sent in all; CI sends the default.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import urllib.request
from pathlib import Path

import pytest

from tests.fixtures.platform import Platform

pytestmark = [pytest.mark.sandbox, pytest.mark.battery]

CASES = int(os.environ.get("VIBE_FUZZ_CASES") or 600)
DOCUMENTS = {"native": "/api/v1", "vercel": "/vercel/v2", "vercel-v1": "/vercel/v1"}
CHECKS = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance",
    "response_headers_conformance", "response_schema_conformance", "ignored_auth",
)  # fmt: skip
# They end the key with which the fuzzer calls, or wait for what never comes.
LEFT_OUT = ("revoke_key",)


def operations(platform: Platform, root: str) -> int:
    with urllib.request.urlopen(f"{platform.url}{root}/openapi.json", timeout=30) as answer:
        document = json.load(answer)
    return sum(len(item) for item in document["paths"].values())


@pytest.mark.parametrize("which", DOCUMENTS)
def test_made_up_requests_meet_no_fault(
    which: str, platform: Platform, fuzzer: Path, key: str, environment: dict[str, str],
    tmp_path: Path,
) -> None:  # fmt: skip
    total = sum(operations(platform, root) for root in DOCUMENTS.values())
    root = DOCUMENTS[which]
    argv = [
        str(fuzzer), "run", f"{platform.url}{root}/openapi.json", "--phases", "fuzzing",
        "-H", f"Authorization: Bearer {key}", "--checks", ",".join(CHECKS),
        "--max-examples", str(max(1, CASES // total)), "--workers", "2", "--seed", "1",
        "--continue-on-failure", "--suppress-health-check", "all", "--warnings", "off",
        "--request-timeout", "60",
    ]  # fmt: skip
    for name in LEFT_OUT:
        argv += ["--exclude-operation-id", name]
    done = subprocess.run(
        argv, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=3600
    )
    assert done.returncode == 0, done.stdout[-12000:] + done.stderr[-3000:]
    sent = re.search(r"(\d+) generated", done.stdout)
    assert sent is not None and int(sent[1]) > 0, done.stdout[-3000:]
    print(f"{which}: {sent[1]} requests")
