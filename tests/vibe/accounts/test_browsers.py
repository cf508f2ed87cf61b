"""One user is signed in with so many browsers at a time, and a new one ends the oldest."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from vibe.accounts.jobs import forget_expired_sessions
from vibe.accounts.models import SignedInBrowser

pytestmark = pytest.mark.django_db


def signed_in(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def is_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


def test_one_browser_too_many_ends_the_oldest_of_this_user_alone(alice, bob, settings):
    settings.BROWSERS_PER_USER = 2
    theirs = signed_in(bob)
    first, second, third = (signed_in(alice) for _ in range(3))
    assert [is_in(browser) for browser in (first, second, third, theirs)] == [
        False,
        True,
        True,
        True,
    ]
    assert Session.objects.count() == 3


def test_signing_out_makes_room(alice, settings):
    settings.BROWSERS_PER_USER = 2
    first, second = signed_in(alice), signed_in(alice)
    second.logout()
    third = signed_in(alice)
    assert is_in(first)
    assert is_in(third)


def test_signing_in_as_somebody_else_in_the_same_browser_counts_for_that_user(alice, bob, settings):
    settings.BROWSERS_PER_USER = 1
    browser = signed_in(alice)
    browser.force_login(bob)
    assert SignedInBrowser.objects.filter(user=bob).count() == 1
    signed_in(bob)
    assert not is_in(browser)


def test_zero_lets_every_browser_in(alice, settings):
    settings.BROWSERS_PER_USER = 0
    browsers = [signed_in(alice) for _ in range(3)]
    assert all(is_in(browser) for browser in browsers)


def test_nothing_is_kept_of_browsers_whose_session_is_over(alice):
    signed_in(alice)
    Session.objects.all().delete()
    forget_expired_sessions()
    assert not SignedInBrowser.objects.exists()
