"""A title made of what somebody wrote."""

from __future__ import annotations

from chat.services.storable import storable

LENGTH = 60


def clean(text: str) -> str:
    """The first line that says something, cut at a word to LENGTH characters."""
    line = next((line.strip() for line in storable(text).splitlines() if line.strip()), "")
    if len(line) <= LENGTH:
        return line
    cut = line[: LENGTH - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > LENGTH // 2 else cut).rstrip(" ,;:.") + "…"
