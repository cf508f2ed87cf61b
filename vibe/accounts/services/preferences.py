"""What a person arranged to his liking: theme, sizes of panes, open tabs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from vibe.accounts.models import User
from vibe.refusal import Refusal

THEMES = ("light", "dark", "system")
TABS = ("preview", "code", "changes")
PANELS = ("logs", "terminal", "console", "problems", "resources")
PANES = ("list", "chat", "top")
SMALLEST, LARGEST = 5, 95  # per cent of the window


def _one_of(*choices: str) -> Callable[[str, Any], str]:
    def check(key: str, value: Any) -> str:
        if value not in choices:
            raise Refusal(f"{key} cannot be that.", f"It is one of {', '.join(choices)}.")
        return str(value)

    return check


def _flag(key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise Refusal(f"{key} must be true or false.")
    return value


def _panes(key: str, value: Any) -> dict[str, float]:
    if not isinstance(value, Mapping):
        raise Refusal(f"{key} must give a size for each pane.")
    for pane, size in value.items():
        if pane not in PANES:
            raise Refusal("There is no such pane.", f"Panes are {', '.join(PANES)}.")
        # bool is an int to Python; NaN fails the comparison, as it should.
        is_number = isinstance(size, int | float) and not isinstance(size, bool)
        if not is_number or not SMALLEST <= size <= LARGEST:
            raise Refusal(
                f"The size of {pane} does not fit.",
                f"It is a number from {SMALLEST} to {LARGEST}, in per cent.",
            )
    return {pane: round(float(size), 2) for pane, size in value.items()}


CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "theme": _one_of(*THEMES),
    "tab": _one_of(*TABS),
    "panel": _one_of(*PANELS),
    "panes": _panes,
    "list_collapsed": _flag,
}


def update(user: User, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Check `changes`, lay them over what is kept and return the whole.

    `panes` is merged pane by pane. Nothing is written when any key or value does not fit
    (Refusal).
    """
    unknown = [str(key) for key in changes if key not in CHECKS]
    if unknown:
        raise Refusal(
            f"There is no preference called {unknown[0][:40]!r}.",
            f"Preferences are {', '.join(CHECKS)}.",
        )
    checked = {key: CHECKS[key](key, value) for key, value in changes.items()}
    with transaction.atomic():
        # Two tabs may drag two splitters at once: each lays its change over the newest row.
        row = User.objects.select_for_update().only("preferences").get(pk=user.pk)
        kept = {key: value for key, value in row.preferences.items() if key in CHECKS}
        if "panes" in checked:
            checked["panes"] = {**kept.get("panes", {}), **checked["panes"]}
        row.preferences = {**kept, **checked}
        row.save(update_fields=["preferences"])
    user.preferences = row.preferences
    return row.preferences
