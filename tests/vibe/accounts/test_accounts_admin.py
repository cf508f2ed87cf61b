from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Group, Permission
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


RIGHTS = ["change_user", "view_user", "add_user", "delete_user"]


@pytest.fixture
def staff(db: None) -> User:
    user = User.objects.create_user("staff", is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=[*RIGHTS, "change_group", "view_group"])
    )
    return user


@pytest.fixture
def as_staff(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


def change(client: Client, user: User, **fields: object) -> int:
    """Post the whole form of a user, with these fields."""
    form = {"username": user.username, "is_active": "on", **fields}
    form |= {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    return client.post(f"/admin/accounts/user/{user.pk}/change/", form).status_code


@pytest.mark.parametrize("whom", ["staff", "vera"])
def test_staff_cannot_make_anybody_more_than_he_is(
    as_staff: Client, staff: User, user: User, whom: str
) -> None:
    Group.objects.create(name="all").permissions.set(Permission.objects.all())
    everything = {
        "is_superuser": "on",
        "is_staff": "on",
        "groups": [Group.objects.get().pk],
        "user_permissions": list(Permission.objects.values_list("pk", flat=True)),
        "first_name": "New",
    }
    subject = User.objects.get(username=whom)
    before = (subject.is_staff, subject.get_all_permissions())
    assert change(as_staff, subject, **everything) == 302
    now = User.objects.get(username=whom)
    assert now.first_name == "New"
    assert (now.is_superuser, now.groups.count()) == (False, 0)
    assert (now.is_staff, now.get_all_permissions()) == before


@pytest.mark.parametrize("more", ["superuser", "rights"])
def test_staff_cannot_become_whoever_may_more(as_staff: Client, more: str) -> None:
    boss = User.objects.create_user("boss", is_superuser=more == "superuser", is_staff=True)
    boss.user_permissions.set(Permission.objects.filter(codename="delete_apikey"))
    boss.set_password("correct horse battery")
    boss.save()
    password = {"password1": "hacked horse battery", "password2": "hacked horse battery"}
    page = f"/admin/accounts/user/{boss.pk}"
    assert as_staff.post(f"{page}/password/", password).status_code == 403
    assert change(as_staff, boss, username="mine") == 403
    assert as_staff.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [boss.pk], "post": "yes"}
    as_staff.post("/admin/accounts/user/", chosen)
    boss.refresh_from_db()
    assert boss.username == "boss" and boss.check_password("correct horse battery")


def test_staff_sets_the_password_of_who_may_less(as_staff: Client, user: User) -> None:
    password = {"password1": "another horse battery", "password2": "another horse battery"}
    page = f"/admin/accounts/user/{user.pk}/password/"
    assert as_staff.post(page, {**password, "usable_password": "true"}).status_code == 302
    user.refresh_from_db()
    assert user.check_password("another horse battery")


def test_staff_cannot_fill_his_own_group(as_staff: Client, staff: User) -> None:
    group = Group.objects.create(name="mine")
    staff.groups.add(group)
    form = {"name": "mine", "permissions": [Permission.objects.get(codename="add_apikey").pk]}
    assert as_staff.post(f"/admin/auth/group/{group.pk}/change/", form).status_code == 403
    assert not group.permissions.exists()


def test_an_administrator_gives_rights(admin: Client, user: User) -> None:
    assert change(admin, user, is_staff="on", is_superuser="on") == 302
    user.refresh_from_db()
    assert user.is_superuser and user.is_staff


def test_passwords_for_the_admin_are_asked_for_in_one_place(client: Client, user: User) -> None:
    answer = client.post("/admin/login/?next=/admin/", {"username": "vera", "password": "x"})
    assert answer["Location"] == "/sign-in/?next=%2Fadmin%2F"
    client.force_login(user)
    assert client.get("/admin/", follow=True).status_code == 403
