"""The intent of a request: from exact to vague, the first that fits."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.agent.demo.understanding import building, names
from chat.agent.demo.understanding.colours import named_colour
from chat.agent.demo.understanding.lexicon import Found, find
from chat.agent.demo.understanding.meaning import Intent
from chat.agent.demo.understanding.shell import command_line

_TRACE = re.compile(
    r"Traceback \(most recent|^\w*(?:Error|Exception): |\bat .+:\d+:\d+|npm ERR!|exit(?:ed with)? "
    r"(?:code )?[1-9]|Cannot find module|ModuleNotFoundError",
    re.M,
)
# A command that would leave nothing: it is not run, but answered.
_WIPES = re.compile(
    r"\brm\s+(?:-\S+\s+)*-\w*[rR]\w*\s+(?:-\S+\s+)*(?:/|~|\*|\.|/\*|\./\*|~/\*"
    r"|/vercel(?:/sandbox)?(?:/\*)?)/?(?:\s|$)"
)
_WRITE = re.compile(
    r"\b(?:write|put|schreibe?|écris|escribe)\s+(.+?)\s+(?:to|into|in|dans|en)\s+", re.I | re.S
)
_OFFERED = re.compile(r"\b(?:is|ist|est|es)\b.*\?$", re.I)
SHORT = 5


@dataclass(frozen=True)
class _Request:
    text: str
    found: Found
    has_app: bool

    def has(self, *concepts: str) -> bool:
        return self.found.has(*concepts)

    @property
    def is_new(self) -> bool:
        """Whether it speaks of another thing, and not of the one that exists."""
        return self.has("do.create") and self.has("one")


def understand(text: str, *, has_app: bool = False) -> Intent:
    """What the request asks for. `has_app`: whether there is something that could be changed."""
    text = text.strip()
    found = find(text)
    intent = _intent(_Request(text, found, has_app))
    # A command is in no language: that of the words around it counts.
    around = text.replace(intent.line, "") if intent.line else ""
    intent.language = find(around).language if intent.line else found.language
    return intent


def _intent(asked: _Request) -> Intent:
    if line := command_line(asked.text):
        return Intent("delete_all") if _WIPES.search(line) else Intent("run", line=line)
    if _TRACE.search(asked.text):
        return Intent("fix")
    for part in (_new_file, _talk, _step_back, _change, _files, _build, _operate, _vague):
        if intent := part(asked):
            return intent
    return Intent("unknown", near=_near(asked.found))


def _new_file(asked: _Request) -> Intent | None:
    """ "Create a file called notes.txt", "write hello to a.txt" """
    paths = names.files(asked.text)
    if not paths or not asked.has("do.create") or asked.has("do.rename", "do.delete"):
        return None
    written = _WRITE.search(asked.text)
    if written or asked.has("thing.file"):
        text = names.quoted(asked.text) or (written.group(1).strip() if written else "")
        return Intent("new_file", path=paths[0], text=text if text != paths[0] else "")
    return None


def _talk(asked: _Request) -> Intent | None:
    """Courtesies; only where nothing else is asked for."""
    works = asked.has(
        "do.create", "do.change", "do.add", "do.run", "do.stop", "do.delete", "do.fix"
    )
    builds = bool(asked.found.first("build.")) and not asked.has("do.help")
    if asked.has("do.undo", "do.explain", "do.where", "do.list") or works or builds:
        pass
    elif asked.has("do.thanks") and not asked.found.first("colour."):
        return Intent("thanks")
    elif asked.has("do.bye") and len(asked.found.tokens) <= SHORT:
        return Intent("bye")
    if asked.has("do.continue") and len(asked.found.tokens) <= 3 and not works and not builds:
        return Intent("continue")
    if asked.has("do.help") and not builds and not asked.has("do.fix", "do.change"):
        return Intent("help")
    if asked.has("do.hello") and not works and not builds and len(asked.found.tokens) <= SHORT:
        return Intent("hello")
    return None


def _step_back(asked: _Request) -> Intent | None:
    if asked.has("do.undo"):
        return Intent("undo")
    renames = asked.has("do.rename") and names.new_words(asked.text)
    if (
        asked.has("do.fix")
        and not renames
        and not asked.has("build.buggy")
        and not asked.found.first("subject.")
    ):
        return Intent("fix")
    if asked.has("do.deploy"):
        return Intent("deploy")
    return None


def _change(asked: _Request) -> Intent | None:
    """Changes of what there is."""
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
    rewords = asked.has("do.change", "do.rename")
    if (
        target
        and rewords
        and words
        and not (colour and asked.has("thing.colour", "thing.background"))
    ):
        return Intent("words", what=target, text=words)
    speaks_of_colour = asked.has("thing.background", "thing.colour")
    is_first = bool(asked.found.first("build.")) and not asked.has_app
    if (speaks_of_colour or (colour and (asked.has_app or changes))) and not is_first:
        what = "background" if asked.has("thing.background") else "colour"
        return Intent(what, colour=colour)
    if asked.has("thing.dark") and not is_first:
        return Intent("dark")
    if asked.has("thing.page"):
        return Intent("page", text=_page_name(asked))
    if asked.has("thing.bigger", "thing.smaller"):
        return Intent("size", what="bigger" if asked.has("thing.bigger") else "smaller")
    if asked.has("thing.nicer") and not asked.found.first("build."):
        return Intent("nicer")
    return None


def _target(asked: _Request) -> str:
    for what in ("lead", "heading", "words"):
        if asked.has(f"thing.{what}"):
            return "lead" if what == "lead" else "heading"
    return ""


def _page_name(asked: _Request) -> str:
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


def _files(asked: _Request) -> Intent | None:
    paths = names.files(asked.text)
    if asked.has("do.delete"):
        if paths:
            return Intent("delete", path=paths[0])
        return Intent("delete_all")
    if asked.has("do.download"):
        return Intent("download")
    if asked.has("do.list") and not asked.found.first("build.") and not paths:
        return Intent("list")
    if paths and not asked.has("do.create", "do.run"):
        return Intent("show", path=paths[0])
    if asked.has("thing.code") and not asked.found.first("build."):
        return Intent("code")
    if asked.has("do.show") and asked.has("thing.file"):
        return Intent("list")
    if asked.has("do.search"):
        term = names.quoted(asked.text) or asked.text.split()[-1].strip(".?!")
        return Intent("search", text=term)
    if asked.has("do.install"):
        return Intent("install", text=asked.text.split()[-1].strip(".?!\"'`"))
    return None


def _build(asked: _Request) -> Intent | None:
    if asked.has("do.stop", "do.again") or (
        asked.has("do.run") and asked.has_app and not asked.has("do.create")
    ):
        return None
    if asked.has("do.explain") or (asked.has("do.where") and asked.has_app and not asked.is_new):
        return None
    if asked.has_app and _OFFERED.search(asked.text) and not asked.has("do.create"):
        return None
    return building.wanted(asked.text, asked.found)


def _operate(asked: _Request) -> Intent | None:
    if asked.has("do.stop"):
        return Intent("stop")
    if asked.has("do.tests"):
        return Intent("tests")
    if asked.has("do.logs"):
        return Intent("logs")
    if asked.has("do.again"):
        return Intent("again")
    if asked.has("do.explain"):
        return Intent("explain")
    if asked.has("do.where") or names.port(asked.text):
        return Intent("url", port=names.port(asked.text))
    if asked.has("do.run") and (asked.has("thing.server", "thing.page") or asked.has_app):
        return Intent("again")
    if asked.has("thing.sandbox") and asked.has("do.create", "one"):
        return Intent("sandbox")
    return None


def _vague(asked: _Request) -> Intent | None:
    """Broad words, once nothing better was found."""
    if intent := building.broad(asked.text, asked.found):
        return intent
    if asked.has("do.show") and asked.has("thing.server"):
        return Intent("url", port=None)
    return None


def _near(found: Found) -> str:
    return found.first("near.") or ("change" if found.has("do.change", "do.add") else "")
