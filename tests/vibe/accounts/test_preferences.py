from __future__ import annotations

from typing import Any

import pytest

from vibe.accounts.models import User
from vibe.accounts.services import preferences
from vibe.refusal import Refusal


def test_a_change_is_kept_and_the_rest_stays(user: User) -> None:
    preferences.update(user, {"theme": "dark", "tab": "code"})

    preferences.update(user, {"tab": "preview"})

    user.refresh_from_db()
    assert user.preferences == {"theme": "dark", "tab": "preview"}


def test_panes_are_merged_one_by_one(user: User) -> None:
    preferences.update(user, {"panes": {"list": 15, "chat": 40}})

    whole = preferences.update(user, {"panes": {"chat": 33.333}})

    assert whole["panes"] == {"list": 15.0, "chat": 33.33}


def test_a_stale_user_object_does_not_undo_another_tabs_change(user: User) -> None:
    stale = User.objects.get(pk=user.pk)
    preferences.update(user, {"theme": "dark"})

    preferences.update(stale, {"tab": "code"})

    assert User.objects.get(pk=user.pk).preferences == {"theme": "dark", "tab": "code"}


@pytest.mark.parametrize(
    "changes",
    [
        {"theme": "pink"},
        {"theme": None},
        {"theme": ["dark"]},
        {"panes": {"list": 4}},
        {"panes": {"list": 96}},
        {"panes": {"list": True}},
        {"panes": {"list": float("nan")}},
        {"panes": {"list": "20"}},
        {"panes": {"cellar": 20}},
        {"panes": 20},
        {"list_collapsed": 1},
        {"tab": "<script>"},
        {"is_superuser": True},
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_written(
    user: User, changes: dict[str, Any]
) -> None:
    with pytest.raises(Refusal):
        preferences.update(user, {"panel": "logs", **changes})

    user.refresh_from_db()
    assert user.preferences == {}
