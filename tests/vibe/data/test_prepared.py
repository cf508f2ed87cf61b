from __future__ import annotations

import pytest

from vibe.accounts.models import ApiKey, User
from vibe.accounts.services import api_keys
from vibe.data.prepared import Prepared

pytestmark = pytest.mark.django_db

by_prefix: Prepared[ApiKey] = Prepared(
    lambda prefix, user: (
        ApiKey.objects.select_related("user")
        .filter(prefix=prefix, user_id=user, revoked_at=None)
        .order_by("-created_at")
    )
)


@pytest.fixture
def key() -> ApiKey:
    return api_keys.create(User.objects.create_user("ada"), "first", ["run"])[0]


def test_a_prepared_query_finds_the_row_that_the_orm_finds(key):
    found = by_prefix.first(key.prefix, key.user_id)
    assert found == key
    assert (found.name, found.scopes, found.created_at) == ("first", ["run"], key.created_at)


def test_the_relation_comes_along(key, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert by_prefix.first(key.prefix, key.user_id).user.username == "ada"


def test_each_call_has_its_own_values(key):
    other = api_keys.create(User.objects.create_user("bob"), "second")[0]
    assert by_prefix.first(other.prefix, other.user_id).name == "second"
    assert by_prefix.first(key.prefix, key.user_id).name == "first"


def test_no_row_is_none(key):
    assert by_prefix.first(key.prefix, key.user_id + 1) is None


def test_a_value_is_never_sql(key):
    assert by_prefix.first("' OR ''='", key.user_id) is None


def test_what_it_found_can_be_changed_and_saved(key):
    found = by_prefix.first(key.prefix, key.user_id)
    found.name = "renamed"
    found.save()
    key.refresh_from_db()
    assert key.name == "renamed"
