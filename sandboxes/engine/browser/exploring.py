"""The visible controls of a page, each tried once in a page loaded for it."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from . import forms, probing, switching
from .launching import Browser
from .page import NoAnswer, Page
from .visit_result import FAILED, NOTE, Step, Visit
from .wire import Refused

CONTROLS = 14
LEAST_SECONDS = 6.0  # left of the budget for one more


async def explore(
    browser: Browser,
    page: Page,
    visit: Visit,
    path: str,
    known: set[str] | None,
    until: float,
    only: set[str] | None = None,
) -> None:
    """Try the controls of `page`, which shows `path`, until the monotonic time `until`; of all, or
    of those whose key is in `only`. known: as forms.probe takes it."""
    found = [one for one in await page.ask("controls()") if _can_be_tried(one, page.origin)]
    found = list({str(one["key"]): one for one in found}.values())
    if only is not None:
        found = [one for one in found if one["key"] in only]
    # Forms and switches first: of ten buttons in a row the last say least.
    found.sort(key=lambda one: (not one["form"], not one["theme"], one["tag"] == "a"))
    chosen = found[:CONTROLS]
    warm: list[dict[str, Any]] = []
    sent: set[str] = set()
    tried = 0
    for control in chosen:
        if time.monotonic() + LEAST_SECONDS > until:
            break
        with visit.step(_words(control)) as step:
            await _try(browser, page.origin, control, path, step, visit, known, warm, sent)
        tried += 1
    visit.forms = sorted((known or set()) | sent)[:200]
    if tried < len(found):
        with visit.step(f"{tried} of {len(found)} controls were tried") as rest:
            rest.outcome = NOTE


async def _try(
    browser: Browser,
    origin: str,
    control: dict[str, Any],
    path: str,
    step: Step,
    visit: Visit,
    known: set[str] | None,
    warm: list[dict[str, Any]],
    sent: set[str],
) -> None:
    page = await Page.open(browser, origin)
    try:
        if control["theme"]:
            await switching.probe(page, control, path, step)
        elif control["form"] or (control["loose"] and forms.KEEPS.search(control["name"])):
            tried = await forms.probe(page, control, path, step, known)
            if tried.signature:
                sent.add(tried.signature)
            if tried.held:
                visit.held.append({"what": step.what, "key": str(control["key"])})
            if tried.token:
                visit.untraced.append({"what": step.what, "token": tried.token})
        elif await probing.probe(page, control, path, step, warm):
            warm.append(control)
    except NoAnswer as silent:
        step.outcome, step.detail = FAILED, str(silent)
    except (Refused, TimeoutError) as error:
        step.outcome, step.detail = NOTE, f"It could not be tried: {error}"
    finally:
        await page.close()


def _can_be_tried(control: dict[str, Any], origin: str) -> bool:
    if control.get("download"):
        return False
    if control.get("tag") != "a" or not control.get("full"):
        return True
    full = str(control["full"])
    if full.startswith("javascript:"):
        return True
    return full.startswith(origin) and urlsplit(full).scheme in ("http", "https")


def _words(control: dict[str, Any]) -> str:
    kind = {"a": "Link", "select": "Choice", "summary": "Heading"}.get(control["tag"], "Button")
    if control["form"]:
        kind = "Form"
    elif control["theme"]:
        kind = "Switch"
    return f"{kind} “{control['name']}”"
