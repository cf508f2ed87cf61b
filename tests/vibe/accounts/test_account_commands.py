from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from vibe.accounts.models import User
from vibe.accounts.services import api_keys, sign_in
from vibe.up.instance import InstanceLock


def test_create_api_key_prints_the_key_and_nothing_else(user: User) -> None:
    out = io.StringIO()

    call_command("create_api_key", "vera", "--name", "build", "--scope", "read", "run", stdout=out)

    row = api_keys.authenticate(out.getvalue().removesuffix("\n"))
    assert row is not None
    assert (row.user, row.name, row.scopes) == (user, "build", ["read", "run"])


def test_create_api_key_refuses_an_unknown_user_and_says_how_to_make_one(db: None) -> None:
    with pytest.raises(CommandError, match="--create-user"):
        call_command("create_api_key", "nobody")


def test_create_api_key_makes_the_user_when_told_to(db: None) -> None:
    out = io.StringIO()

    call_command("create_api_key", "robot", "--create-user", stdout=out)

    robot = User.objects.get(username="robot")
    assert not robot.has_usable_password()
    assert not robot.is_staff
    assert api_keys.authenticate(out.getvalue().strip()) is not None


def test_create_api_key_refuses_a_user_name_that_cannot_be(db: None) -> None:
    with pytest.raises(CommandError, match="cannot be a user name"):
        call_command("create_api_key", "two words", "--create-user")


def test_sign_in_link_prints_a_link_for_the_named_user(user: User) -> None:
    out = io.StringIO()

    call_command("sign_in_link", "vera", "--url", "http://vibe.test", stdout=out)

    link = out.getvalue().strip()
    assert link.startswith("http://vibe.test/sign-in/")
    assert sign_in.redeem(link.rstrip("/").rsplit("/", 1)[1]) == user


def test_sign_in_link_leads_to_the_platform_that_runs_here(
    user: User, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    out = io.StringIO()
    lock = InstanceLock(tmp_path)
    lock.acquire("http://app.vibe.localhost:8123/")
    try:
        call_command("sign_in_link", "vera", stdout=out)
    finally:
        lock.release()
    assert out.getvalue().startswith("http://app.vibe.localhost:8123/sign-in/")


def test_sign_in_link_is_for_the_first_administrator_when_nobody_is_named(db: None) -> None:
    out = io.StringIO()

    call_command("sign_in_link", stdout=out)

    token = out.getvalue().strip().rstrip("/").rsplit("/", 1)[1]
    assert sign_in.redeem(token).is_superuser
