"""Words and art of a landing page, by its subject."""

from __future__ import annotations

import json

from chat.agent.demo.catalogue import FOLDER, escaped
from chat.agent.demo.understanding.meaning import Intent

LANDING = FOLDER / "landing"
NEUTRAL = "neutral"


def values(intent: Intent) -> dict[str, str]:
    """What stands for the {{names}} in the page; the neutral ones for a subject without its own."""
    subject = intent.subject or NEUTRAL
    words: dict[str, str] = json.loads(
        (LANDING / "subjects" / f"{subject}.json").read_text("utf-8")
    )
    found = {name: text if name == "display" else escaped(text) for name, text in words.items()}
    # As it is written: a heading is escaped once, wherever it comes from.
    found["heading"] = words["heading"]
    found["art"] = (LANDING / "art" / f"{subject}.svg").read_text("utf-8").strip()
    return found


def subjects() -> list[str]:
    return sorted(path.stem for path in (LANDING / "subjects").glob("*.json"))
