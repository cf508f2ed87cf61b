"""Which files a server's process holds the code of, as its command line tells, and whether it reads
them anew by itself."""

from __future__ import annotations

import re

# Servers that follow their files, and those that only hand files out.
FOLLOWS = re.compile(
    r"--(?:reload|watch|hot|dev|debug)\b|\b(?:nodemon|vite|astro|nuxt|streamlit|gradio|jupyter|"
    r"watchexec|entr|air|cargo-watch|browser-sync|live-server|http-server|parcel|webpack|ng serve|"
    r"react-scripts|http\.server|php)\b|\b(?:next|remix|gatsby)\s+dev\b|\bmanage\.py\s+runserver\b|"
    r"\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?(?:dev|start:dev|watch)\b|\bcargo watch\b|\btsx watch\b"
)
STAYS = re.compile(r"--no-?reload\b")
# The first program that a line names decides.
ENDINGS: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (
        re.compile(
            r"\b(?:python[\d.]*|flask|gunicorn|uvicorn|hypercorn|daphne|waitress-serve|"
            r"uv run|poetry run|fastapi)\b"
        ),
        (".py",),
    ),
    (
        re.compile(r"\b(?:node|tsx|ts-node|deno|bun|npm|pnpm|yarn|npx)\b"),
        (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"),
    ),
    (re.compile(r"\bgo\s+run\b"), (".go",)),
    (re.compile(r"\b(?:ruby|rackup|puma|rails)\b"), (".rb",)),
)


def held(line: str) -> tuple[str, ...]:
    """Endings of the files that the server started by `line` has to be started anew for; () when
    it follows them, or when that cannot be told."""
    if FOLLOWS.search(line) and not STAYS.search(line):
        return ()
    found = [
        (match.start(), endings) for program, endings in ENDINGS if (match := program.search(line))
    ]
    return min(found)[1] if found else ()
