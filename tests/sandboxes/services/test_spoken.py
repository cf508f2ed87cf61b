"""What previews have heard on the ports of a sandbox."""

from __future__ import annotations

import secrets

import pytest

from sandboxes.services import spoken

pytestmark = pytest.mark.unit


@pytest.fixture
def session() -> str:
    return secrets.token_hex(8)


def test_a_port_that_gave_no_http_is_named(session: str) -> None:
    spoken.heard(session, 6379, http=False)
    spoken.heard(session, 3000, http=True)

    assert spoken.other(session) == [6379]


def test_one_that_has_spoken_http_and_fails_later_does_speak_it(session: str) -> None:
    spoken.heard(session, 3000, http=True)
    spoken.heard(session, 3000, http=False)

    assert spoken.other(session) == []


def test_one_that_speaks_http_after_all_is_not_named_any_more(session: str) -> None:
    spoken.heard(session, 3000, http=False)
    spoken.heard(session, 3000, http=True)

    assert spoken.other(session) == []


def test_what_closed_may_be_another_the_next_time(session: str) -> None:
    spoken.heard(session, 3000, http=False)
    spoken.forget(session, 3000)

    assert spoken.other(session) == []


def test_a_sandbox_that_opens_every_port_takes_no_memory(session: str) -> None:
    for port in range(2000):
        spoken.heard(session, port, http=False)

    assert len(spoken.other(session)) <= spoken.PORTS
