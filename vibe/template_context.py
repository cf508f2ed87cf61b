"""What every page's template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from sandboxes.host import isolation
from vibe import live_reload


def of_page(request: HttpRequest) -> dict[str, Any]:
    """Theme of the user, the isolation banner, the platform's settings."""
    user = getattr(request, "user", None)
    preferences = getattr(user, "preferences", None) or {}
    return {
        "theme": preferences.get("theme", "system"),
        "preferences": preferences,
        "isolation": isolation.current(),
        "preview_domain": settings.PREVIEW_DOMAIN,
        "made_of": live_reload.version() if settings.RELOAD else "",
    }
