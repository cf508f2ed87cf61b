from __future__ import annotations

import pytest

from sandboxes.host import isolation
from vibe.refusal import Refusal
from vibe.up import preparation
from vibe.up.instance import CannotStart

pytestmark = pytest.mark.django_db


@pytest.fixture
def unisolated(monkeypatch: pytest.MonkeyPatch) -> None:
    def check(host: str) -> None:
        raise Refusal("User namespaces are forbidden here.", "Allow them.", "unavailable")

    monkeypatch.setattr(isolation, "check", check)


def test_on_loopback_it_starts_and_says_what_is_missing(unisolated: None) -> None:
    assert preparation.isolation("127.0.0.1") == [
        "User namespaces are forbidden here.",
        "Allow them.",
    ]


def test_where_others_can_reach_it_it_does_not_start(unisolated: None) -> None:
    with pytest.raises(CannotStart) as caught:
        preparation.isolation("0.0.0.0")

    assert "User namespaces are forbidden here. Allow them." in str(caught.value)
    assert "Other machines could reach 0.0.0.0" in str(caught.value)


def test_an_operator_may_start_it_all_the_same(
    unisolated: None, settings: pytest.FixtureRequest
) -> None:
    settings.ALLOW_UNISOLATED = True

    assert preparation.isolation("0.0.0.0")[0] == "User namespaces are forbidden here."
