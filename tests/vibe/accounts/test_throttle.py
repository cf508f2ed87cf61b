"""Attempts at passwords are counted by what the check sees, for each user and each address."""

from __future__ import annotations

import pytest
from django.test import Client
from redis import Redis

from vibe.accounts.models import User
from vibe.accounts.services import sign_in, throttle


def attempt(name: str, password: str = "wrong", **sent: str) -> int:
    fields = {"username": name, "password": password}
    return Client().post("/sign-in/", fields, **sent).status_code


SPELLINGS = ["vera", " vera", "vera ", "\tvera\n", "ｖｅｒａ", "ｖera", "vera\u3000", "veｒa"]


def test_spellings_of_one_name_are_one_name(user: User) -> None:
    for number in range(throttle.CAPACITY):
        assert attempt(SPELLINGS[number % len(SPELLINGS)]) == 200
    assert {attempt(name) for name in SPELLINGS} == {429}


def test_another_case_is_another_user_as_for_the_check(user: User) -> None:
    other = User.objects.create_user("VERA", password="another horse")
    for _ in range(throttle.CAPACITY):
        attempt("vera")
    assert attempt("VERA", "another horse") == 302
    assert other.username == "VERA"


def test_an_address_that_tries_many_names_has_to_wait(user: User, password: str) -> None:
    for number in range(throttle.CAPACITY_OF_ADDRESS):
        assert attempt(f"name{number}") == 200
    assert attempt("vera", password) == 429
    assert attempt("vera", password, REMOTE_ADDR="192.0.2.1") == 302


def test_a_name_that_cannot_be_anybodys_is_counted_for_its_address(user: User) -> None:
    for _ in range(throttle.CAPACITY):
        assert attempt("x\0") == 200
    assert attempt("y\0") == 429


def test_guesses_from_everywhere_slow_down(user: User, password: str) -> None:
    codes = [
        attempt("vera", REMOTE_ADDR=f"192.0.{number // 250}.{number % 250}")
        for number in range(throttle.CAPACITY_OF_USER + 5)
    ]
    assert codes == [200] * throttle.CAPACITY_OF_USER + [429] * 5


def test_who_is_guessed_at_still_signs_in_by_a_link(user: User) -> None:
    for number in range(throttle.CAPACITY_OF_USER):
        attempt("vera", REMOTE_ADDR=f"192.0.2.{number}")
    token = sign_in.link_for(user, "").strip("/").rpartition("/")[2]
    assert Client().post("/sign-in/link/", {"token": token})["Location"] == "/"


def test_knowing_one_password_gives_no_more_guesses_at_others(user: User, password: str) -> None:
    for number in range(throttle.CAPACITY_OF_ADDRESS):
        attempt(f"name{number}")
        if number % 10 == 0:
            assert attempt("vera", password) in (302, 429)
    assert attempt("one more") == 429


def test_an_ipv6_network_is_one_address(user: User) -> None:
    for number in range(throttle.CAPACITY):
        attempt("vera", REMOTE_ADDR=f"2001:db8:1:2::{number + 1:x}")
    assert attempt("vera", REMOTE_ADDR="2001:db8:1:2:ffff::9") == 429
    assert attempt("vera", REMOTE_ADDR="2001:db8:1:3::1") == 200


def test_a_header_that_anybody_can_send_makes_no_other_address(user: User) -> None:
    for number in range(throttle.CAPACITY):
        attempt("vera", HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert attempt("vera", HTTP_X_FORWARDED_FOR="192.0.2.200") == 429


def test_behind_a_proxy_the_address_is_the_one_that_it_saw(user: User, settings) -> None:
    settings.TRUSTED_PROXIES = 1
    for number in range(throttle.CAPACITY):
        attempt("vera", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 192.0.2.7")
    assert attempt("vera", HTTP_X_FORWARDED_FOR="1.1.1.1, 192.0.2.7") == 429
    assert attempt("vera", HTTP_X_FORWARDED_FOR="1.1.1.1, 192.0.2.8") == 200


def test_the_password_cannot_be_found_out_in_the_settings(
    client: Client, user: User, password: str
) -> None:
    client.force_login(user)
    fields = {"new_password1": "another horse", "new_password2": "another horse"}
    codes = [
        client.post("/settings/password/", {**fields, "old_password": "wrong"}).status_code
        for _ in range(throttle.CAPACITY)
    ]
    assert set(codes) == {422}
    right = client.post("/settings/password/", {**fields, "old_password": password})
    assert right.status_code == 429
    user.refresh_from_db()
    assert user.check_password(password)


def test_nothing_of_names_and_addresses_is_kept(user: User, redis: Redis) -> None:
    attempt("vera", REMOTE_ADDR="192.0.2.1")
    keys = b" ".join(redis.keys("sign-in:*"))
    assert keys and b"vera" not in keys and b"192.0.2.1" not in keys


@pytest.mark.parametrize("address", ["", "not an address", "fe80::1%eth0", "::ffff:192.0.2.1"])
def test_any_address_can_be_counted(user: User, address: str) -> None:
    assert attempt("vera", REMOTE_ADDR=address) == 200
