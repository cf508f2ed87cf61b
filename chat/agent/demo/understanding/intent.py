"""The intent of a request: from exact to vague, the first that fits."""

from __future__ import annotations

import re

from chat.agent.demo.understanding import building, changing, names
from chat.agent.demo.understanding.lexicon import find
from chat.agent.demo.understanding.meaning import Intent
from chat.agent.demo.understanding.request import Request
from chat.agent.demo.understanding.shell import command_line

_TRACE = re.compile(
    r"Traceback \(most recent|\b\w*(?:Error|Exception): |\bat .+:\d+:\d+|npm ERR!|exit(?:ed with)? "
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
LIMIT = 2_000
COMMAND_LIMIT = 20_000


def understand(text: str, *, has_app: bool = False) -> Intent:
    """What the request asks for. `has_app`: whether there is something that could be changed."""
    text = text.strip()
    # Of a pasted log or article the beginning tells what is wanted.
    head = text[:LIMIT]
    found = find(head)
    line = command_line(text) if len(text) <= COMMAND_LIMIT else ""
    if line:
        wipes = _WIPES.search(line)
        intent = Intent("delete_all", what="all") if wipes else Intent("run", line=line)
    else:
        intent = _intent(Request(head, found, has_app))
    # A command is in no language: that of the words around it counts.
    around = text.replace(intent.line, "") if intent.line else ""
    intent.language = find(around).language if intent.line else found.language
    return intent


def _intent(asked: Request) -> Intent:
    if _TRACE.search(asked.text):
        return Intent("fix")
    for part in (_new_file, _talk, _step_back, changing.change, _files, _build, _operate, _vague):
        if intent := part(asked):
            return intent
    return Intent("unknown", near=_near(asked))


def _new_file(asked: Request) -> Intent | None:
    """ "Create a file called notes.txt", "write hello to a.txt" """
    paths = names.files(asked.text)
    if not paths or not asked.has("do.create") or asked.has("do.rename", "do.delete"):
        return None
    written = _WRITE.search(asked.text)
    if written or asked.has("thing.file"):
        text = names.quoted(asked.text) or (written.group(1).strip() if written else "")
        return Intent("new_file", path=paths[0], text=text if text != paths[0] else "")
    return None


def _talk(asked: Request) -> Intent | None:
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
    if _only_agrees(asked) and not builds:
        return Intent("continue")
    if asked.has("do.help") and not builds and not asked.has("do.fix", "do.change"):
        return Intent("help")
    if asked.has("do.hello") and not works and not builds and len(asked.found.tokens) <= SHORT:
        return Intent("hello")
    return None


def _only_agrees(asked: Request) -> bool:
    """ "Yes", "go on"; in "no, undo" the second word is what is asked for."""
    wishes = {
        name for name in asked.found.concepts if name.startswith(("do.", "thing.", "colour."))
    }
    few = len(asked.found.tokens) <= 3 and not asked.found.strange
    return wishes == {"do.continue"} and few


def _step_back(asked: Request) -> Intent | None:
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


def _files(asked: Request) -> Intent | None:
    paths = names.files(asked.text)
    if asked.has("do.delete"):
        if paths:
            return Intent("delete", path=paths[0])
        return Intent(
            "delete_all",
            what="all" if asked.has("all", "thing.code", "thing.file", "thing.sandbox") else "",
        )
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
    if asked.has("do.search") and (
        asked.found.concepts["do.search"] == 0 or not asked.found.first("build.")
    ):
        term = names.quoted(asked.text) or asked.text.split()[-1].strip(".?!")
        return Intent("search", text=term)
    if asked.has("do.install"):
        return Intent("install", text=asked.text.split()[-1].strip(".?!\"'`"))
    return None


def _build(asked: Request) -> Intent | None:
    if asked.has("do.stop", "do.again") or (
        asked.has("do.run") and asked.has_app and not asked.has("do.create")
    ):
        return None
    if asked.has("do.explain") or (asked.has("do.where") and asked.has_app and not asked.is_new):
        return None
    if asked.has_app and asked.has("do.show") and not asked.has("do.create", "one"):
        return None
    if asked.has_app and asked.has("do.rename", "do.change") and not asked.has("do.create", "one"):
        return None
    if asked.has_app and _OFFERED.search(asked.text) and not asked.has("do.create"):
        return None
    return building.wanted(asked.text, asked.found)


def _operate(asked: Request) -> Intent | None:
    if asked.has("do.stop"):
        return Intent("stop", recipe=asked.found.first("build."))
    if asked.has("do.tests"):
        return Intent("tests")
    if asked.has("do.logs"):
        return Intent("logs")
    if asked.has("do.again"):
        return Intent("again", recipe=asked.found.first("build."))
    if asked.has("do.explain"):
        return Intent("explain")
    if asked.has("do.where") or names.port(asked.text):
        return Intent("url", port=names.port(asked.text))
    if asked.has("do.run") and (asked.has("thing.server", "thing.page") or asked.has_app):
        return Intent("again", recipe=asked.found.first("build."))
    if asked.has("thing.sandbox") and asked.has("do.create", "one"):
        return Intent("sandbox")
    return None


def _vague(asked: Request) -> Intent | None:
    """Broad words, once nothing better was found."""
    if intent := building.broad(asked.text, asked.found):
        return intent
    if asked.has("do.show") and (asked.has("thing.server") or asked.has_app):
        return Intent("url", port=None)
    return None


def _near(asked: Request) -> str:
    """What is offered: of an app that there is, changes that it can make."""
    changes = asked.has_app or asked.has("do.change", "do.add", "do.rename")
    return asked.found.first("near.") or ("change" if changes else "")
