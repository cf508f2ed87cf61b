"""What stands in a text where output is not kept."""

from __future__ import annotations

from django.utils import timezone

from sandboxes.models import Command


def gap_note(size: int) -> str:
    return f"\n[… {size:,} bytes left out: the log keeps its start and its end …]\n"


def removal_note(command: Command) -> str:
    """Where the output went when it is no longer kept; empty while it is."""
    if command.log_removed_at is None:
        return ""
    when = timezone.localtime(command.log_removed_at).strftime("%-d %B %Y, %H:%M")
    return f"[The log, {command.log_size:,} bytes, was removed on {when} to make room.]\n"
