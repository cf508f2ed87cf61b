"""What a turn asks, in the terminal: shown, and answered by a line or left to the page."""

from __future__ import annotations

import sys
from typing import Any

from vibe.client.connection import Connection
from vibe.client.errors import ClientError

# What `vibe chat` returns when a turn waits and nobody is there to answer.
WAITS = 3
APPROVALS = {"y": "once", "a": "conversation", "n": "deny"}
PLANS = {"b": "build", "c": "change", "d": "discard"}


def answered(api: Connection, turn: str) -> bool:
    """Show what the turn asks and send the answer that is typed; False when none is.

    An answer that came from elsewhere meanwhile counts as one.
    """
    found = api.call("GET", f"turns/{turn}")
    question = found.get("question") or {}
    if found["status"] != "waiting":
        return True
    _show(question)
    if not sys.stdin.isatty():
        page = f"{api.url}/c/{found['conversation_id']}/"
        sys.stderr.write(
            f"Answer on {page}\nor by POST {api.url}/api/v1/turns/{turn}/answer "
            f"(see {api.url}/api/docs). The turn waits.\n"
        )
        return False
    while True:
        try:
            given = _typed(question)
        except (EOFError, KeyboardInterrupt):
            return False
        try:
            api.call("POST", f"turns/{turn}/answer", {"question": question["id"], **given})
        except ClientError as error:
            sys.stderr.write(f"{error}\n")
            if api.call("GET", f"turns/{turn}")["status"] == "waiting":
                continue
        return True


def _show(question: dict[str, Any]) -> None:
    asked = question["asked"]
    lines = ["", "Waiting for you."]
    if question["kind"] == "approval":
        lines += [asked["what"], f"    {asked['exact']}"]
        lines += [f"{reason['title']}. {reason['why']}" for reason in asked["reasons"]]
    elif question["kind"] == "plan":
        lines.append(asked["title"])
        lines += [f"  {number}. {step}" for number, step in enumerate(asked["steps"], 1)]
    elif question["kind"] == "question":
        for one in asked["questions"]:
            lines.append(one["question"])
            lines += [
                f"  {number}. {choice}{' (suggested)' if number - 1 == one['default'] else ''}"
                for number, choice in enumerate(one["choices"], 1)
            ]
    else:
        lines += [asked["title"], asked.get("detail", "")]
        lines += [f"  {one['value']}: {one['label']}" for one in asked["choices"]]
    sys.stderr.write("\n".join(line for line in lines if line) + "\n")


def _typed(question: dict[str, Any]) -> dict[str, Any]:
    """The body of the answer, from what the person types."""
    kind = question["kind"]
    if kind == "question":
        return {"answers": [_one(one) for one in question["asked"]["questions"]]}
    if kind == "approval":
        word = input("Allow? y: once, a: in this conversation, n [reason]: no > ").strip()
        letter, _, text = word.partition(" ")
        return {"decision": APPROVALS.get(letter.lower(), letter), "text": text}
    if kind == "plan":
        word = input("b: build it, c what: change it, d: discard > ").strip()
        letter, _, text = word.partition(" ")
        return {"decision": PLANS.get(letter.lower(), letter), "text": text}
    return {"decision": input("> ").strip()}


def _one(question: dict[str, Any]) -> dict[str, Any]:
    word = input(f"{question['question']} > ").strip()
    if not word:
        return {}
    return {"choice": int(word) - 1} if word.isdecimal() and int(word) else {"text": word}
