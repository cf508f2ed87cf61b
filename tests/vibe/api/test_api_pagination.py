from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from sandboxes.models import Sandbox
from tests.fixtures.rows import make_sandbox
from vibe.accounts.models import User

URL = "/api/v1/sandboxes"


def names(client: Client, limit: int) -> list[list[str]]:
    """The names on each page, until the last."""
    pages, before = [], ""
    while len(pages) < 20:
        answer = client.get(URL, {"limit": limit, "before": before}).json()
        pages.append([item["name"] for item in answer["items"]])
        before = answer["next"]
        if before is None:
            return pages
    raise AssertionError("the pages never end")


def test_pages_come_newest_first_and_each_row_once(as_alice: Client, alice: User) -> None:
    for number in range(5):
        moment = timezone.now() - timedelta(minutes=number)
        make_sandbox(alice, f"s{number}", created_at=moment)
    assert names(as_alice, 2) == [["s0", "s1"], ["s2", "s3"], ["s4"]]


def test_rows_of_the_same_moment_are_not_lost_between_pages(as_alice: Client, alice: User) -> None:
    moment = timezone.now()
    for number in range(5):
        make_sandbox(alice, f"s{number}", created_at=moment)
    found = [name for page in names(as_alice, 2) for name in page]
    assert sorted(found) == ["s0", "s1", "s2", "s3", "s4"]


def test_a_deleted_row_does_not_break_the_cursor(as_alice: Client, alice: User) -> None:
    for number in range(3):
        make_sandbox(alice, f"s{number}", created_at=timezone.now() - timedelta(minutes=number))
    cursor = as_alice.get(URL, {"limit": 1}).json()["next"]
    Sandbox.objects.filter(name="s0").delete()
    rest = as_alice.get(URL, {"before": cursor}).json()["items"]
    assert [item["name"] for item in rest] == ["s1", "s2"]


def test_a_made_up_cursor_is_a_400(as_alice: Client) -> None:
    for cursor in ("nonsense", "Zm9v", "é", "MjAyNg"):
        assert as_alice.get(URL, {"before": cursor}).status_code == 400


def test_a_limit_out_of_range_is_refused(as_alice: Client) -> None:
    assert as_alice.get(URL, {"limit": 0}).status_code == 422
    assert as_alice.get(URL, {"limit": 1000}).status_code == 422
