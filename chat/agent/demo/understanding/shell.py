"""Command lines among requests: bare ones, quoted ones, and those after "run"."""

from __future__ import annotations

import json
import re

from chat.agent.demo.understanding.lexicon import FOLDER

_DATA = json.loads((FOLDER / "programs.json").read_text(encoding="utf-8"))
# Programs whose names are no words of a sentence.
PROGRAMS = frozenset(_DATA["programs"].split())
# Words of a sentence too: taken for commands only with an option, a path or a file.
AMBIGUOUS = frozenset(_DATA["ambiguous"].split())
ALONE = frozenset(_DATA["alone"].split())
# Second words with which an ambiguous program is one for certain, with more behind them or alone.
_SUBCOMMANDS = {name: words.split() for name, words in _DATA["second"].items()}
_PAIRS = {name: words.split() for name, words in _DATA["pairs"].items()}
_LOOKS = re.compile(r"^-{1,2}\w|[/=|>&;*$]|\w\.\w{1,5}$|^['\"]|^\.$")
_FENCED = re.compile(r"`+([^`]+)`+")
_RUN = (
    r"(?:run|execute|start|try|exec|launch|fuhre|führe|starte|lance|exécute|execute|lancer|"
    r"ejecuta|corre|lanza|ejecutar)"
)
_POLITE = (
    r"^(?:please|now|then|ok(?:ay)?|and|can you|could you|would you|let's|bitte|kannst du|"
    r"s'il te plaît|stp|peux-tu|por favor|puedes|,|\s)*"
)
_AFTER_RUN = re.compile(
    _POLITE + _RUN + r"\s+(?:the command|the program|den befehl|das programm|la commande|"
    r"el comando|command|mal|bitte)?\s*:?\s*(.+?)(?:\s+aus)?[\s]*$",
    re.I | re.S,
)
_RUN_WITH = re.compile(
    r"\b(?:run|start|launch)\s+(?:the |my |this |our )?(?:app|server|program|project|script|it)\s+"
    r"(?:with|using|by|via)\s+(.+)",
    re.I | re.S,
)


def command_line(text: str) -> str:
    """The command line that the request is or asks for; "" for an ordinary sentence."""
    text = text.strip()
    if found := _FENCED.search(text):
        rest = (text[: found.start()] + text[found.end() :]).strip(" .!?\n")
        if not rest or re.search(rf"\b{_RUN}\b", rest, re.I):
            return _tidy(found.group(1))
        return ""
    if text.startswith("$ "):
        return _tidy(text[2:])
    if found := _RUN_WITH.search(text):
        return _tidy(found.group(1))
    if found := _AFTER_RUN.match(text):
        line = _tidy(found.group(1))
        if is_command(line, asked=True):
            return line
    return _tidy(text) if "\n" not in text and is_command(_tidy(text)) else ""


def is_command(line: str, *, asked: bool = False) -> bool:
    """Whether the line reads as a command and not as a sentence."""
    head, *rest = line.split() or [""]
    if head.startswith("./") and len(head) > 2:
        return True
    if head not in PROGRAMS | AMBIGUOUS:
        # After "run" a program that nobody knows by name: by its arguments.
        looks = [word for word in rest if _LOOKS.search(word)]
        return asked and head.islower() and bool(looks) and looks[0] == rest[0]
    if not rest:
        return head not in AMBIGUOUS or head in ALONE or asked
    if head in _SUBCOMMANDS and rest[0] in _SUBCOMMANDS[head]:
        return True
    if head not in AMBIGUOUS or (len(rest) == 1 and rest[0] in _PAIRS.get(head, ())):
        return True
    # "sleep 5", but not "top 10 films".
    if all(word.isdecimal() for word in rest):
        return True
    return any(_LOOKS.search(word) for word in rest[:2]) or (asked and head in ("echo", "which"))


def _tidy(text: str) -> str:
    """A command as typed in a sentence: without quotes, politeness and the full stop."""
    line = text.strip()
    if len(line) > 1 and (line[0], line[-1]) in {('"', '"'), ("“", "”"), ("„", "“")}:
        line = line[1:-1].strip()
    line = re.sub(r"\s+(?:please|for me|now|again|bitte|aus)\s*[.!]*$", "", line, flags=re.I)
    return re.sub(r"(?<=[\w)'\"])[.!?]$", "", line)
