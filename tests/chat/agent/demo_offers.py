"""Whether what the demo model offers does something when it is said word for word."""

from __future__ import annotations

from chat.agent.demo.speech import Voice
from chat.agent.demo.understanding.intent import understand
from tests.chat.agent.demo_world import World

LANGUAGES = ("en", "de", "fr", "es")
# What the demo model says where something did not work, or was not understood.
REFUSALS = (
    *(f"unknown.{number}" for number in range(5)),
    *("change.not_found", "change.nothing_here", "undo.nothing", "page.none", "files.not_there"),
)


def refuses(language: str, words: str) -> bool:
    voice = Voice(language)
    starts = [voice(key, **_blank()).partition("\u0000")[0] for key in REFUSALS]
    return any(start and words.startswith(start) for start in starts)


def _blank() -> dict[str, str]:
    names = ("request", "path", "offers", "files", "name", "known", "text", "title", "where")
    return dict.fromkeys(names, "\u0000")


def works(world: World, suggestion: str, language: str) -> None:
    tried = world.kept()
    assert understand(suggestion, has_app=bool(tried.files)).name != "unknown", suggestion

    words = tried.say(suggestion)

    assert not refuses(language, words), (suggestion, words)
