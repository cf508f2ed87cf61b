"""Which rules of `chat.tools.risks` a command meets.

A shell line is taken apart into its simple commands. What cannot be taken apart (a quote that does
not end, a command whose name is computed) is risky where it matters: when a word of the rules
stands anywhere in it. A program's own doing is not looked into: the sandbox keeps that in.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from functools import lru_cache

from chat.tools import code_risks, shell_parsing
from chat.tools import shell_words as known

DEPTH = 5
# Of a longer line only the words are looked for.
LONGEST = 20_000
MOST_WORDS = 2_000


def of_words(words: Sequence[str]) -> set[str]:
    """The rules that a program with its arguments meets; no shell reads these words."""
    if len(words) > MOST_WORDS or sum(map(len, words)) > LONGEST * 10:
        return _mentioned(" ".join(words))
    return _simple(list(words), set(), depth=0, globs=False)


def of_line(line: str, *, depth: int = 0) -> set[str]:
    """The rules that a shell line meets."""
    if depth > DEPTH:
        return _mentioned(line) | {"hidden"}
    if len(line) > LONGEST:
        return _mentioned(line)
    found: set[str] = set()
    bare = line.replace("\\\n", " ")
    for body in known.HEREDOC.finditer(bare):
        head = bare[bare.rfind("\n", 0, body.start()) + 1 : body.start()] + body.group(3)
        if code_risks.reads_program(head):
            found |= code_risks.in_code(body.group(4))
        if _reads_code(head):
            found |= of_line(body.group(4), depth=depth + 1)
        elif not body.group(1):
            # The shell fills in what is computed within.
            found |= _inner(body.group(4), depth)
    bare = known.HEREDOC.sub(lambda body: f"{body.group(3)}\n", bare)
    found |= _inner(bare, depth)
    if known.RUNS_OUTPUT.search(bare):
        found.add("hidden")
    try:
        pipelines = shell_parsing.pipelines(bare)
    except ValueError:
        return found | _mentioned(bare)
    for pipeline in pipelines:
        before: set[str] = set()
        for words in pipeline:
            found |= _simple(words, before, depth=depth, globs=True, line=bare)
            before |= {known.name_of(word) for word in words[:3]}
    return found


def _reads_code(head: str) -> bool:
    return any(
        known.name_of(word) in known.SHELLS | known.ROOT | {"ssh", "eval"}
        for word in re.split(r"[\s|;&]+", head)
    )


def _inner(text: str, depth: int) -> set[str]:
    """What the line computes by running other commands."""
    found: set[str] = set()
    for piece in shell_parsing.inner(text):
        if piece.strip():
            found |= of_line(piece, depth=depth + 1)
    return found


def _simple(
    words: list[str], before: set[str], *, depth: int, globs: bool, line: str = ""
) -> set[str]:
    """The rules that one command meets. before: programs whose output it reads."""
    while words and (globs and re.fullmatch(r"\w+\+?=.*", words[0], re.S)):
        words = words[1:]
    if not words:
        return set()
    if depth > DEPTH:
        return {"hidden"} | _mentioned(" ".join(words))
    name, rest = known.name_of(words[0]), words[1:]
    if globs and known.PIECED.search(words[0]) and words[0] not in ("{", "[", "[["):
        return _mentioned(line or " ".join(words)) | {"hidden"}
    if globs and known.COMPUTED.search(words[0]):
        return _mentioned(line or " ".join(words))
    if name == "function":
        return _simple(rest[1:], before, depth=depth + 1, globs=globs, line=line)
    if name in ("alias", "trap"):
        texts = rest[:1] if name == "trap" else [word.partition("=")[2] for word in rest]
        return set().union(*(of_line(text, depth=depth + 1) for text in texts))
    if name == "env" and rest[:1] and re.match(r"-\w*S|--split-string", rest[0]):
        text = " ".join(rest).partition("S" if rest[0][1] != "-" else "string")[2].lstrip(" =")
        return of_line(text, depth=depth + 1)
    if name in known.ROOT:
        return {"root"} | _after_options(rest, depth, globs=globs, line=line, before=before)
    if name in known.WRAPPERS - {"parallel"}:
        return _after_options(rest, depth, globs=globs, line=line, before=before)
    plain = [word for word in rest if not word.startswith("-")]
    if plain and (name, plain[0]) in known.RUNNERS:
        return _after_options(rest[rest.index(plain[0]) + 1 :], depth, globs=globs, line=line)
    if name in known.SHELLS | {"eval", "source", "."}:
        return _shell(name, rest, before, depth)
    if code_risks.is_interpreter(name):
        return code_risks.interpreter(rest, before, line) | _module(
            rest, depth, globs=globs, line=line
        )
    return _program(name, rest, plain, depth, globs=globs)


def _program(name: str, rest: list[str], plain: list[str], depth: int, *, globs: bool) -> set[str]:
    found: set[str] = code_risks.in_code(" ".join(rest)) if name in known.CARRIERS else set()
    deletes = name in ("rm", "srm", "shred", "unlink", "del-cli")
    if name == "rimraf" or (deletes and _deletes_many(rest, plain, globs=globs)):
        found.add("delete")
    if name in ("xargs", "parallel"):
        found |= _many_of(rest, depth)
    if name in ("find", "fd", "fdfind"):
        if "-delete" in rest:
            found.add("delete")
        for flag in ("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"):
            if flag in rest:
                found |= _many_of(rest[rest.index(flag) + 1 :], depth)
    if name == "rsync" and any(word.startswith("--del") for word in rest):
        found.add("delete")
    if name == "rsync" and any(re.match(r"[\w.@-]+:", word) for word in plain):
        found.add("publish")
    if name == "git":
        found |= _git(rest, plain)
    wanted = known.PUBLISHES.get(name)
    if wanted is not None and (not wanted or wanted & set(plain[:4])) and not _asks_only(rest):
        found.add("publish")
    if name in ("npm", "pnpm", "yarn", "bun", "make", "just") and set(plain[:3]) & {
        "publish", "deploy", "release"
    }:  # fmt: skip
        found.add("publish")
    return found


def _asks_only(rest: list[str]) -> bool:
    return bool(rest) and all(word in ("--version", "-v", "-V", "--help", "-h") for word in rest)


def _deletes_many(rest: list[str], plain: list[str], *, globs: bool) -> bool:
    for word in rest:
        if word == "--recursive" or (re.fullmatch(r"-\w+", word) and re.search("[rR]", word)):
            return True
    # How many names a pattern or a variable stands for is known only then.
    computed = globs and any(re.search(r"[*?\[{$`]", word) for word in plain)
    return computed or len(plain) > known.MANY_FILES


def _many_of(rest: list[str], depth: int) -> set[str]:
    """A command that is run for more names than can be seen."""
    words = rest
    while words and words[0].startswith("-"):
        takes = words[0] in ("-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E")
        words = words[2:] if takes else words[1:]
    if not words:
        return set()
    names = {known.name_of(word) for word in words[:4]}
    found = {"delete"} if names & {"rm", "shred", "unlink", "srm", "rimraf"} else set()
    return found | _simple(words, set(), depth=depth + 1, globs=True, line=" ".join(words))


def _git(rest: list[str], plain: list[str]) -> set[str]:
    found: set[str] = set()
    for flag, value in itertools.pairwise(rest):
        # Aliases, pagers, editors: git runs them.
        if flag == "-c" and "=" in value:
            found |= of_line(value.partition("=")[2].lstrip("!"), depth=DEPTH)
    for position, word in enumerate(plain[:3]):
        if word == "clean" and not {"-n", "--dry-run"} & set(rest):
            found.add("delete")
        if word in known.HISTORY and (
            not known.HISTORY[word] or known.HISTORY[word] & {w.partition("=")[0] for w in rest}
        ):
            found.add("history")
        if word == "rm" and any(re.fullmatch(r"-\w*r\w*", w) for w in rest) and position < 2:
            found.add("delete")
        if word in ("commit", "add", "log", "diff", "status", "show", "grep"):
            break
    return found


def _shell(name: str, rest: list[str], before: set[str], depth: int) -> set[str]:
    if name == "eval":
        line = " ".join(rest)
        found = of_line(line, depth=depth + 1)
        return found | {"hidden"} if known.COMPUTED.search(line) else found
    if name in ("source", "."):
        return {"hidden"} if rest and rest[0].startswith(("<", "/dev/")) else set()
    takes_text = [n for n, word in enumerate(rest) if re.fullmatch(r"-\w*c\w*", word)]
    if takes_text:
        text = next((word for word in rest[takes_text[0] + 1 :] if not word.startswith("-")), "")
        if re.fullmatch(r"\s*[\"']?\$.*", text, re.S):
            return of_line(text, depth=depth + 1) | {"hidden"}
        return of_line(text, depth=depth + 1)
    reads = not [word for word in rest if not word.startswith("-")] or "-s" in rest
    return {"hidden"} if (reads and before & known.SOURCES) or _from_pipe(rest) else set()


def _module(rest: list[str], depth: int, *, globs: bool, line: str) -> set[str]:
    """python -m twine upload: as the program of that name."""
    if "-m" not in rest:
        return set()
    return _simple(rest[rest.index("-m") + 1 :], set(), depth=depth + 1, globs=globs, line=line)


def _from_pipe(rest: list[str]) -> bool:
    return bool(rest) and rest[0].startswith("/dev/") and rest[0] != "/dev/null"


def _after_options(
    rest: list[str], depth: int, *, globs: bool, line: str, before: set[str] | None = None
) -> set[str]:
    """What a wrapper runs: its options may take words, so it may begin at any of the next ones."""
    found: set[str] = set()
    for start, word in enumerate(rest[:8]):
        if word.startswith("-") and word not in ("-c", "--command"):
            continue
        if word in ("-c", "--command"):
            return found | of_line(" ".join(rest[start + 1 :]), depth=depth + 1)
        found |= _simple(rest[start:], before or set(), depth=depth + 1, globs=globs, line=line)
        if known.name_of(word) in known.WRAPPERS | known.ROOT:
            break
    return found


def _mentioned(text: str) -> set[str]:
    return set(_mentions(text))


@lru_cache(maxsize=64)  # of one line once for each of its commands
def _mentions(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in known.MENTIONS if pattern.search(text))
