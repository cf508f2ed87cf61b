"""Requests to change what there is: words, colours, sizes, pages."""

from __future__ import annotations

import re

from chat.agent.demo.understanding import names
from chat.agent.demo.understanding.colours import named_colour
from chat.agent.demo.understanding.meaning import Intent
from chat.agent.demo.understanding.request import Request

_SAYS = re.compile(
    r"\b(?:to say|should say|should be|should read|soll\w* .*(?:lauten|heißen))\b"
    # "Headline: Fresh every day"
    r"|^\s*(?:\w+\s){0,2}\w+\s*:\s*\S",
    re.I,
)


def change(asked: Request) -> Intent | None:
    """Changes of what there is."""
    if asked.has("do.delete"):
        return None
    if asked.has("do.explain") and not asked.has("do.change", "do.add"):
        # "Why is it blue?" wants no other colour.
        return None
    if asked.is_new and asked.found.first("build.") and not asked.has("thing.page"):
        return None
    changes = asked.has("do.change", "do.add", "do.create", "do.rename")
    paths = names.files(asked.text)
    if asked.has("do.rename", "do.change") and len(paths) > 1:
        return Intent("rename", path=paths[0], text=paths[1])
    words = names.new_words(asked.text)
    target = _target(asked)
    if asked.has("do.rename") and words:
        return Intent("words", what=target or "heading", text=words)
    colour = named_colour(asked.text, asked.found)
    rewords = asked.has("do.change", "do.rename") or bool(_SAYS.search(asked.text))
    if (
        target
        and rewords
        and words
        and not (colour and asked.has("thing.colour", "thing.background"))
    ):
        return Intent("words", what=target, text=words)
    speaks_of_colour = asked.has("thing.background", "thing.colour")
    builds = asked.found.first("build.") or asked.found.first("subject.")
    is_first = bool(builds) and not asked.has_app
    if (speaks_of_colour or (colour and (asked.has_app or changes))) and not is_first:
        what = "background" if asked.has("thing.background") else "colour"
        return Intent(what, colour=colour)
    if asked.has("thing.dark") and not is_first:
        return Intent("dark")
    if (asked.has("thing.page") and not (is_first and asked.found.first("subject."))) or (
        asked.has_app and asked.has("do.add") and asked.found.first("build.") == "landing"
    ):
        return Intent("page", text=_page_name(asked))
    things = [name for name in asked.found.all("build.") if name != "landing"]
    if things and (not asked.has_app or asked.has("one")):
        # "A small chat" is a chat.
        return None
    if asked.has("thing.bigger", "thing.smaller"):
        return Intent("size", what="bigger" if asked.has("thing.bigger") else "smaller")
    if asked.has("thing.nicer") and not asked.found.first("build."):
        return Intent("nicer")
    return None


def _target(asked: Request) -> str:
    for what in ("lead", "heading", "words"):
        if asked.has(f"thing.{what}"):
            return "lead" if what == "lead" else "heading"
    return ""


def _page_name(asked: Request) -> str:
    called = names.quoted(asked.text) or re.sub(
        r"^(?:to|it|add)\b.*", "", _called(asked.text), flags=re.I
    )
    if called:
        return called
    tokens = set(asked.found.tokens)
    known = {
        "Contact": {"contact", "kontaktseite", "contacto", "kontakt"},
        "Pricing": {"pricing", "prices"}, "FAQ": {"faq"}, "Team": {"team"}, "Menu": {"menu"},
        "Imprint": {"imprint", "impressum", "mentions", "aviso"},
    }  # fmt: skip
    return next((name for name, words in known.items() if words & tokens), "About")


def _called(text: str) -> str:
    found = re.search(
        r"\b(?:called|named|titled|namens|appelée|llamada)\s+([\w][\w -]{1,40})", text
    )
    return found.group(1).strip().capitalize() if found else ""
