"""`vibe chat`: talk with the model in the terminal."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from vibe.client.answering import WAITS, answered
from vibe.client.connection import Connection
from vibe.client.errors import ClientError

MARKS = {
    "running": "━",
    "waiting": "?",
    "background": "━",
    "done": "✓",
    "failed": "✗",
    "stopped": "■",
}


def chat(api: Connection, options: Namespace) -> int:
    """With words: one message and its answer. Without: a conversation until end of input."""
    conversation = options.conversation
    if not conversation:
        conversation = api.call("POST", "conversations", {"model": options.model or ""})["id"]
        sys.stderr.write(f"{api.url}/c/{conversation}/\n")
    if options.words:
        return _turn(api, conversation, " ".join(options.words))
    code = 0
    while True:
        try:
            message = input("> " if sys.stdin.isatty() else "")
        except (EOFError, KeyboardInterrupt):
            return code
        if message.strip():
            code = _turn(api, conversation, message)


def _turn(api: Connection, conversation: str, message: str) -> int:
    turn = api.call("POST", f"conversations/{conversation}/turns", {"message": message})["id"]
    try:
        return _follow(api, turn)
    except KeyboardInterrupt:
        api.call("POST", f"turns/{turn}/stop")
        sys.stderr.write("\nStopped.\n")
        return 130


def _follow(api: Connection, turn: str) -> int:
    after, told = 0, set[str]()
    while True:
        for cursor, event in _events(api.lines(f"turns/{turn}/events", after=after)):
            after = cursor or after
            if event["type"] == "text":
                sys.stdout.write(event["delta"])
                sys.stdout.flush()
            elif event["type"] == "part" and event.get("content"):
                _tell(event["content"], told)
            elif event["type"] == "turn" and event["status"] == "waiting":
                sys.stdout.flush()
                if not answered(api, turn):
                    return WAITS
            elif event["type"] == "turn" and event["status"] in ("completed", "failed", "stopped"):
                sys.stdout.write("\n")
                return _end(api, turn, event["status"])


def _events(lines: Iterator[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
    """(cursor, event) of server-sent events."""
    cursor = 0
    for raw in lines:
        name, _, value = raw.decode().rstrip("\n").partition(": ")
        if name == "id":
            cursor = int(value)
        elif name == "data":
            yield cursor, json.loads(value)


def _tell(part: dict[str, Any], told: set[str]) -> None:
    """A line when a tool call begins and one when it ends."""
    if part["kind"] != "tool_call" or f"{part['id']}{part['state']}" in told:
        return
    told.add(f"{part['id']}{part['state']}")
    arguments = part["arguments"] if isinstance(part["arguments"], dict) else {}
    words = [arguments.get("command") or arguments.get("path") or arguments.get("name") or ""]
    words += arguments.get("args") or []
    shown = " ".join(str(word) for word in words)[:120]
    sys.stderr.write(f"\n{MARKS.get(part['state'], '·')} {part['tool']} {shown}".rstrip() + "\n")


def _end(api: Connection, turn: str, status: str) -> int:
    if status == "completed":
        return 0
    error = api.call("GET", f"turns/{turn}")["error"] or {}
    raise ClientError(error.get("title") or f"The turn was {status}.", error.get("detail", ""))
