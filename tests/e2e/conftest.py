"""People with a key, a password and a sandbox, a new one for each test."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.e2e.holding import PASSWORD, Person
from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

# Made in one go: a command of `manage.py` takes seconds, and so does hashing passwords.
PEOPLE = """
from django.contrib.auth.hashers import make_password
from vibe.accounts.models import User
from vibe.accounts.services import api_keys

password = make_password({password!r})
User.objects.create(username="somebody")
for number in range(60):
    user = User.objects.create(username=f"person{{number}}", password=password)
    print("PERSON", user.username, *(api_keys.create(user, "")[1] for _ in range(2)))
"""


@pytest.fixture(scope="session")
def people(shared_platform: Platform) -> Iterator[tuple[str, str, str]]:
    """(name, a key to keep, a key to lose) of one after the other."""
    told = shared_platform.manage("shell", "-c", PEOPLE.format(password=PASSWORD))
    return iter(re.findall(r"PERSON (\w+) (\w+) (\w+)", told))


@pytest.fixture
def person(platform: Platform, people: Iterator[tuple[str, str, str]]) -> Person:
    name, kept, other = next(people)
    program = Client(platform, kept)
    sandbox = program("POST", "sandboxes", {})["id"]
    until(lambda: program("GET", f"sandboxes/{sandbox}")["status"] == "running")
    return Person(platform, name, program, other, sandbox)
