"""One form of a page, filled in and sent: does what was typed show, stay, or go anywhere?"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from . import probing
from .page import Page
from .visit_result import FAILED, NOTE, Step

WORD = "Vibecheck"
KEPT_SECONDS = 3.0
# Who presses one of these expects that what was typed goes somewhere.
KEEPS = re.compile(
    r"\b(add|save|send|submit|create|post|subscribe|contact|sign ?up|register|book|order|join|"
    r"publish|reply|comment|update)\b",
    re.IGNORECASE,
)
# These are tried, and what they would send is held back.
DESTROYS = re.compile(
    r"\b(delete|remove|clear|reset|erase|pay|buy|checkout|log ?out|sign ?out|destroy|drop)\b",
    re.IGNORECASE,
)


async def probe(
    page: Page, control: dict[str, Any], path: str, step: Step, known: set[str] | None
) -> str:
    """Try the form behind a button; sets the step's outcome, and returns the form's signature when
    something was really sent. What is in `known` was sent before, and is not again; None: nothing
    is sent."""
    await page.goto(path, probing.LOAD_SECONDS)
    token = f"{WORD}{int(time.time()) % 10_000:04d}"
    empty = await page.ask("state()")
    where = f"{control['number']}, {probing.quoted(control['key'])}"
    filled = await page.ask(f"fill({where}, {probing.quoted(token)})")
    signature = str(filled.get("signature") or "")
    if filled.get("files"):
        step.outcome, step.detail = NOTE, "It wants a file."
        return ""
    again = known is None or signature in known or bool(DESTROYS.search(str(control.get("name"))))
    if again:
        await page.hold()
    before = await probing.moment(page, control)
    if hindered := await probing.press(page, control):
        step.outcome, step.detail = NOTE, hindered
        return ""
    tokens = _typed(filled, token)
    shows = await _wait(page, before, tokens)
    await _judge(page, control, step, before, empty, filled, tokens, shows, path)
    return signature if not again else ""


def _typed(filled: dict[str, Any], token: str) -> list[str]:
    """What was typed and is told from everything else on the page."""
    fields = filled.get("fields") or []
    words = [str(one.get("value")).lower() for one in fields if one.get("kind") != "password"]
    return [word for word in words if token.lower()[:6] in word]


async def _wait(page: Page, before: probing.Moment, tokens: list[str]) -> dict[str, Any]:
    deadline = time.monotonic() + KEPT_SECONDS
    while True:
        await page.settle(2.0)
        shows = await page.ask(f"shows({tokens!r})")
        done = shows.get("text") or shows.get("stored") or shows.get("invalid")
        if done or before.faults(page) or time.monotonic() > deadline:
            return dict(shows)
        await asyncio.sleep(0.2)


async def _judge(
    page: Page,
    control: dict[str, Any],
    step: Step,
    before: probing.Moment,
    empty: dict[str, Any],
    filled: dict[str, Any],
    tokens: list[str],
    shows: dict[str, Any],
    path: str,
) -> None:
    if faults := before.faults(page):
        step.outcome, step.detail = FAILED, "\n".join(dict.fromkeys(faults[:4]))
        return
    if shows.get("text") or shows.get("stored"):
        step.detail = "What was typed shows." if shows.get("text") else "What was typed is kept."
        return
    now = await page.ask("state()")
    sent = _sent(page, before, tokens)
    changed = now.get("text") not in (before.state.get("text"), empty.get("text"))
    moved = urlsplit(str(now.get("url"))).path != urlsplit(str(before.state.get("url"))).path
    kinds = {one.get("kind") for one in filled.get("fields") or []}
    asks = bool(tokens) and not kinds & {"password", "search"}
    if sent and page.held:
        step.detail = f"What was typed goes to {page.held[-1]}."
    elif sent and (changed or moved or page.happened.dialogs):
        step.detail = f"What was typed goes to {sent}."
    elif sent:
        await page.goto(path, probing.LOAD_SECONDS)
        later = await page.ask(f"shows({tokens!r})")
        if not later.get("text") and (await page.ask("state()")).get("text") == empty.get("text"):
            step.outcome = FAILED
            step.detail = f"What was typed goes to {sent}, and nothing shows of it."
    elif shows.get("invalid"):
        step.outcome, step.detail = NOTE, "It wants other words than the check's."
    elif not asks or not KEEPS.search(str(control.get("name"))):
        reaction = before.reaction(page, now)
        if not (changed or moved or reaction):
            step.outcome, step.detail = FAILED, "No reaction: nothing on the page changes."
    else:
        step.outcome = FAILED
        step.detail = "What was typed is lost: it shows nowhere, and is kept and sent nowhere."


def _sent(page: Page, before: probing.Moment, tokens: list[str]) -> str:
    happened = page.happened
    for one in happened.requests.values():
        words = unquote_plus(f"{one.url} {one.body}").lower()
        if one.at > before.at and any(token in words for token in tokens):
            return f"{one.method} {urlsplit(one.url).path or '/'}"
    frames = " ".join(happened.sockets_sent[before.frames :]).lower()
    return "its socket" if any(token in frames for token in tokens) else ""
