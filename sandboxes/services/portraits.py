"""Pictures of an app's page as somebody has it before them, taken by the platform's browser."""

from __future__ import annotations

from sandboxes.models import PageVisit, Sandbox
from sandboxes.services import page_visits
from vibe.data.database import in_thread
from vibe.refusal import Refusal

SECONDS = 45.0


def ask(
    sandbox: Sandbox,
    port: int,
    *,
    path: str,
    size: tuple[int, int],
    scroll: tuple[int, int] = (0, 0),
    selector: str = "",
) -> PageVisit:
    """Ask for one. Raises Refusal: unavailable (there is no browser here), not_running, limit."""
    width, height = size
    plan = {
        "portray": True,
        "path": path,
        "width": width,
        "height": height,
        "scroll": list(scroll),
        "selector": selector,
    }
    return page_visits.ask(sandbox, port, plan, SECONDS)


async def taken(visit: PageVisit) -> PageVisit:
    """The visit once its picture is there. Raises Refusal(unavailable) where there is none."""
    ended = await page_visits.ended(visit.pk, page_visits.patience(visit))
    why = ended.error if ended is not None else "No browser came to its turn."
    if ended is None or why:
        raise Refusal(f"There is no picture of the page: {why}", "Try again.", code="unavailable")
    return ended


async def names(visit: PageVisit) -> list[str]:
    """Of its pictures: page, and crop where the selector was found."""
    return await in_thread(lambda: sorted(visit.pictures.values_list("name", flat=True)))
