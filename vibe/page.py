"""What every page's template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def context(request: HttpRequest) -> dict[str, Any]:
    """Template context: theme of the user, the isolation banner, the platform's settings."""
    from sandboxes.services import isolation

    user = getattr(request, "user", None)
    preferences = getattr(user, "preferences", None) or {}
    return {
        "theme": preferences.get("theme", "system"),
        "preferences": preferences,
        "isolation": isolation.current(),
        "preview_domain": settings.PREVIEW_DOMAIN,
    }
