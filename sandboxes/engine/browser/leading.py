"""A visit to one port of an app: the browser led there, in bounded time, told in one way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ..client import AgentClient
from .launching import Browser
from .page import NoAnswer
from .visit_result import Visit
from .wire import BrowserGone, Refused


@asynccontextmanager
async def led(
    browser: Browser, app: AgentClient, port: int, seconds: float, found: Visit
) -> AsyncIterator[None]:
    """What goes wrong in the block, and that it takes too long, is told by `found.broken`."""
    try:
        await browser.lead_to(app, port)
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        found.broken = f"It was not done within {seconds:.0f} s."
    except (BrowserGone, Refused, NoAnswer) as error:
        found.broken = str(error) or "The browser ended."
    except Exception as error:  # hostile pages make the browser say anything
        found.broken = f"{type(error).__name__}: {error}"[:300]
