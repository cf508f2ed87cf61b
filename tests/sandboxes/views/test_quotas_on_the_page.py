"""The page of sandboxes tells of quotas that are half used; the others are there for who asks."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.fixtures.rows import make_sandbox

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(client, alice, settings):
    """(what is told at once, what is told on demand)"""
    settings.SANDBOXES_KEPT_PER_USER = 2

    def show() -> tuple[str, str]:
        client.force_login(alice)
        page = client.get(reverse("sandboxes:index")).content.decode()
        found = re.search(r"(.*)<details class=\"quotas-all\">(.*?)</details>", page, re.DOTALL)
        assert found
        return found[1], found[2]

    return show


def test_an_empty_account_is_told_of_no_quota(shown):
    at_once, on_demand = shown()
    assert 'class="quotas"' not in at_once
    for text in (" of 20 GB", "0 of 2 sandboxes kept", "0 of 2000 conversations"):
        assert text in on_demand


def test_a_quota_that_is_half_used_is_told(shown, alice):
    make_sandbox(alice, status="stopped")
    at_once, on_demand = shown()
    assert "1 of 2 sandboxes kept" in at_once
    assert "Disk" not in at_once.partition('class="quotas"')[2].partition("</ul>")[0]
    assert "1 of 2 sandboxes kept" in on_demand


def test_a_quota_that_is_nearly_reached_has_a_colour(shown, alice):
    make_sandbox(alice, "one", status="stopped")
    make_sandbox(alice, "two", status="stopped")
    assert "<li data-near>2 of 2 sandboxes kept</li>" in shown()[0]
