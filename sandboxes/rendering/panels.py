"""What the templates of the sandbox's status and panels read; used by pages and sockets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.text import capfirst

from sandboxes.models import Command, Sandbox
from sandboxes.rendering.open_ports import open_ports
from vibe.accounts.models import User
from vibe.web.partials import partial

COMMANDS_SHOWN = 200
# Widths in percent of who has arranged nothing.
PANES = {"list": 15.0, "chat": 36.0, "top": 62.0}
# Keys that a phone's keyboard lacks.
TERMINAL_KEYS = (
    ("esc", "Esc"), ("tab", "Tab"), ("interrupt", "Ctrl-C"),
    ("left", "←"), ("up", "↑"), ("down", "↓"), ("right", "→"),
)  # fmt: skip


@dataclass(frozen=True)
class SandboxState:
    """How a sandbox stands, in a word and a sentence."""

    tone: str
    word: str
    sentence: str
    expires_at: datetime | None = None
    resumable: bool = False


def state_of(sandbox: Sandbox) -> SandboxState:
    session = sandbox.session
    if sandbox.deleted_at is not None:
        return SandboxState("quiet", "deleted", "It was deleted together with its files.")
    if sandbox.status == Sandbox.Status.RUNNING and session and session.asleep_since:
        return SandboxState(
            "quiet",
            "asleep",
            "Nobody has used it for a while, so its processes stand still. Any use wakes it.",
            session.expires_at,
        )
    if sandbox.status == Sandbox.Status.RUNNING:
        return SandboxState(
            "success",
            "running",
            "Commands can run; when its time is over it stops and keeps its files.",
            session.expires_at if session else None,
        )
    if sandbox.status == Sandbox.Status.PENDING:
        return SandboxState("running", "starting", "It is being started.")
    if sandbox.status == Sandbox.Status.FAILED:
        reason = (session.error if session else "") or "The reason is in the server's log."
        return SandboxState("danger", "failed", f"It could not start. {reason}", resumable=True)
    sentence = (
        f"{capfirst(sandbox.why)}. Its files are kept; Resume starts it and its servers again."
    )
    return SandboxState("quiet", "stopped", sentence, resumable=True)


def panels_view(sandbox: Sandbox | None, *, with_ports: bool = False) -> dict[str, Any]:
    """Context of the status and of the preview, code and logs panels; None: no sandbox yet.

    `with_ports`: also say which ports are open, for which its agent is asked.
    """
    return {
        "sandbox": sandbox,
        "state": state_of(sandbox) if sandbox else None,
        "commands": recent_commands(sandbox) if sandbox else [],
        "preview_domain": settings.PREVIEW_DOMAIN,
        "open_ports": open_ports(sandbox) if sandbox and with_ports else [],
        "terminal_keys": TERMINAL_KEYS,
    }


def arrangement(user: User) -> dict[str, Any]:
    """How somebody has arranged the workbench: widths in percent, and which tabs are chosen."""
    chosen = user.preferences
    return {
        "panes": {**PANES, **(chosen.get("panes") or {})},
        "tab": chosen.get("tab", "preview"),
        "panel": chosen.get("panel", "logs"),
    }


def recent_commands(sandbox: Sandbox) -> list[Command]:
    """The newest commands, oldest of them first."""
    newest = Command.objects.filter(sandbox=sandbox, tty=False).order_by("-created_at", "-id")
    return list(reversed(newest[:COMMANDS_SHOWN]))


def status_partials(sandbox: Sandbox) -> str:
    """Status in the header and what the panels say of a sandbox that is not running."""
    view = panels_view(sandbox)
    return (
        partial(render_to_string("sandboxes/_status.html", view), "#sandbox-status")
        + partial(render_to_string("sandboxes/_preview_empty.html", view), "#preview-words")
        + partial(render_to_string("sandboxes/_terminal_words.html", view), "#terminal-words")
        + partial(render_to_string("sandboxes/_code.html", view), "#code-panel")
    )


def command_partial(command: Command) -> str:
    """The command's row, put into the list at its place or over what is there."""
    row = render_to_string("sandboxes/_command_row.html", {"command": command})
    return partial(row, "#commands", "upsert")


def stage_partials(sandbox: Sandbox) -> str:
    """All panels anew, for a conversation that has got another sandbox."""
    view = {**panels_view(sandbox), **arrangement(sandbox.owner)}
    return partial(render_to_string("sandboxes/_status.html", view), "#sandbox-status") + partial(
        render_to_string("sandboxes/_stage.html", view), "#stage", "innerHTML"
    )
