"""The evidence card: what the platform has found out about the app, under the turn's message."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string

from chat.models import Check, Message
from chat.services.checking import checks, pictures
from vibe.web.partials import partial

# Icon and word of each outcome; colour never alone.
STATES = {
    Check.Status.QUEUED: ("running", "hourglass", "Checking the app"),
    Check.Status.RUNNING: ("running", "hourglass", "Checking the app"),
    Check.Status.CHECKED: ("success", "circle-check", "Checked"),
    Check.Status.UNCHECKED: ("warning", "circle-alert", "Unchecked"),
    Check.Status.FAILED: ("danger", "triangle-alert", "Check failed"),
}
OUTCOMES = {
    "ok": ("success", "check", "passed"),
    "failed": ("danger", "x", "failed"),
    "note": ("quiet", "info", "no proof"),
    "unsure": ("warning", "circle-alert", "not known"),
}
CONSOLE_LINES = 40


def check_view(check: Check | None) -> dict[str, Any] | None:
    """What the template of the card reads; None where there is nothing to show."""
    if check is None or check.status not in STATES:
        return None
    tone, icon, word = STATES[Check.Status(check.status)]
    steps = [_step(one) for one in check.steps if isinstance(one, dict)]
    # What is wrong comes first: of fifteen steps one is looked for.
    order = {"failed": 0, "unsure": 1}
    steps.sort(key=lambda one: order.get(one["outcome"], 2))
    return {
        "check": check,
        "tone": tone,
        "icon": icon,
        "word": word,
        "steps": steps,
        "summary": _summary(steps),
        "pictures": pictures.pictures_of(check),
        "console": [one for one in check.console if isinstance(one, dict)][:CONSOLE_LINES],
    }


def _summary(steps: list[dict[str, Any]]) -> str:
    passed = sum(one["outcome"] == "ok" for one in steps)
    return f"{passed} of {len(steps)} steps passed" if steps else ""


def _step(one: dict[str, Any]) -> dict[str, Any]:
    outcome = str(one.get("outcome"))
    tone, icon, word = OUTCOMES.get(outcome, OUTCOMES["note"])
    seconds = one.get("seconds")
    return {
        "what": str(one.get("what") or ""),
        "detail": str(one.get("detail") or ""),
        "outcome": outcome,
        "tone": tone,
        "icon": icon,
        "word": word,
        "seconds": seconds if isinstance(seconds, int | float) else 0,
    }


def check_partial(turn_id: str) -> str:
    """The card as it stands, put at its place in the thread; empty when there is none."""
    check = checks.of_turns([turn_id]).get(turn_id)
    view = check_view(check)
    message = Message.objects.filter(turn=turn_id, role=Message.Role.ASSISTANT).last()
    if view is None or message is None:
        return ""
    html = render_to_string("chat/_check.html", {"check": view, "message": message})
    return partial(html, f"#evidence-{message.pk}")
