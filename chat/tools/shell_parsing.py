"""Takes a shell line apart into its simple commands."""

from __future__ import annotations

import re
import shlex

from chat.tools import shell_words as known

HERE = "<<<"


def pipelines(line: str) -> list[list[list[str]]]:
    """[[words of a command, …piped into the next], …]. Raises ValueError for an open quote."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|()<>\n")
    lexer.whitespace = " \t\r"
    lexer.commenters = ""
    lexer.whitespace_split = True
    found: list[list[list[str]]] = [[[]]]
    redirected = here = False
    for token in lexer:
        if token and set(token) <= known.ENDS | set("<>"):
            if set(token) & set("<>"):
                redirected, here = True, token.startswith(HERE)
                # The number before it is that of a file, and no word of the command.
                if found[-1][-1] and re.fullmatch(r"\d", found[-1][-1][-1]):
                    found[-1][-1].pop()
            elif token in ("|", "|&"):
                found[-1].append([])
            else:
                found.append([[]])
            continue
        if here:  # as if it came through a pipe
            found[-1].insert(-1, ["printf", token])
        if redirected:
            redirected = here = False
            continue
        found[-1][-1].append(token)
    return [[words for words in pipeline if words] for pipeline in found if any(pipeline)]


def inner(text: str) -> list[str]:
    """The outermost commands that the line runs to fill in what they print, or to be read from:
    $(…), `…`, <(…) and >(…). In one pass: the line may be made to be hard to read."""
    found: list[str] = []
    opened: list[bool] = []
    begun = 0
    for at, sign in enumerate(text):
        if sign == "(":
            runs = at > 0 and text[at - 1] in "$<>"
            if runs and not any(opened[:1]):
                # Around it there are only brackets that run nothing.
                opened, begun = [True], at + 1
            else:
                opened.append(False)
        elif sign == ")" and opened:
            opened.pop()
            if not opened and begun:
                found.append(text[begun:at])
                begun = 0
    if begun:  # never closed: what stands behind it is read all the same
        found.append(text[begun:])
    return [*found, *text.split("`")[1::2]]
