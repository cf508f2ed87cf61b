"""The pictures that a check has made of the app: as it was before, and as it is now."""

from __future__ import annotations

from chat.models import Check
from chat.services.checking import checks
from sandboxes.services import page_visits
from vibe.accounts.models import User
from vibe.refusal import Refusal

PICTURES = {
    "after": ("visit", ("after", "page")),
    "before": ("visit_before", ("after", "page")),
    "small": ("visit", ("after-small", "page-small")),
    "before-small": ("visit_before", ("after-small", "page-small")),
}


def pictures_of(check: Check) -> list[str]:
    """Names of the pictures that there are; of old checks they are forgotten."""
    kept = {
        row.pk: {one.name for one in row.pictures.all()}
        for row in (check.visit, check.visit_before)
        if row is not None
    }
    return [
        name
        for name, (which, names) in PICTURES.items()
        if kept.get(getattr(check, f"{which}_id"), set()) & set(names)
    ]


def picture(user: User, check_id: str, name: str) -> bytes:
    """A JPEG of the check: one of PICTURES. Raises Refusal(not_found)."""
    check = checks.get_for(user, check_id)
    which, names = PICTURES.get(name, ("", ()))
    visit_id = str(getattr(check, f"{which}_id") or "") if which else ""
    for one in names if visit_id else ():
        try:
            return page_visits.picture(user, visit_id, one)
        except Refusal:
            continue
    raise Refusal("There is no such picture.", "It may be too old.", code="not_found")
