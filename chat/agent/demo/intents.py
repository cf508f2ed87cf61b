"""Which script a request asks for. First match wins; the order is from exact to vague."""

from __future__ import annotations

import re

from chat.agent.demo.scene import Scene
from chat.agent.demo.scripts import apps, changes, commands, files, guide, sandbox
from chat.agent.demo.steps import Script

_POLITE = r"^(?:please|now|then|ok(?:ay)?|and|can you|could you|would you|let's|,|\s)*"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.I | re.S)


QUOTED = _pattern(r"\b(?:run|execute|start|try|do)\b[^`\n]*`+([^`]+)`+")
RUN_WITH = _pattern(
    r"\b(?:run|start|launch)\s+(?:the |my |this |our )?(?:app|server|program|project|script|it)\s+"
    r"(?:with|using|by|via)\s+(.+)"
)
RUN_BARE = _pattern(_POLITE + r"(?:run|execute)\s+(?:the command\s+)?(.+)")
AGAIN = _pattern(
    r"\b(?:run|start|launch|serve)\s+(?:it|that|this|everything|the \w+|my \w+)?\s*"
    r"(?:again|once more|anew)?[\s.!]*$|\b(?:restart|rerun|re-run)\b"
)
STOP = _pattern(r"\b(?:stop|kill|terminate|shut\s*down|turn off|end)\b")
URL = _pattern(
    r"\b(?:url|address|link|preview)\b|\bwhere (?:can|is|do)\b|"
    r"\bopen (?:it|the (?:app|page|preview))\b"
)
PORT = _pattern(r"\bport\s*:?\s*(\d{2,5})\b|:(\d{4,5})\b")
WORDS = _pattern(
    r"\b(?:change|set|rename|update|make|edit|replace)\b.*?\b"
    r"(title|heading|headline|header|text|greeting|message|name|subtitle|subheading|description|"
    r"paragraph)\b.*?\b(?:to|say|says|read|into|as|with)\b\s*:?\s*(.+)"
)
COLOUR = _pattern(
    r"\b(?:change|set|make|turn|use|switch|paint|give)\b.*?"
    r"(?:colou?r|background|accent|theme|\b(?:"
    + "|".join(changes.COLOURS)
    + r")\b|#[0-9a-f]{3,6}\b)"
)
CREATE = _pattern(
    r"\b(?:create|make|build|write|generate|develop|code|set ?up|new|want|need|give me|add|"
    r"show me a)\b"
)
SHOW = _pattern(
    r"\b(?:show|read|open|print|cat|display|see|view|what(?:'s| is) in|contents? of)\b.*?"
    r"([\w./-]*\w\.\w{1,5})\b"
)
LIST = _pattern(r"\b(?:list|show|which|what|see)\b.*\b(?:files|folder|director)|^\s*(?:ls|dir)\s*$")
SNAKE = _pattern(r"\bsnake\b|\bgame\b")
NODE = _pattern(
    r"\bnode(?:\.?js)?\b|\bexpress\b|\bjavascript (?:app|server)\b|\bhello[ ,-]*world\b"
)
PYTHON = _pattern(
    r"\bpython\b|\bflask\b|\bdjango\b|\bfastapi\b|\bto-?do\b|\btask list\b|\bsqlite\b"
)
SITE = _pattern(
    r"\bstatic\b|\bhtml\b|\blanding\b|\bweb ?(?:site|page)\b|\bhome ?page\b|\bportfolio\b|\bpage\b|"
    r"\bsite\b|\bweb ?app\b"
)
SANDBOX = _pattern(r"\bsandbox\b|\benvironment\b|\bmachine\b|\bvm\b")
HELP = _pattern(
    r"^\s*(?:help|hi|hello|hey|hallo|who are you|what are you|what can (?:you|i) do)\b|\bhelp me\b"
)
QUOTES = {("`", "`"), ("'", "'"), ('"', '"'), ("“", "”"), ("‘", "’"), ("„", "“")}


def recognise(scene: Scene) -> Script:
    """The script for the scene's request."""
    text = scene.request.strip()
    if found := QUOTED.search(text) or RUN_WITH.search(text):
        return commands.run(scene, _command(found.group(1)))
    return _change(scene, text) or _build(scene, text) or _operate(scene, text) or guide.unknown()


def _change(scene: Scene, text: str) -> Script | None:
    if found := WORDS.search(text):
        return changes.words(scene, found.group(1).lower(), _plain(found.group(2)))
    if COLOUR.search(text) and not (SITE.search(text) and not scene.files):
        return changes.colour(scene, text)
    return None


def _build(scene: Scene, text: str) -> Script | None:
    if not CREATE.search(text):
        return None
    if SNAKE.search(text):
        return apps.snake(scene)
    # "A Python hello world" is Python; "hello world" alone is Node.
    if PYTHON.search(text):
        return apps.python(scene)
    if NODE.search(text):
        return apps.node(scene)
    if SITE.search(text):
        return apps.site(scene)
    if SANDBOX.search(text):
        return sandbox.new(scene)
    return None


def _operate(scene: Scene, text: str) -> Script | None:
    if STOP.search(text):
        return commands.stop(scene)
    if LIST.search(text):
        return files.listing(scene)
    if AGAIN.search(text):
        return commands.again(scene)
    if found := RUN_BARE.search(text):
        return commands.run(scene, _command(found.group(1)))
    if found := SHOW.search(text):
        return files.show(scene, found.group(1))
    if URL.search(text) or PORT.search(text):
        port = PORT.search(text)
        return commands.url(scene, int(port.group(1) or port.group(2)) if port else None)
    if HELP.search(text):
        return guide.help_()
    return None


def _command(text: str) -> str:
    """A command as typed in a sentence: without quotes, politeness and the full stop."""
    line = _unquoted(text)
    line = re.sub(r"\s+(?:please|for me|now|again)\s*[.!]*$", "", line, flags=re.I)
    return re.sub(r"(?<=[\w)'\"])[.!?]$", "", line)


def _plain(text: str) -> str:
    """New words for a page: without the quotes and the full stop of the sentence around them."""
    return _unquoted(text.strip().removesuffix("."))[:120]


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) > 1 and (text[0], text[-1]) in QUOTES:
        return text[1:-1].strip()
    return text
