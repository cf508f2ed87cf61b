from __future__ import annotations

import logging
import re

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from vibe.accounts.models import SignInLink, User
from vibe.accounts.services import sign_in, throttle

BASE = "http://testserver"


@pytest.fixture
def link(user: User) -> str:
    return sign_in.link_for(user, BASE).removeprefix(BASE)


def token_of(link: str) -> str:
    return link.rstrip("/").rsplit("/", 1)[1]


def test_looking_at_a_link_does_not_use_it_up(client: Client, link: str) -> None:
    page = client.get(link)

    assert page.status_code == 200
    assert SignInLink.objects.get().used_at is None
    assert SESSION_KEY not in client.session


def test_the_button_of_the_page_signs_in_and_leads_to_the_start(link: str, user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    html = client.get(link).content.decode()
    form = html[html.index('action="/sign-in/link/"') :]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]+)"', form.split("</form>")[0]))

    answer = client.post("/sign-in/link/", fields)

    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session[SESSION_KEY] == str(user.pk)


def test_a_foreign_page_cannot_press_the_button(link: str) -> None:
    client = Client(enforce_csrf_checks=True)

    answer = client.post("/sign-in/link/", {"token": token_of(link)})

    assert answer.status_code == 403
    assert SignInLink.objects.get().used_at is None


def test_signing_in_by_link_changes_the_session_key(client: Client, link: str) -> None:
    session = client.session
    session["something"] = "from before"
    session.save()
    before = session.session_key

    client.post("/sign-in/link/", {"token": token_of(link)})

    assert client.session.session_key != before


def test_a_used_link_says_so_and_how_to_get_a_new_one(client: Client, link: str) -> None:
    Client().post("/sign-in/link/", {"token": token_of(link)})

    page = client.get(link)

    assert page.status_code == 410
    assert "has been used" in page.content.decode()
    assert "manage.py sign_in_link" in page.content.decode()


def test_pages_with_a_token_are_not_stored_and_tell_nobody_their_address(
    client: Client, link: str
) -> None:
    page = client.get(link)

    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "strict-origin"
    policies = re.findall(r'<meta name="referrer" content="([^"]+)"', page.content.decode())
    assert policies[-1] == "strict-origin"


def test_a_token_does_not_get_into_the_log(
    client: Client, link: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        Client(enforce_csrf_checks=True).post(link)
        client.post("/sign-in/link/", {"token": token_of(link)})
        client.get(link)

    assert "/sign-in/" in caplog.text
    assert token_of(link) not in caplog.text


def test_the_right_password_signs_in_and_goes_on_to_the_page_asked_for(
    client: Client, user: User, password: str
) -> None:
    fields = {"username": "vera", "password": password, "next": "/settings/"}

    answer = client.post("/sign-in/", fields)

    assert (answer.status_code, answer["Location"]) == (302, "/settings/")


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:1"])
def test_signing_in_never_leads_to_another_site(
    client: Client, user: User, address: str, password: str
) -> None:
    fields = {"username": "vera", "password": password, "next": address}

    assert client.post("/sign-in/", fields)["Location"] == "/"


def test_a_wrong_password_is_told_without_saying_which_part_is_wrong(
    client: Client, user: User
) -> None:
    known = client.post("/sign-in/", {"username": "vera", "password": "wrong"})
    unknown = client.post("/sign-in/", {"username": "nobody", "password": "wrong"})

    assert "do not go together" in known.content.decode()
    assert "do not go together" in unknown.content.decode()


def test_after_many_wrong_passwords_even_the_right_one_has_to_wait(
    client: Client, user: User, password: str
) -> None:
    for _ in range(throttle.CAPACITY):
        client.post("/sign-in/", {"username": "vera", "password": "wrong"})

    answer = client.post("/sign-in/", {"username": "vera", "password": password})

    assert answer.status_code == 429
    assert "Try again in" in answer.content.decode()


def test_wrong_passwords_for_one_user_do_not_lock_another_out(
    client: Client, user: User, password: str
) -> None:
    for _ in range(throttle.CAPACITY + 1):
        client.post("/sign-in/", {"username": "otto", "password": "wrong"})

    answer = client.post("/sign-in/", {"username": "vera", "password": password})

    assert answer.status_code == 302


def test_the_right_password_gives_the_attempts_back(user: User, password: str) -> None:
    for _ in range(3):
        for _ in range(throttle.CAPACITY - 1):
            Client().post("/sign-in/", {"username": "vera", "password": "wrong"})
        answer = Client().post("/sign-in/", {"username": "vera", "password": password})

        assert answer.status_code == 302


def test_the_page_says_where_to_find_a_link(client: Client, db: None) -> None:
    html = client.get("/sign-in/").content.decode()

    assert "manage.py up" in html
    assert "manage.py sign_in_link" in html


def test_signing_out_ends_the_session(client: Client, user: User) -> None:
    client.force_login(user)

    answer = client.post("/sign-out/")

    assert answer["Location"] == "/sign-in/"
    assert SESSION_KEY not in client.session


def test_a_link_to_sign_out_does_nothing(client: Client, user: User) -> None:
    client.force_login(user)

    assert client.get("/sign-out/").status_code == 405
    assert SESSION_KEY in client.session
