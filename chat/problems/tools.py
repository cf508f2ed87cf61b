"""Errors that compilers, build tools and package managers print in forms of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.problems.found import COMMAND, Found
from chat.problems.lines import Place, excerpt, own_path, place
from chat.problems.tracebacks import Read

_AT = r"(?P<line>\d+)"
_TO = r"(?P<column>\d+)"


def _placed(path: str, rest: str, *, begins: str = "^") -> re.Pattern[str]:
    """A line that names its place: path, line, column and title. A path begins where nothing of a
    path stands before it, so that a hostile line is tried from few places."""
    return re.compile(rf"{begins}(?P<path>[\w@./+-]{{1,400}}\.{path}){rest}")


_ALONE = r"(?<![\w@./+-])"
_TS = r"(?P<title>error TS\d+: .+)"
_WITH_PLACE = (
    ("typescript", _placed(r"[cm]?tsx?", rf"\({_AT},{_TO}\): {_TS}", begins=_ALONE)),
    ("typescript", _placed(r"[cm]?tsx?", rf":{_AT}:{_TO} - {_TS}", begins=_ALONE)),
    ("go", _placed("go", rf":{_AT}:{_TO}: (?P<title>.+)", begins=r"^(?:vet: )?")),
    ("java", _placed("java", rf":{_AT}(?P<column>): (?P<title>error: .+)")),
    (
        "compiler",
        _placed(r"(?:c|cc|cpp|h|hpp|rs)", rf":{_AT}:{_TO}: (?P<title>(?:fatal )?error: .+)"),
    ),
    ("tests", _placed("py", r"(?P<line>)(?P<column>)::(?P<title>.+)", begins="^FAILED ")),
)
_ESLINT_FILE = re.compile(r"^(/[\w@./+ -]{1,400}\.(?:[cm]?[jt]sx?|vue|svelte))$")
_ESLINT = re.compile(r"^\s+(\d+):(\d+)\s+error\s+(.+?)(?:\s{2,}(\S+))?$")
_VITE = re.compile(
    r"(?:\[vite\][^:]{0,60}(?:error|Error)[^:]{0,30}:|\[plugin:vite:[\w-]+\]"
    r"|Failed to resolve import |✘ \[ERROR\]|error during build:|\[vite:[\w-]+\]) ?"
)
_WEBPACK = re.compile(
    r"^ERROR in (\S{1,400})(?: (\d+):(\d+))?|^\s*(?:⨯|Module build failed|Module not found:)"
)
_BEGINS = re.compile(r"^ERROR in|^\s*⨯|\[vite\]|✘ \[ERROR\]")
_NEAR = re.compile(
    r"(?:File: |file: |from \"|^ERROR in |^\s*)([\w@./+-]{1,400}\.\w{1,6})(?:[: ](\d+):(\d+))?"
)
_PORT = re.compile(r"EADDRINUSE|(?i:address) already in use|[Pp]ort \d+ is (?:already )?in use")
_MEMORY = re.compile(
    r"JavaScript heap out of memory|\bMemoryError\b|Cannot allocate memory|std::bad_alloc"
)
_PROGRAM = re.compile(
    r"(?:^|: )(?:\d+: )?([\w./+-]{1,100}): (?:command )?not found$"
    r"|^(?:env|bash): ‘?'?([\w.-]+)'?’?: No such file"
)
_PACKAGES = re.compile(
    r"^npm (?:ERR!|error) (?!A complete log|\s*$).+|^ERR_PNPM_\w+"
    r"|^ERROR: (?:Could not find a version|No matching distribution|Could not install).+"
    r"|^ERROR: (?:Failed building|ResolutionImpossible).+"
)
_GENERIC = re.compile(
    r"^(?:\[?[\d:., TZ-]{0,40}\]?\s*)?\[?(?:fatal|FATAL|error|Error|ERROR|CRITICAL|Unhandled)\b"
    r"[\]:!]?\s*\S"
)


def with_place(texts: Sequence[str], at: int) -> Read:
    for about, pattern in _WITH_PLACE:
        if found := pattern.search(texts[at][:2000]):
            if not own_path(found["path"]):
                return None
            where = place(found["path"], found["line"], found["column"])
            end = at + 1
            while end < min(at + 4, len(texts)) and texts[end][:1].isspace():
                end += 1
            return _found(about, found["title"], texts[at:end], where), end
    return None


def eslint(texts: Sequence[str], at: int) -> Read:
    found = _ESLINT.match(texts[at])
    if not found:
        return None
    head = next((_ESLINT_FILE.match(texts[n]) for n in range(at, max(at - 200, -1), -1)
                 if _ESLINT_FILE.match(texts[n])), None)  # fmt: skip
    if head is None:
        return None
    title = f"{found[3]} ({found[4]})" if found[4] else found[3]
    where = place(head[1], found[1], found[2])
    return _found("eslint", title, [head[1], texts[at]], where), at + 1


def vite(texts: Sequence[str], at: int) -> Read:
    return _build_tool("vite", _VITE, texts, at)


def webpack(texts: Sequence[str], at: int) -> Read:
    return _build_tool("webpack", _WEBPACK, texts, at)


def _build_tool(about: str, pattern: re.Pattern[str], texts: Sequence[str], at: int) -> Read:
    if not pattern.search(texts[at][:2000]):
        return None
    end = at + 1
    while end < min(at + 12, len(texts)) and texts[end].strip() and not _BEGINS.search(texts[end]):
        end += 1
    where = Place()
    for text in texts[at:end]:
        found = _NEAR.search(text[:2000])
        if found and own_path(found[1]):
            where = place(found[1], found[2], found[3])
            break
    title = texts[at].strip()
    # "ERROR in ./src/index.js 3:0" says where; the line below says what.
    if title.startswith(("ERROR in", "⨯", "error during build")) and end > at + 1:
        title = texts[at + 1].strip()
    return _found(about, title, texts[at:end], where), end


def port(texts: Sequence[str], at: int) -> Read:
    return _line("port", _PORT, texts, at)


def memory(texts: Sequence[str], at: int) -> Read:
    return _line("memory", _MEMORY, texts, at)


def program(texts: Sequence[str], at: int) -> Read:
    return _line("program", _PROGRAM, texts, at)


def packages(texts: Sequence[str], at: int) -> Read:
    found = _PACKAGES.match(texts[at])
    if not found:
        return None
    end = at + 1
    while end < min(at + 20, len(texts)) and texts[end].startswith(
        ("npm ERR!", "npm error", "ERROR: ")
    ):
        end += 1
    return _found("packages", texts[at].strip(), texts[at:end], Place()), end


def generic(texts: Sequence[str], at: int) -> Read:
    if not _GENERIC.match(texts[at][:2000]):
        return None
    found = _found("output", texts[at].strip(), texts[at : at + 4], Place(), clear=False)
    return found, at + 1


def _line(about: str, pattern: re.Pattern[str], texts: Sequence[str], at: int) -> Read:
    if not pattern.search(texts[at][:2000]):
        return None
    return _found(about, texts[at].strip(), texts[max(at - 2, 0) : at + 3], Place()), at + 1


def _found(
    about: str, title: str, texts: Sequence[str], where: Place, *, clear: bool = True
) -> Found:
    return Found(
        COMMAND,
        about,
        title,
        excerpt(texts),
        where.path,
        where.line,
        where.column,
        clear=clear,
    )


# In this order: what says more comes first.
READERS = (with_place, eslint, vite, webpack, port, memory, program, packages)
