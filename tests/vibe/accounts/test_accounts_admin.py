from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from vibe.accounts.models import SignInLink, User
from vibe.accounts.services import api_keys, sign_in


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_an_administrator_makes_a_link_that_works(admin: Client, user: User) -> None:
    page = admin.post(
        "/admin/accounts/user/",
        {"action": "make_sign_in_link", "_selected_action": [user.pk]},
        follow=True,
    )

    match = re.search(r"/sign-in/([\w-]{20,})/", page.content.decode())
    assert match is not None
    assert sign_in.redeem(match[1]) == user


def test_staff_who_may_change_users_cannot_make_a_link_for_an_administrator(
    client: Client, db: None
) -> None:
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    boss = User.objects.create_superuser("boss")
    client.force_login(staff)

    client.post(
        "/admin/accounts/user/",
        {"action": "make_sign_in_link", "_selected_action": [boss.pk]},
    )

    assert not SignInLink.objects.exists()


def test_an_api_key_is_listed_by_its_prefix_only(admin: Client, user: User) -> None:
    row, key = api_keys.create(user, "build")

    pages = [admin.get(f"/admin/accounts/apikey/{rest}") for rest in ("", f"{row.pk}/change/")]

    for page in pages:
        html = page.content.decode()
        assert page.status_code == 200
        assert row.prefix in html
        assert key not in html
        assert row.digest not in html


def test_revoking_in_the_admin_ends_the_key(admin: Client, user: User) -> None:
    row, key = api_keys.create(user)

    admin.post("/admin/accounts/apikey/", {"action": "revoke", "_selected_action": [row.pk]})

    assert api_keys.authenticate(key) is None


def test_the_list_of_links_opens(admin: Client, user: User) -> None:
    sign_in.link_for(user, "http://testserver")

    assert admin.get("/admin/accounts/signinlink/").status_code == 200
