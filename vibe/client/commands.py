"""`vibe exec` and `vibe logs`: run something, see its output, end as it ended."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from typing import Any

from vibe.client.connection import Connection, part
from vibe.client.errors import ClientError
from vibe.client.sandboxes import pair

RETRIES = 20
INTERRUPTED = 130


def execute(api: Connection, options: Namespace) -> int:
    """The exit code is that of the command; Ctrl-C stops it."""
    words = options.words[1:] if options.words[:1] == ["--"] else options.words
    if not words:
        raise ClientError("There is no command to run.", "Write it after the sandbox's name.")
    body: dict[str, Any] = {"command": words[0], "args": words[1:], "cwd": options.cwd or ""}
    body["env"] = dict(pair(text) for text in options.env)
    if options.sudo:
        body["sudo"] = True
    if options.timeout is not None:
        body["timeout"] = options.timeout
    if options.detach:
        body["background"] = True
    command = api.call("POST", f"sandboxes/{part(options.sandbox)}/commands", body)["id"]
    if options.detach:
        print(command)
        return 0
    try:
        return follow(api, command)
    except KeyboardInterrupt:
        api.call("POST", f"commands/{command}/stop")
        return INTERRUPTED


def logs(api: Connection, options: Namespace) -> int:
    if options.follow:
        return follow(api, options.command)
    for line in api.lines(f"commands/{options.command}/logs"):
        _show(json.loads(line))
    return 0


def follow(api: Connection, command: str) -> int:
    """Show a command's output until it has ended, over dropped connections; its exit code."""
    after, failures = 0, 0
    while True:
        try:
            for line in api.lines(f"commands/{command}/logs", after=after, follow=1):
                item = json.loads(line)
                if item.get("end"):
                    return _exit_code(item)
                if "error" in item:
                    break
                _show(item)
                after, failures = item["next"], 0
        except ClientError:
            if failures >= RETRIES:
                raise
        except ValueError:  # a line that was cut off by a dropped connection
            pass
        failures += 1
        if failures > RETRIES:
            raise ClientError("The connection drops again and again.", f"vibe logs -f {command}")
        time.sleep(min(0.1 * 2**failures, 3.0))


def _show(item: dict[str, Any]) -> None:
    if "dropped" in item:
        sys.stderr.write(f"[… {item['dropped']} bytes were not kept …]\n")
        return
    stream = sys.stderr if item["stream"] == "stderr" else sys.stdout
    stream.write(item["data"])
    stream.flush()


def _exit_code(end: dict[str, Any]) -> int:
    if end["cause"] not in ("exited", "signalled"):
        sys.stderr.write(f"vibe: {end['outcome']}\n")
    if end["signal"]:
        return 128 + int(end["signal"])
    return 1 if end["exit_code"] is None else int(end["exit_code"])
