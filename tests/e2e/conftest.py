"""People with a key, a password and a sandbox, a new one for each test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.framed import about
from tests.e2e.holding import PASSWORD, Person
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import PATIENCE

ADMINISTRATOR = "admin"

# Made in one go: a command of `manage.py` takes seconds, and so does hashing passwords.
PEOPLE = """
from django.contrib.auth.hashers import make_password
from django.db import transaction
from vibe.accounts.models import User
from vibe.accounts.services import api_keys

password = make_password({password!r})
User.objects.create(username="somebody")
with transaction.atomic():
    for number in range(40):
        user = User.objects.create(username=f"person{{number}}", password=password)
        print("PERSON", user.username, *(api_keys.create(user, "")[1] for _ in range(2)))
"""


@pytest.fixture(scope="session")
def people(shared_platform: Platform) -> Iterator[tuple[str, str, str]]:
    """(name, a key to keep, a key to lose) of one after the other."""
    told = shared_platform.manage("shell", "-c", PEOPLE.format(password=PASSWORD))
    return iter(re.findall(r"PERSON (\w+) (\w+) (\w+)", told))


@pytest.fixture
def persons(
    platform: Platform, people: Iterator[tuple[str, str, str]]
) -> Callable[[int], list[Person]]:
    """Makes so many, two at a time."""

    def made(known: tuple[str, str, str]) -> Person:
        name, kept, other = known
        program = Client(platform, kept)
        sandbox = program("POST", "sandboxes", {"wait": PATIENCE})
        assert sandbox["status"] == "running"
        return Person(platform, name, program, other, sandbox["id"])

    def make(count: int) -> list[Person]:
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(made, [next(people) for _ in range(count)]))

    return make


@pytest.fixture
def person(persons: Callable[[int], list[Person]]) -> Person:
    return persons(1)[0]


@pytest.fixture(scope="module")
def administrator(platform: Platform) -> Client:
    """A program of the user who has signed in in the browser."""
    return Client(platform, platform.once("create_api_key", ADMINISTRATOR))


@pytest.fixture
def bench(platform: Platform, administrator: Client, page: Page) -> Page:
    """The workbench of a conversation about a new sandbox, in which nothing was said yet."""
    sandbox = administrator("POST", "sandboxes", {"wait": PATIENCE})
    assert sandbox["status"] == "running"
    page.goto(f"{platform.site}{about(platform, administrator, sandbox['id'])}")
    expect(page.locator("#sandbox-status[data-status=running]")).to_be_visible()
    return page
