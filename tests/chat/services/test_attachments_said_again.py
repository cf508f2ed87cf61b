"""Files that came with a message: there again wherever the message is said once more."""

from __future__ import annotations

import pytest

from chat.models import Attachment
from chat.services import conversations, stopping, turns
from chat.services.attaching import attachments, intake, sweeping
from chat.services.branching import attempts, forks
from chat.services.endings import end_turn
from vibe.refusal import Refusal


@pytest.fixture
def asked(conversation, owner):
    """A turn that was asked with a file, and ended."""
    one = intake.create(owner, "sales.csv", [b"a,b"])
    turn = turns.start_turn(conversation, "Read it", attached=[one.pk])
    end_turn(turn.pk, "completed")
    turn.refresh_from_db()
    return turn


def request(turn):
    return turn.messages.get(role="user")


def contents(turn) -> list[tuple[str, bytes]]:
    return [(one.name, b"".join(attachments.content(one))) for one in attachments.of_turn(turn)]


def test_an_answer_that_is_made_anew_has_the_files_of_its_request(asked):
    assert contents(attempts.regenerate(asked)) == [("sales.csv", b"a,b")]


def test_a_message_that_is_said_otherwise_keeps_its_files(asked):
    assert contents(attempts.resend(request(asked), "Sum it up")) == [("sales.csv", b"a,b")]


def test_a_message_of_files_alone_can_be_answered_anew(conversation, owner):
    one = intake.create(owner, "sales.csv", [b"a,b"])
    turn = turns.start_turn(conversation, "", attached=[one.pk])
    end_turn(turn.pk, "failed")

    assert contents(attempts.regenerate(turn)) == [("sales.csv", b"a,b")]


def test_an_attempt_that_is_brought_back_has_its_files_still(asked):
    end_turn(attempts.regenerate(asked).pk, "completed")
    assert contents(attempts.bring_back(asked)) == [("sales.csv", b"a,b")]


def test_a_turn_that_is_tried_again_is_told_of_its_files(conversation, owner):
    one = intake.create(owner, "sales.csv", [b"a,b"])
    turn = turns.start_turn(conversation, "Read it", attached=[one.pk])
    stopping.stop_turn(turn)
    assert contents(turns.retry_turn(turn)) == [("sales.csv", b"a,b")]


def test_a_fork_has_files_of_its_own(asked, owner):
    made = forks.fork(asked.messages.get(role="assistant"), owner)
    conversations.delete(asked.conversation)
    assert contents(made.turns.get()) == [("sales.csv", b"a,b")]


def test_what_a_fork_is_told_names_the_pictures_of_the_fork(asked, owner):
    original = Attachment.objects.get()
    asked.history = [{"kind": "request", "url": f"attachment:{original.pk}"}]
    asked.save()

    copy = forks.duplicate(asked.conversation, owner).turns.get()

    assert copy.history[0]["url"] == f"attachment:{attachments.of_turn(copy)[0].pk}"


def test_a_copy_takes_no_further_disk_space(asked):
    attempts.regenerate(asked)
    assert sum(attachments.kept_bytes().values_list("size", flat=True)) == 3


def test_a_copy_counts_once_nothing_else_holds_its_bytes(asked, owner):
    made = forks.duplicate(asked.conversation, owner)
    conversations.delete(asked.conversation)
    kept = attachments.kept_bytes().values_list("conversation", "size")
    assert list(kept) == [(made.pk, 3)]


def test_a_copy_is_not_swept_before_its_row_is_there(asked, owner):
    """Its bytes are as old as those of the original, which may be years."""
    original = Attachment.objects.get()
    from chat.services.attaching import stored_files

    stored_files.share(original.pk, "att_" + "c" * 20)
    sweeping.forget_unsent()

    assert stored_files.beginning("att_" + "c" * 20, 3) == b"a,b"


def test_copies_count_for_how_many_one_may_have(asked, settings):
    settings.ATTACHMENTS_PER_USER = 1
    with pytest.raises(Refusal, match="the limit"):
        attempts.regenerate(asked)
    assert Attachment.objects.count() == 1


def test_a_file_whose_bytes_are_gone_is_left_out(asked, owner):
    from chat.services.attaching import stored_files

    stored_files.remove(Attachment.objects.get().pk)
    assert contents(attempts.regenerate(asked)) == []
