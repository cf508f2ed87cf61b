"""Sessions of browsers that never signed out do not stay for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from vibe.accounts.jobs import forget_expired_sessions

pytestmark = pytest.mark.django_db


def test_sessions_that_have_expired_are_forgotten_and_no_others() -> None:
    now = timezone.now()
    for key, end in (("over", now - timedelta(seconds=1)), ("live", now + timedelta(days=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=end)
    forget_expired_sessions()
    assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]
