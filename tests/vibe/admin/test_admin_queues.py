"""The dashboard of the job queues inside the admin."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin

import django_rq
import pytest
from django.test import Client

from vibe.accounts.models import User

HOME = "/admin/django_rq/dashboard/"


@pytest.fixture
def root(db: None) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def waiting_job(root: Client, django_capture_on_commit_callbacks: Any) -> str:
    with django_capture_on_commit_callbacks(execute=True):
        django_rq.get_queue("chat").enqueue("chat.jobs.run_turn", "turn_x", job_id="turn_x")
    return "turn_x"


def links(page: str, base: str) -> set[str]:
    found = {urljoin(base, href) for href in re.findall(r'href="([^"#]+)"', page)}
    return {url.split("?")[0] for url in found if url.startswith(HOME)}


def test_it_works(root: Client) -> None:
    page = root.get(HOME).content.decode()
    assert "sandboxes:local" in page
    assert "chat" in page


def test_every_page_that_can_be_reached_answers(root: Client, waiting_job: str) -> None:
    """All links below the dashboard, but none that would change something by a GET."""
    waiting, seen = [HOME], set()
    while waiting:
        url = waiting.pop()
        if url in seen:
            continue
        seen.add(url)
        response = root.get(url)
        assert response.status_code == 200, url
        if response["Content-Type"].startswith("text/html"):
            waiting += links(response.content.decode(), url) - seen
    assert any(url.endswith(f"/{waiting_job}/") for url in seen)
    assert len(seen) >= 20


def test_no_list_or_form_has_an_inline_script_or_sheet(root: Client, waiting_job: str) -> None:
    pages = ["", "queues/0/", "queues/0/failed/", "queues/0/finished/", "queues/0/started/"]
    pages += ["queues/0/scheduled/", "queues/0/deferred/", "queues/0/empty/", "workers/0/"]
    for page in pages:
        text = root.get(HOME + page).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=", text), page


def test_who_is_no_administrator_does_not_see_it(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get(HOME).status_code == 302
