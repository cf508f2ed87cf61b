"""The request of a page whose user is known."""

from __future__ import annotations

from django.http import HttpRequest

from vibe.accounts.models import User


class UserRequest(HttpRequest):
    """A request behind `login_required`."""

    user: User
