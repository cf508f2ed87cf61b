from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.contrib.auth.signals import user_logged_in
from django.db import connections
from django.utils import timezone

from tests.fixtures.waiting import PATIENCE
from vibe.accounts.models import SignInLink, User
from vibe.accounts.services import sign_in
from vibe.refusal import Refusal

BASE = "http://127.0.0.1:8000"


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def test_the_first_link_makes_an_administrator_without_a_password(db: None) -> None:
    link = sign_in.first_link(BASE)

    assert link is not None and link.startswith(f"{BASE}/sign-in/")
    admin = User.objects.get()
    assert (admin.username, admin.is_superuser, admin.is_staff) == ("admin", True, True)
    assert not admin.has_usable_password()


def test_a_second_first_link_is_for_the_same_administrator(db: None) -> None:
    sign_in.first_link(BASE)

    sign_in.first_link(BASE)

    assert User.objects.count() == 1


def test_there_is_no_first_link_once_an_administrator_signed_in(db: None) -> None:
    sign_in.first_link(BASE)
    admin = User.objects.get()
    user_logged_in.send(User, user=admin, request=None)

    assert sign_in.first_link(BASE) is None


def test_a_plain_user_called_admin_does_not_become_administrator(db: None) -> None:
    plain = User.objects.create_user("admin")

    sign_in.first_link(BASE)

    plain.refresh_from_db()
    assert not plain.is_superuser
    assert User.objects.get(is_superuser=True).username == "administrator"


def test_a_link_signs_its_user_in(user: User) -> None:
    assert sign_in.redeem(token_of(sign_in.link_for(user, BASE))) == user


def test_a_link_works_once(user: User) -> None:
    token = token_of(sign_in.link_for(user, BASE))
    sign_in.redeem(token)

    with pytest.raises(Refusal, match="has been used"):
        sign_in.redeem(token)


def test_a_link_ends_after_a_day(user: User) -> None:
    token = token_of(sign_in.link_for(user, BASE))
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Refusal, match="no longer valid"):
        sign_in.redeem(token)


def test_a_new_link_ends_the_earlier_one(user: User) -> None:
    earlier = token_of(sign_in.link_for(user, BASE))
    sign_in.link_for(user, BASE)

    with pytest.raises(Refusal, match="no longer valid"):
        sign_in.redeem(earlier)


def test_a_new_link_leaves_those_of_others_alone(user: User) -> None:
    other = User.objects.create_user("otto")
    token = token_of(sign_in.link_for(other, BASE))

    sign_in.link_for(user, BASE)

    assert sign_in.redeem(token) == other


def test_an_unknown_link_is_refused(user: User) -> None:
    with pytest.raises(Refusal, match="not known"):
        sign_in.redeem("nonsense")


def test_a_link_of_a_user_who_is_switched_off_is_refused(user: User) -> None:
    token = token_of(sign_in.link_for(user, BASE))
    User.objects.update(is_active=False)

    with pytest.raises(Refusal, match="switched off"):
        sign_in.redeem(token)


def test_only_the_digest_of_a_link_is_kept(user: User) -> None:
    token = token_of(sign_in.link_for(user, BASE))

    kept = " ".join(str(value) for value in SignInLink.objects.values().get().values())

    assert token not in kept


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_link_at_once_one_gets_in() -> None:
    user = User.objects.create_user("vera")
    token = token_of(sign_in.link_for(user, BASE))
    together = threading.Barrier(6, timeout=PATIENCE)

    def use(_: int) -> str:
        together.wait()
        try:
            sign_in.redeem(token)
        except Refusal:
            return "refused"
        finally:
            connections.close_all()
        return "in"

    with ThreadPoolExecutor(6) as threads:
        outcomes = sorted(threads.map(use, range(6)))

    assert outcomes == ["in", *["refused"] * 5]


def test_a_new_link_takes_away_those_that_ended_long_ago(alice):
    from datetime import timedelta

    from django.utils import timezone

    from vibe.accounts.models import SignInLink
    from vibe.accounts.services import sign_in

    for days in (31, 29):
        then = timezone.now() - timedelta(days=days)
        SignInLink.objects.create(user=alice, digest=f"{days}", expires_at=then)
    sign_in.link_for(alice, "http://vibe")
    assert set(SignInLink.objects.values_list("digest", flat=True)) >= {"29"}
    assert not SignInLink.objects.filter(digest="31").exists()
