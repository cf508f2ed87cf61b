"""What operators tell every model: the system prompt and instructions beside it, in versions."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path

from django.db import transaction

from chat.models import PromptVersion
from chat.services.storable import storable
from vibe.accounts.models import User
from vibe.refusal import Refusal

LIMITS = {PromptVersion.Kind.SYSTEM: 100_000, PromptVersion.Kind.OPERATOR: 20_000}
VERSIONS = 500


@cache
def _shipped() -> str:
    file = Path(__file__).parents[2] / "agent" / "prompts" / "system.md"
    return file.read_text(encoding="utf-8")


def ours(kind: str) -> str:
    """What holds where no version is active: the platform's own text, nothing beside it."""
    return _shipped() if kind == PromptVersion.Kind.SYSTEM else ""


def text(kind: str) -> str:
    """What models are told now."""
    found = active(kind)
    return found.text if found else ours(kind)


def active(kind: str) -> PromptVersion | None:
    """The version that holds; None for ours."""
    return PromptVersion.objects.filter(kind=kind, active=True).first()


def add(kind: str, text: str, by: User, *, note: str = "") -> PromptVersion:
    """A new version, which holds from the next turn on. Raises Refusal: invalid, limit."""
    text = storable(text).replace("\r\n", "\n").strip()
    if not text:
        raise Refusal(
            "The text is empty.", "Go back to ours instead of saving nothing.", code="invalid"
        )
    most = LIMITS[PromptVersion.Kind(kind)]
    if len(text) > most:
        raise Refusal(
            f"The text has {len(text):,} characters; {most:,} is the limit.",
            "Shorten it.",
            code="limit",
        )
    with transaction.atomic():
        _none_active(kind)
        made = PromptVersion.objects.create(
            kind=kind, text=text, author=by, note=storable(note)[:200], active=True
        )
        old = PromptVersion.objects.filter(kind=kind).values_list("pk", flat=True)[VERSIONS:]
        PromptVersion.objects.filter(pk__in=list(old)).delete()
    return made


def activate(version: PromptVersion) -> None:
    """Let an earlier version hold again."""
    with transaction.atomic():
        _none_active(version.kind)
        PromptVersion.objects.filter(pk=version.pk).update(active=True)


def back_to_ours(kind: str) -> None:
    _none_active(kind)


def _none_active(kind: str) -> None:
    PromptVersion.objects.filter(kind=kind, active=True).update(active=False)


def difference(version: PromptVersion) -> list[str]:
    """Lines of a unified diff from ours to the version."""
    lines = difflib.unified_diff(
        ours(version.kind).splitlines(),
        version.text.splitlines(),
        "ours",
        "this version",
        "",
        "",
        2,
        "",
    )
    return list(lines)
