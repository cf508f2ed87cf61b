"""Text that no database takes, on every road into the rows."""

from __future__ import annotations

from chat.models import Part, Turn
from chat.services import turns
from chat.services.journal import Journal
from chat.services.storable import storable

BAD, GOOD = "a\x00b\ud83d", "a\ufffdb\ufffd"


def test_halves_are_joined_and_the_rest_replaced():
    assert storable({BAD: [BAD, "\ud83d\ude00", 7, None]}) == {GOOD: [GOOD, "😀", 7, None]}


def test_whatever_a_model_says_is_kept_in_a_form_that_can_be(conversation):
    turn = turns.start_turn(conversation, f"Hello {BAD}")
    journal = Journal(turn)
    part = journal.open(Part.Kind.TOOL_CALL, tool=BAD, tool_call_id=BAD)
    journal.add_text(part, BAD)
    journal.change(part, arguments={"x": BAD}, result={"tail": BAD}, state=Part.State.DONE)

    journal.finish(Turn.Status.FAILED, error={"title": BAD, "detail": BAD}, history=[{"x": BAD}])

    part.refresh_from_db()
    turn.refresh_from_db()
    conversation.refresh_from_db()
    assert (part.tool, part.tool_call_id, part.text) == (GOOD, GOOD, GOOD)
    assert (part.arguments, part.result) == ({"x": GOOD}, {"tail": GOOD})
    assert (turn.status, turn.error["title"], turn.history) == ("failed", GOOD, [{"x": GOOD}])
    assert conversation.title == f"Hello {GOOD}"


def test_a_turn_ends_though_its_history_cannot_be_saved(conversation):
    turn = turns.start_turn(conversation, "Hello")

    Journal(turn).finish(Turn.Status.COMPLETED, history=[object()])

    turn.refresh_from_db()
    assert turn.status == "completed"
