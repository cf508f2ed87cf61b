"""One form of a page, filled in and sent: does what was typed show, stay, or go anywhere?"""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from . import probing
from .page import Page
from .visit_result import FAILED, NOTE, OK, UNSURE, Step

WORD = "Vibecheck"
KEPT_SECONDS, AGAIN_SECONDS = 3.0, 1.0
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
# What these take can be for one answer only, or for somebody who reads it elsewhere.
VAGUE = re.compile(r"\b(send|submit|contact)\b", re.IGNORECASE)
SAFE = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class Tried:
    """`signature` of a form that was really sent; `held`: what would have been sent was held back;
    `token`: what was typed, sent, and is found nowhere on the page when it is loaded anew."""

    signature: str = ""
    held: bool = False
    token: str = ""


async def probe(
    page: Page, control: dict[str, Any], path: str, step: Step, known: set[str] | None
) -> Tried:
    """Try the form behind a button; sets the step's outcome. What is in `known` was sent before,
    and is not again; None: nothing is sent."""
    await page.goto(path, probing.LOAD_SECONDS)
    token = f"{WORD}{int(time.time()) % 10_000:04d}"
    empty = await page.ask("state()")
    where = f"{control['number']}, {probing.quoted(control['key'])}"
    filled = await page.ask(f"fill({where}, {probing.quoted(token)})")
    signature = str(filled.get("signature") or "")
    if filled.get("files"):
        step.outcome, step.detail = NOTE, "It wants a file."
        return Tried()
    destroys = bool(DESTROYS.search(str(control.get("name"))))
    again = known is None or signature in known or destroys
    if again:
        await page.hold()
    before = await probing.moment(page, control)
    if hindered := await probing.press(page, control):
        step.outcome, step.detail = NOTE, hindered
        return Tried()
    tokens = _typed(filled, token)
    shows = await _wait(page, before, tokens)
    silent = await _judge(page, control, step, before, empty, filled, tokens, shows)
    wrote = _written(page, before, filled, tokens)
    if again:
        kept_back = known is None and not destroys and step.outcome == OK
        return Tried(held=kept_back and bool(page.held and wrote))
    if silent or (step.outcome == OK and wrote):
        lost = await _lost(page, control, path, step, empty, tokens, silent)
        return Tried(signature, token=lost)
    return Tried(signature)


def _written(page: Page, before: probing.Moment, filled: dict[str, Any], tokens: list[str]) -> str:
    """Where the app was given words to keep; "" for a search, a sign-in and the like."""
    kinds = {one.get("kind") for one in filled.get("fields") or []}
    if not tokens or kinds & {"password", "search"}:
        return ""
    return _sent(page, before, tokens, but=SAFE)


async def _lost(
    page: Page,
    control: dict[str, Any],
    path: str,
    step: Step,
    empty: dict[str, Any],
    tokens: list[str],
    silent: str,
) -> str:
    """Load anew where the form has led to, and where it stands: what was typed must be there, or
    what is there must have changed for good. Else the step says so, and the token is returned."""
    there = urlsplit(str((await page.ask("state()")).get("url")))
    said = any(token in unquote_plus(there.query).lower() for token in tokens)  # by the address
    led = there._replace(scheme="", netloc="", fragment="", query="" if said else there.query)
    for place in dict.fromkeys([led.geturl() or "/", path]):
        if await _is_at(page, place, tokens):
            step.detail = "What was typed is there after a reload."
            return ""
    first = (await page.ask("state()")).get("text")
    await page.goto(path, probing.LOAD_SECONDS)
    if (await page.ask("state()")).get("text") == first != empty.get("text"):
        step.detail = "After a reload the page shows something new."
        return ""
    name = str(control.get("name"))
    if silent or (KEEPS.search(name) and not VAGUE.search(name)):
        step.outcome = FAILED
        goes = f" It goes to {silent}." if silent else ""
        step.detail = f"What was typed is lost: nothing shows of it after a reload.{goes}"
    else:
        step.outcome = UNSURE if KEEPS.search(name) else NOTE
        step.detail = "Nothing shows after a reload that what was typed is kept."
    return min(tokens, key=len) if tokens else ""


async def _is_at(page: Page, place: str, tokens: list[str]) -> bool:
    """Whether it shows there, in a field too; lists come a moment after their page."""
    await page.goto(place, probing.LOAD_SECONDS)
    deadline = time.monotonic() + AGAIN_SECONDS
    while True:
        shows = await page.ask(f"shows({tokens!r})")
        if shows.get("text") or shows.get("fields"):
            return True
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.2)


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
) -> str:
    """Sets the step's outcome by what the page does at once; where it was sent to, when that is all
    that happens."""
    if faults := before.faults(page):
        step.outcome, step.detail = FAILED, "\n".join(dict.fromkeys(faults[:4]))
        return ""
    if shows.get("text") or shows.get("stored"):
        step.detail = "What was typed shows." if shows.get("text") else "What was typed is kept."
        return ""
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
        return sent
    elif shows.get("invalid"):
        step.outcome, step.detail = NOTE, "It wants other words than the check's."
    elif not asks or not KEEPS.search(str(control.get("name"))):
        reaction = before.reaction(page, now)
        if not (changed or moved or reaction):
            step.outcome, step.detail = FAILED, "No reaction: nothing on the page changes."
    else:
        step.outcome = FAILED
        step.detail = "What was typed is lost: it shows nowhere, and is kept and sent nowhere."
    return ""


def _sent(page: Page, before: probing.Moment, tokens: list[str], but: tuple[str, ...] = ()) -> str:
    happened = page.happened
    for one in happened.requests.values():
        words = unquote_plus(f"{one.url} {one.body}").lower()
        meant = one.at > before.at and one.method not in but
        if meant and any(token in words for token in tokens):
            return f"{one.method} {urlsplit(one.url).path or '/'}"
    frames = " ".join(happened.sockets_sent[before.frames :]).lower()
    return "its socket" if any(token in frames for token in tokens) else ""
