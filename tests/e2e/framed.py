"""A conversation whose preview shows `framed_app`, for whichever browser looks at it."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

from tests.fixtures.firefox import Firefox
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import PATIENCE, until

APP = Path(__file__).with_name("framed_app.py").read_text()
PORT = 3000
# What every page in a tab of its own has.
WHOLE = {
    "localStorage": True,
    "indexedDB": True,
    "worker": True,
    "session": True,
    "form": True,
    "messages": "saved",
}


def conversation(
    platform: Platform, program: Client, *command: str, within: float = PATIENCE
) -> str:
    """The path of a conversation about a new sandbox in which the command serves a page on PORT;
    without one, the app above does."""
    sandbox = str(program("POST", "sandboxes", {"wait": PATIENCE})["id"])
    words = command or ("python3", "-c", APP, str(PORT))
    body = {"command": words[0], "args": list(words[1:])}
    run = program("POST", f"sandboxes/{sandbox}/commands", body)["id"]

    def listens() -> bool:
        state = program("GET", f"commands/{run}")
        assert state["status"] != "finished", program.log(run)
        ports = program("GET", f"sandboxes/{sandbox}/ports")["items"]
        return any(port["port"] == PORT and port["listening"] for port in ports)

    until(listens, lambda: program.log(run), within)
    return about(platform, program, sandbox)


def about(platform: Platform, program: Client, sandbox: str) -> str:
    """The path of a new conversation about this sandbox."""
    found = str(program("POST", "conversations", {"title": "Framed"})["id"])
    with sqlite3.connect(platform.data_dir / "db.sqlite3", timeout=20) as database:
        database.execute("UPDATE chat_conversation SET sandbox_id=? WHERE id=?", (sandbox, found))
    return f"/c/{found}/"


def afresh(platform: Platform, program: Client, path: str) -> str:
    """The path of another conversation about the same sandbox: one remembers where in the app
    somebody was last, which would be shown to whoever comes next."""
    told = program("GET", f"conversations/{path.split('/')[2]}")
    return about(platform, program, told["sandbox_id"])


def sign_in_link(platform: Platform, base: str) -> str:
    """A fresh one-time link for the user of the program, at an address of the platform."""
    return platform.manage("sign_in_link", "program", "--url", base).splitlines()[-1].strip()


def told(text: str) -> object:
    """What the page in the frame says of itself; None while it has not come that far."""
    return json.loads(text) if re.fullmatch(r"\{.*\}|\".*\"", text.strip()) else None


def in_the_frame(fox: Firefox) -> object:
    """What the app in the frame says at its end."""
    done = [frame for frame, url in fox.frames().items() if url.endswith("/done")]
    text = (
        fox.run("() => document.querySelector('#told')?.innerText", frame=done[0]) if done else ""
    )
    return told(text or "")
