"""Browsers that a user is signed in with: so many at a time, and a new one signs out the oldest."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from vibe.accounts.models import SignedInBrowser, User
from vibe.accounts.services.kept import take_turn


def connect() -> None:
    """Hear of everybody who signs in or out, by whatever page."""
    user_logged_in.connect(_signed_in, dispatch_uid="browsers")
    user_logged_out.connect(_signed_out, dispatch_uid="browsers")


def begin(user: User, session_key: str) -> None:
    """Note that one more browser is signed in, and sign out the oldest beyond
    VIBE_BROWSERS_PER_USER."""
    with transaction.atomic():
        take_turn(user.pk)
        SignedInBrowser.objects.update_or_create(
            session_key=session_key, defaults={"user": user, "since": timezone.now()}
        )
        mine = SignedInBrowser.objects.filter(user=user).order_by("-since", "-pk")
        most = settings.BROWSERS_PER_USER
        if most > 0:
            _end(list(mine.values_list("session_key", flat=True)[most:]))


def forget_ended() -> None:
    """Of browsers whose session is over nothing is kept."""
    SignedInBrowser.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()


def _end(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    SignedInBrowser.objects.filter(session_key__in=keys).delete()


def _signed_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    session = getattr(request, "session", None)
    if session is None:  # a program has said so, without a browser
        return
    if not session.session_key:  # of somebody else until now, and not saved yet
        session.create()
    begin(user, str(session.session_key))


def _signed_out(request: HttpRequest | None, **_: Any) -> None:
    session = getattr(request, "session", None)
    if session is not None and session.session_key:
        SignedInBrowser.objects.filter(session_key=session.session_key).delete()
