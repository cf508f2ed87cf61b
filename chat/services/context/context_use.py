"""What the last request of a conversation was made of: written by the agent, read by pages."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from chat.models import ContextUse, Conversation

KINDS = ("system", "memory", "tools", "history", "summary")
# An estimate is not off by more; a server that says so counts something else.
SCALES = (0.5, 2.5)
# Smaller requests say little of how text and tokens relate.
LEAST = 500


def scale_of(counted: int, estimated: int) -> float:
    """Counted tokens per estimated one."""
    if estimated < LEAST:
        return 1.0
    low, high = SCALES
    return min(high, max(low, counted / estimated))


# As much as a row holds, whatever a provider says.
MOST = 2**31 - 1


def scale(conversation_id: str, model: str) -> float:
    """As the last request to this model has shown it; 1 before there was one."""
    found = ContextUse.objects.filter(conversation=conversation_id, model=model).first()
    return found.scale if found else 1.0


def record(
    conversation_id: str,
    model: str,
    size: int | None,
    estimated: dict[str, int],
    *,
    counted: int = 0,
    cached: int = 0,
    left_out: list[str] | None = None,
) -> None:
    """Keep what a request was made of: tokens by kind, `counted` by the provider in all (0: it did
    not say), of which `cached` came from its cache."""
    counted, cached = (min(max(one, 0), MOST) for one in (counted, cached))
    total = sum(estimated.values())
    parts = shares(estimated, counted) if counted else estimated
    ContextUse.objects.update_or_create(
        conversation_id=conversation_id,
        defaults={
            **parts,
            "model": model,
            "size": size,
            "tokens": counted or total,
            "cached": min(cached, counted),
            "counted": bool(counted),
            "scale": scale_of(counted, total) if counted else 1.0,
            "left_out": left_out or [],
            "measured_at": timezone.now(),
        },
    )


def shares(estimated: dict[str, int], counted: int) -> dict[str, int]:
    """The estimates brought to the provider's count, to the token."""
    total = sum(estimated.values()) or 1
    found = {kind: value * counted // total for kind, value in estimated.items()}
    largest = max(found, key=lambda kind: found[kind])
    found[largest] += counted - sum(found.values())
    return found


def of(conversation: Conversation | None) -> dict[str, Any] | None:
    """What pages and programs are told; None before the first request."""
    if conversation is None:
        return None
    use = ContextUse.objects.filter(conversation=conversation.pk).first()
    if use is None:
        return None
    return {
        **{kind: getattr(use, kind) for kind in KINDS},
        "tokens": use.tokens,
        "size": use.size,
        "free": max(0, use.size - use.tokens) if use.size else None,
        "cached": use.cached,
        "counted": use.counted,
        "model": use.model,
        "left_out": use.left_out,
        "measured_at": use.measured_at,
    }
