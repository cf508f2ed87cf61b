"""Errors that programs print with the road to them: Python, Node, Go, Java, Ruby, PHP."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.problems.found import COMMAND, Found
from chat.problems.lines import Place, excerpt, innermost, place

# An error and the number of the first line after it.
Read = tuple[Found, int] | None
MOST_LINES = 400

_PY_START = "Traceback (most recent call last):"
_PY_FRAME = re.compile(r'^\s*File "([^"]{1,400})", line (\d{1,7})')
_PY_END = re.compile(r"^([A-Za-z_][\w.]{0,120})(?:: (.*))?$")
_PY_SYNTAX = re.compile(r"^(?:SyntaxError|IndentationError|TabError)\b")
_PY_MORE = ("During handling of the above exception", "The above exception was the direct cause")
_JS_ERROR = re.compile(
    r"^(?:\[?[\w: .-]{0,40}\]?\s)?(?:Uncaught )?(?:[\w$]*(?:Error|Exception)|AggregateError)"
    r"(?: \[\w+\])?: .+|^\[cause\]: \w*Error: .+"
)
_JS_FRAME = re.compile(r"^\s+at (?:.{0,300}\()?((?:file:/{2})?[^()\s]{1,400}?):(\d+):(\d+)\)?")
_JS_HEAD = re.compile(r"^((?:file:/{2})?/[^\s:]{1,400}):(\d+)$")
_GO_PANIC = re.compile(r"^(?:panic|fatal error): .+")
_GO_FRAME = re.compile(r"^\s+(/[^\s:]{1,400}\.go):(\d+)")
_JAVA = re.compile(
    r'^(?:Exception in thread "[^"]*" |Caused by: )?((?:\w+\.)+\w*(?:Exception|Error))(?::.*)?$'
)
_JAVA_FRAME = re.compile(r"^\s+at [\w.$/<>]+\(([\w$]+\.(?:java|kt|scala)):(\d+)\)")
_RUBY = re.compile(r"^(?:\S+: )?([^\s:]{1,400}\.rb):(\d+):in [`'].*?': .+\(\w[\w:]*\)")
_RUBY_SYNTAX = re.compile(
    r"^(?:ruby: )?([^\s:]{1,400}\.rb):(\d+): (?:syntax error|.*SyntaxError).*"
)
_PHP = re.compile(
    r"^(?:\[[^\]]*\] )?(?:PHP )?(?:Fatal|Parse) error:\s+(.+?) in (/?[^\s:]{1,400})"
    r"(?::| on line )(\d+)"
)


def python(texts: Sequence[str], at: int) -> Read:
    if texts[at].strip().endswith(_PY_START):
        return _python_traceback(texts, at)
    frame = _PY_FRAME.match(texts[at])
    if not frame:
        return None
    # A main script that does not parse has no heading.
    for end in range(at + 1, min(at + 6, len(texts))):
        if _PY_SYNTAX.match(texts[end]):
            where = place(frame[1], frame[2])
            return _found("python", texts, at, end + 1, texts[end], where), end + 1
    return None


def _python_traceback(texts: Sequence[str], at: int) -> Read:
    frames: list[Place] = []
    title, end = "", at + 1
    number = at + 1
    while number < min(at + MOST_LINES, len(texts)):
        text = texts[number]
        if frame := _PY_FRAME.match(text):
            frames.append(place(frame[1], frame[2]))
        elif text and not text[0].isspace() and _PY_END.match(text):
            title, end = text, number + 1
            number = _after_gap(texts, number + 1)
            if not (number < len(texts) and texts[number].startswith(_PY_MORE)):
                break
            number = _after_gap(texts, number + 1)
            if number < len(texts) and texts[number].strip().endswith(_PY_START):
                frames = []
            else:
                break
        elif text.strip() and not text[0].isspace() and not title:
            break  # somebody else's line: the rest of it is not here
        number += 1
    if not title:
        return None
    where = innermost(frames[::-1])
    return _found("python", texts, at, end, title, where), end


def _after_gap(texts: Sequence[str], number: int) -> int:
    while number < len(texts) and not texts[number].strip():
        number += 1
    return number


def node(texts: Sequence[str], at: int) -> Read:
    if not _JS_ERROR.match(texts[at]):
        return None
    frames: list[Place] = []
    end, found = at + 1, False
    for number in range(at + 1, min(at + MOST_LINES, len(texts))):
        if frame := _JS_FRAME.match(texts[number]):
            frames.append(place(frame[1], frame[2], frame[3]))
            end, found = number + 1, True
        elif re.match(r"^\s+at ", texts[number]):
            end, found = number + 1, True
        elif found or number > at + 8:
            break
    head = _js_head(texts, at)
    if not found and head is None:
        return None
    start = at
    if head is not None:
        start, first = head
        frames.insert(0, first)
    return _found("node", texts, start, end, texts[at], innermost(frames)), end


def _js_head(texts: Sequence[str], at: int) -> tuple[int, Place] | None:
    """ "/vercel/sandbox/index.js:3", which stands some lines above with the code."""
    for number in range(at - 1, max(at - 7, -1), -1):
        if head := _JS_HEAD.match(texts[number]):
            return number, place(head[1], head[2])
    return None


def go(texts: Sequence[str], at: int) -> Read:
    if not _GO_PANIC.match(texts[at]):
        return None
    frames, end = _frames(texts, at, _GO_FRAME, lambda text: text.startswith(("goroutine", "\t")))
    return _found("go", texts, at, end, texts[at], innermost(frames)), end


def java(texts: Sequence[str], at: int) -> Read:
    if not _JAVA.match(texts[at]):
        return None
    frames, end = _frames(texts, at, _JAVA_FRAME, lambda text: text.startswith("Caused by:"))
    if end == at + 1:
        return None
    return _found("java", texts, at, end, texts[at], innermost(frames)), end


def _frames(
    texts: Sequence[str], at: int, pattern: re.Pattern[str], belongs: object
) -> tuple[list[Place], int]:
    frames: list[Place] = []
    end = at + 1
    for number in range(at + 1, min(at + MOST_LINES, len(texts))):
        text = texts[number]
        if frame := pattern.match(text):
            frames.append(place(frame[1], frame[2]))
            end = number + 1
        elif text[:1].isspace() or (callable(belongs) and belongs(text)) or _is_go_call(text):
            end = number + 1
        elif text.strip():
            break
    return frames, end


def _is_go_call(text: str) -> bool:
    return text.endswith(")") and re.match(r"^[\w./*()]+\(", text) is not None


def ruby(texts: Sequence[str], at: int) -> Read:
    found = _RUBY.match(texts[at]) or _RUBY_SYNTAX.match(texts[at])
    if not found:
        return None
    end = at + 1
    while end < len(texts) and re.match(r"^\s+from ", texts[end]):
        end += 1
    title = re.sub(r"^.*?\.rb:\d+:(?:in [`'].*?': )?\s*", "", texts[at])
    return _found("ruby", texts, at, end, title, place(found[1], found[2])), end


def php(texts: Sequence[str], at: int) -> Read:
    found = _PHP.match(texts[at])
    if not found:
        return None
    end = at + 1
    while end < len(texts) and re.match(r"^(?:Stack trace:|#\d+ |\s+thrown in)", texts[end]):
        end += 1
    return _found("php", texts, at, end, found[1], place(found[2], found[3])), end


def _found(
    about: str, texts: Sequence[str], start: int, end: int, title: str, where: Place
) -> Found:
    return Found(
        COMMAND,
        about,
        title.strip(),
        excerpt(texts[start:end]),
        where.path,
        where.line,
        where.column,
    )


READERS = (python, node, go, java, ruby, php)
