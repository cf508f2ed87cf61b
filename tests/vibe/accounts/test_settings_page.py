from __future__ import annotations

import re

import pytest
from django.test import Client

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys


@pytest.fixture
def signed_in(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.mark.parametrize("path", ["/settings/", "/settings/password/", "/settings/api-keys/"])
def test_settings_are_for_people_who_signed_in(client: Client, db: None, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in/?next={path}")


def test_a_new_key_is_shown_once(signed_in: Client) -> None:
    html = signed_in.post("/settings/api-keys/", {"name": "build"}).content.decode()
    match = re.search(r"vibe_[A-Za-z0-9]{40}", html)

    assert match is not None
    assert api_keys.authenticate(match[0]) is not None
    assert match[0] not in signed_in.get("/settings/").content.decode()


def test_the_page_that_shows_a_key_is_not_stored(signed_in: Client) -> None:
    assert "no-store" in signed_in.post("/settings/api-keys/")["Cache-Control"]


def test_a_key_can_be_revoked(signed_in: Client, user: User) -> None:
    row, key = api_keys.create(user)

    signed_in.post(f"/settings/api-keys/{row.pk}/revoke/")

    assert api_keys.authenticate(key) is None


def test_the_key_of_another_user_is_not_found(signed_in: Client) -> None:
    row, key = api_keys.create(User.objects.create_user("otto"))

    assert signed_in.post(f"/settings/api-keys/{row.pk}/revoke/").status_code == 404
    assert api_keys.authenticate(key) is not None


def test_a_name_that_is_too_long_is_told(signed_in: Client) -> None:
    answer = signed_in.post("/settings/api-keys/", {"name": "x" * 101})

    assert answer.status_code == 422
    assert "too long" in answer.content.decode()
    assert not ApiKey.objects.exists()


def test_who_has_no_password_sets_one_without_an_old_one(signed_in: Client, user: User) -> None:
    user.set_unusable_password()
    user.save()
    signed_in.force_login(user)
    new = "a new and long one"

    signed_in.post("/settings/password/", {"new_password1": new, "new_password2": new})

    user.refresh_from_db()
    assert user.check_password(new)


def test_who_has_a_password_must_give_it_to_change_it(
    signed_in: Client, user: User, password: str
) -> None:
    new = "a new and long one"

    answer = signed_in.post(
        "/settings/password/",
        {"old_password": "wrong", "new_password1": new, "new_password2": new},
    )

    user.refresh_from_db()
    assert answer.status_code == 422
    assert user.check_password(password)


def test_changing_the_password_ends_the_other_sessions_and_keeps_this_one(
    signed_in: Client, user: User, password: str
) -> None:
    elsewhere = Client()
    elsewhere.force_login(user)
    new = "a new and long one"

    signed_in.post(
        "/settings/password/",
        {"old_password": password, "new_password1": new, "new_password2": new},
    )

    assert signed_in.get("/settings/").status_code == 200
    assert elsewhere.get("/settings/").status_code == 302


def test_the_theme_is_kept(signed_in: Client, user: User) -> None:
    signed_in.post("/settings/appearance/", {"theme": "dark"})

    user.refresh_from_db()
    assert user.preferences["theme"] == "dark"


def test_a_theme_that_does_not_exist_is_refused(signed_in: Client, user: User) -> None:
    assert signed_in.post("/settings/appearance/", {"theme": "pink"}).status_code == 422
