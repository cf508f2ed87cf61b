"""A conversation keeps its newest versions, and those that somebody has named or marked."""

from __future__ import annotations

from typing import Any

from chat.models import Conversation, Version
from chat.services import conversations
from chat.services.versioning import keeping
from sandboxes.models import Checkpoint
from tests.fixtures.rows import make_sandbox


def versions_of(conversation: Conversation, count: int) -> None:
    sandbox = make_sandbox(conversation.owner)
    conversations.use_sandbox(conversation.pk, sandbox.pk)
    base = None
    for number in range(1, count + 1):
        base = Checkpoint.objects.create(
            sandbox=sandbox, node="local", status="made", commit=f"{number:040}", base=base
        )
        Version.objects.create(conversation=conversation, checkpoint=base, number=number)


def kept(conversation: Conversation) -> list[int | None]:
    return list(conversation.versions.order_by("number").values_list("number", flat=True))


def test_the_newest_stay_and_those_with_a_name_or_a_star(
    conversation: Conversation, settings: Any
) -> None:
    settings.VERSIONS_KEPT = 5
    versions_of(conversation, 30)
    conversation.versions.filter(number=3).update(name="as shown on Monday")
    conversation.versions.filter(number=7).update(favourite=True)
    assert keeping.thin_out(conversation) == 23
    assert kept(conversation) == [3, 7, 26, 27, 28, 29, 30]
    # Its changes are told against the last one before it that is still there.
    oldest = Version.objects.select_related("checkpoint__base__version").get(number=26)
    assert oldest.checkpoint.base is not None
    assert oldest.checkpoint.base.version.number == 7


def test_few_more_than_that_stay_until_there_are_many(
    conversation: Conversation, settings: Any
) -> None:
    settings.VERSIONS_KEPT = 5
    versions_of(conversation, 24)
    assert keeping.thin_out(conversation) == 0
    assert len(kept(conversation)) == 24


def test_0_keeps_all(conversation: Conversation, settings: Any) -> None:
    settings.VERSIONS_KEPT = 0
    versions_of(conversation, 30)
    assert keeping.thin_out(conversation) == 0
