"""One page of a browser: opened in a context of its own, asked, clicked, seen, closed."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

from . import preparing, program
from .happened import LOST_LOADS, Happened
from .launching import Browser
from .scripts import script
from .wire import BrowserGone, Refused

SCRIPT_SECONDS = 5.0
SETTLE_SECONDS, QUIET_SECONDS = 4.0, 0.4
DIALOGS = 15  # more than that, and the page never lets one go on


class NoAnswer(Exception):
    """The page does not go on: why, in words for people."""


class Page:
    """Of one browser, at one origin; `happened` tells what it has done."""

    def __init__(self, browser: Browser, origin: str) -> None:
        self.browser = browser
        self.origin = origin
        self.happened = Happened(origin)
        self.context = self.target = self.session = self.frame = ""
        self._world = 0
        self._busy: set[asyncio.Task[Any]] = set()
        # Requests that would change something are held while this says so; what they were.
        self.holds = False
        self.held: list[str] = []

    @classmethod
    async def open(cls, browser: Browser, origin: str, context: str = "") -> Page:
        """A blank page; in an earlier page's `context` it has the storage of that."""
        page = cls(browser, origin)
        page.context = context or str(
            (await browser.call("Target.createBrowserContext", {"disposeOnDetach": False})).get(
                "browserContextId"
            )
        )
        size = {"width": program.WIDTH, "height": program.HEIGHT}
        made = await browser.call(
            "Target.createTarget",
            {"url": "about:blank", "browserContextId": page.context, **size},
        )
        page.target = str(made.get("targetId"))
        flat = {"targetId": page.target, "flatten": True}
        page.session = str((await browser.call("Target.attachToTarget", flat)).get("sessionId"))
        browser.wire.listen(page.session, page._event)
        page.frame = await preparing.prepare(page.call, browser, page.context, size)
        return page

    async def call(
        self, method: str, params: dict[str, Any] | None = None, timeout: float = 10.0
    ) -> dict[str, Any]:
        return await self.browser.wire.call(method, params, session=self.session, timeout=timeout)

    async def goto(self, path: str, seconds: float) -> str:
        """Load a path of the origin; what became of it: "" for loaded, else in words.

        Raises NoAnswer when nothing came within `seconds`, or the page does not go on.
        """
        deadline = time.monotonic() + seconds
        self.happened.loaded = False
        try:
            told = await self.call("Page.navigate", {"url": self.origin + path}, seconds)
        except TimeoutError:
            raise NoAnswer(f"{path} did not answer within {seconds:.0f} s.") from None
        if error := str(told.get("errorText") or ""):
            return error.removeprefix("net::")
        while not self.happened.loaded:
            self.check()
            if time.monotonic() > deadline:
                waits = ", ".join(one.path for one in self.happened.pending[:3])
                return f"not loaded within {seconds:.0f} s" + (f": waits for {waits}" * bool(waits))
            await asyncio.sleep(0.05)
        await self.settle()
        return ""

    async def settle(self, most: float = SETTLE_SECONDS) -> None:
        """Until nothing was asked for a moment, or `most` seconds are over. Raises NoAnswer."""
        end = time.monotonic() + most
        while time.monotonic() < end:
            self.check()
            quiet = time.monotonic() - self.happened.last
            if quiet > QUIET_SECONDS and not self.happened.pending:
                return
            await asyncio.sleep(0.05)

    async def ask(self, question: str, of: str = "in_page.js") -> Any:
        """The answer of a script to e.g. "look()". Raises NoAnswer."""
        expression = f"{script(of).strip()}.{question}"
        found = await self._evaluate(expression, value=True)
        return found.get("value")

    async def element(self, question: str) -> str:
        """The browser's name for the element that a question finds; "" for none."""
        found = await self._evaluate(f"{script('in_page.js')}.{question}", value=False)
        return str(found.get("objectId") or "")

    async def hold(self) -> None:
        """From here on, requests that would change something at the app are noted and not sent."""
        self.holds = True
        await self.call("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})

    async def close(self, *, keep_context: bool = False) -> None:
        """Raises BrowserGone when the browser has to go with it."""
        for task in self._busy:
            task.cancel()
        self.browser.wire.forget(self.session)
        try:
            if keep_context:
                await self.browser.call("Target.closeTarget", {"targetId": self.target})
            else:
                context = {"browserContextId": self.context}
                await self.browser.call("Target.disposeBrowserContext", context)
        except Refused:
            pass
        except TimeoutError:
            self.browser.wire.close("A page of it does not end.")
            raise BrowserGone("A page of the browser does not end.") from None

    async def _evaluate(self, expression: str, *, value: bool) -> dict[str, Any]:
        params: dict[str, Any] = {"expression": expression, "returnByValue": value}
        params["timeout"] = SCRIPT_SECONDS * 1000
        for _ in range(3):
            self.check()
            try:
                if not self._world:
                    world = {"frameId": self.frame, "worldName": "check"}
                    made = await self.call("Page.createIsolatedWorld", world, SCRIPT_SECONDS)
                    self._world = int(made.get("executionContextId") or 0)
                params["contextId"] = self._world
                told = await self.call("Runtime.evaluate", params, SCRIPT_SECONDS + 1)
            except Refused:  # the page has gone on to another document meanwhile
                self._world = 0
                await asyncio.sleep(0.2)
                continue
            except TimeoutError:
                self.check()
                raise NoAnswer("The page does not answer: a script of it runs on.") from None
            found = told.get("result")
            if told.get("exceptionDetails"):
                break
            return found if isinstance(found, dict) else {}
        self.check()
        raise NoAnswer("The page could not be looked at: it goes on to other pages all the time.")

    def check(self) -> None:
        """Raises NoAnswer or BrowserGone where there is no sense in going on."""
        if self.browser.wire.gone:
            raise BrowserGone(self.browser.wire.gone)
        if self.happened.crashed:
            raise NoAnswer("The page crashed: it broke its process, or took too much memory.")
        if len(self.happened.dialogs) > DIALOGS:
            raise NoAnswer("The page opens one dialog after the other.")
        if self.happened.loads > LOST_LOADS:
            raise NoAnswer("The page loads itself again and again.")

    def _event(self, method: str, params: dict[str, Any]) -> None:
        self.happened.take(method, params)
        if method == "Page.javascriptDialogOpening":
            if len(self.happened.dialogs) <= DIALOGS:
                self._later("Page.handleJavaScriptDialog", {"accept": True, "promptText": "Vibe"})
        elif method == "Page.frameNavigated":
            self._world = 0
        elif method == "Fetch.requestPaused":
            self._paused(params)
        elif method == "Page.windowOpen":
            self._later("", {})

    def _paused(self, params: dict[str, Any]) -> None:
        asked = params.get("request") or {}
        method, url = str(asked.get("method")), str(asked.get("url"))
        given: dict[str, Any] = {"requestId": params.get("requestId")}
        if self.holds and method not in ("GET", "HEAD", "OPTIONS"):
            self.held.append(f"{method} {url.removeprefix(self.origin)}"[:200])
            self._later("Fetch.failRequest", {**given, "errorReason": "BlockedByClient"})
        else:
            self._later("Fetch.continueRequest", given)

    def _later(self, method: str, params: dict[str, Any]) -> None:
        async def send() -> None:
            with suppress(Refused, TimeoutError, BrowserGone):
                if method:
                    await self.call(method, params)
                else:
                    await self._close_others()

        task = asyncio.create_task(send(), name="answer to a page")
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _close_others(self) -> None:
        """Windows that the page has opened."""
        await asyncio.sleep(0.3)
        found = (await self.browser.call("Target.getTargets")).get("targetInfos")
        for one in found if isinstance(found, list) else []:
            other = one.get("targetId")
            if one.get("browserContextId") == self.context and one.get("openerId") == self.target:
                await self.browser.call("Target.closeTarget", {"targetId": other})
