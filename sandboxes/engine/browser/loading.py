"""Whether a page opens: it answers, shows something, and nothing of its own fails meanwhile."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from . import painting, taking
from .page import NoAnswer, Page
from .visit_result import FAILED, NOTE, UNSURE, Step, Visit
from .wire import Refused

LOAD_SECONDS = 25.0
# Some draw themselves only a while after they have loaded.
DRAWN_SECONDS, LOOK_SECONDS = 6.0, 0.5
ELSEWHERE = ("ERR_NAME_NOT_RESOLVED", "ERR_ADDRESS_UNREACHABLE", "ERR_INTERNET_DISCONNECTED")
WORDS = {
    "ERR_CONNECTION_REFUSED": "Nothing answers on the port.",
    "ERR_EMPTY_RESPONSE": "The server closes the connection without an answer.",
    "ERR_CONNECTION_RESET": "The server breaks the connection off.",
    "ERR_TOO_MANY_REDIRECTS": "The page redirects in a circle.",
    "ERR_INVALID_HTTP_RESPONSE": "What answers on the port does not speak HTTP.",
    "ERR_ABORTED": "The page offers a file in place of a page, or nothing.",
}


async def load(page: Page, visit: Visit, path: str) -> bool:
    """Open the page and judge it in steps of the visit; whether to go on with it."""
    with visit.step("The page opens") as opens:
        try:
            error = await page.goto(path, LOAD_SECONDS)
        except NoAnswer as silent:
            opens.outcome, opens.detail = FAILED, str(silent)
            return False
        if not _opened(page, error, opens):
            return False
    with visit.step("The page shows something") as shows:
        try:
            looked = await _drawn(page)
        except NoAnswer as silent:
            shows.outcome, shows.detail = FAILED, str(silent)
            return False
        if looked:
            shows.outcome, shows.detail = FAILED, looked
    _faults(page, visit)
    return not looked


def _opened(page: Page, error: str, opens: Step) -> bool:
    happened = page.happened
    main = next((one for one in reversed(list(happened.requests.values())) if one.main), None)
    if error in ELSEWHERE or (error and main is not None and not main.own):
        host = urlsplit(main.url).netloc if main else "another host"
        opens.outcome = UNSURE
        opens.detail = f"It leads to {host}, which the check does not reach."
        return False
    if error.startswith("not loaded"):
        waits = [one for one in happened.pending if one.own]
        opens.outcome = FAILED if waits else NOTE
        opens.detail = error
        return not waits
    if error:
        opens.outcome, opens.detail = FAILED, WORDS.get(error, error)
        return False
    status = main.status if main else 0
    if status in (401, 403):
        opens.outcome, opens.detail = UNSURE, f"It asks who one is first ({status})."
        return False
    if status >= 400:
        opens.outcome, opens.detail = FAILED, f"The server answers {status}."
        return False
    return True


async def _drawn(page: Page) -> str:
    """Why nothing is to be seen; "" when something is. Raises NoAnswer."""
    why = ""
    deadline = asyncio.get_running_loop().time() + DRAWN_SECONDS
    while True:
        looked = await page.ask("look()")
        url = str(looked.get("url"))
        if not url.startswith(page.origin):
            return f"The page goes away to {urlsplit(url).netloc or url[:100]}."
        empty = not looked.get("length") and not looked.get("media")
        if empty:
            why = "The page is blank: no text, picture or control is visible."
        elif painting.colours(await taking.small(page, 0.125, "png"), 2) < 2:
            why = "The page is blank: it is drawn in one colour."
        else:
            return ""
        if asyncio.get_running_loop().time() > deadline:
            return why
        await asyncio.sleep(LOOK_SECONDS)


def _faults(page: Page, visit: Visit) -> None:
    happened = page.happened
    visit.strangers = happened.strangers()
    away = [one for one in visit.strangers if not one.startswith("localhost")]
    lost = FAILED if not away else UNSURE
    because = f" It needs {', '.join(away[:3])}, which the check does not reach." if away else ""
    with visit.step("No errors in the console") as quiet:
        if happened.errors:
            quiet.outcome = lost
            quiet.detail = "\n".join(dict.fromkeys(text for _, text in happened.errors[:8]))
            quiet.detail = quiet.detail[:350] + because
    with visit.step("All of the page's own requests succeed") as served:
        if failed := happened.failed():
            served.outcome, served.detail = FAILED, "\n".join(failed[:8])


async def picture_of(page: Page, visit: Visit, name: str) -> None:
    """Keep a picture of the page, and a small one."""
    try:
        visit.pictures[name] = await taking.picture(page)
        visit.pictures[f"{name}-small"] = await taking.small(page, 0.25)
    except (NoAnswer, Refused):
        return
