from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys
from vibe.refusal import Refusal


def test_a_new_key_is_recognised_as_its_users(user: User) -> None:
    row, key = api_keys.create(user, "build")

    found = api_keys.authenticate(key)

    assert found == row
    assert found is not None and found.user == user


def test_neither_the_key_nor_its_secret_part_is_kept(user: User) -> None:
    row, key = api_keys.create(user)

    kept = " ".join(str(value) for value in ApiKey.objects.values().get(pk=row.pk).values())

    assert key not in kept
    assert key[len(row.prefix) :] not in kept


def test_a_key_is_vibe_and_forty_characters(user: User) -> None:
    _, key = api_keys.create(user)

    assert key.startswith("vibe_")
    assert len(key) == 45
    assert key[5:].isalnum()


def test_a_revoked_key_is_refused(user: User) -> None:
    row, key = api_keys.create(user)

    api_keys.revoke(row)

    assert api_keys.authenticate(key) is None


def test_a_key_of_a_user_who_is_switched_off_is_refused(user: User) -> None:
    _, key = api_keys.create(user)
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert api_keys.authenticate(key) is None


@pytest.mark.parametrize(
    "wrong", ["", "vibe_", "vibe_" + "a" * 40, "vibe_\x00", "Bearer x", "é" * 45]
)
def test_what_is_no_key_is_refused(user: User, wrong: str) -> None:
    api_keys.create(user)

    assert api_keys.authenticate(wrong) is None


def test_the_first_use_is_noted(user: User) -> None:
    row, key = api_keys.create(user)

    api_keys.authenticate(key)

    row.refresh_from_db()
    assert row.last_used_at is not None


def test_uses_within_a_minute_write_once(user: User) -> None:
    row, key = api_keys.create(user)
    half_a_minute_ago = timezone.now() - timedelta(seconds=30)
    ApiKey.objects.filter(pk=row.pk).update(last_used_at=half_a_minute_ago)

    api_keys.authenticate(key)

    row.refresh_from_db()
    assert row.last_used_at == half_a_minute_ago


def test_a_use_after_a_minute_is_noted_again(user: User) -> None:
    row, key = api_keys.create(user)
    long_ago = timezone.now() - timedelta(seconds=61)
    ApiKey.objects.filter(pk=row.pk).update(last_used_at=long_ago)

    api_keys.authenticate(key)

    row.refresh_from_db()
    assert row.last_used_at is not None and row.last_used_at > long_ago


def test_scopes_are_kept_sorted_and_once(user: User) -> None:
    row, _ = api_keys.create(user, scopes=["run", "read", "run"])

    row.refresh_from_db()
    assert row.scopes == ["read", "run"]


def test_a_scope_that_is_no_word_is_refused(user: User) -> None:
    with pytest.raises(Refusal, match="not a scope"):
        api_keys.create(user, scopes=["Read everything"])


def test_a_user_finds_only_keys_of_his_own(user: User) -> None:
    other = User.objects.create_user("otto")
    row, _ = api_keys.create(other)

    with pytest.raises(Refusal):
        api_keys.get_for(user, row.pk)


def test_revoked_keys_are_kept_in_small_number(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_keys, "MAX_KEYS", 2)
    made = [api_keys.create(user)[0]]
    for _ in range(4):
        api_keys.revoke(made[-1])
        made.append(api_keys.create(user)[0])

    assert set(ApiKey.objects.values_list("pk", flat=True)) == {row.pk for row in made[-3:]}
