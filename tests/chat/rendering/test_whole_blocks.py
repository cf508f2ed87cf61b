"""What of an answer under way is rendered as Markdown already."""

from __future__ import annotations

import pytest

from chat.models import Message, Part
from chat.rendering import whole_blocks
from chat.rendering.thread import load_messages, message_html
from tests.fixtures.rows import make_conversation, make_turn
from vibe.accounts.models import User


@pytest.mark.unit
@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("a line", ""),
        ("one\n\ntwo", "one\n\n"),
        ("one\n\n```py\na\n\nb", "one\n\n"),
        ("one\n\n```py\na\n\nb\n```\n\nnext", "one\n\n```py\na\n\nb\n```\n\n"),
        ("done\n\nmore\n\n```suggestions\nA\n\nB", "done\n\nmore\n\n"),
        ("~~~\n\n```\n\n", ""),
    ],
)
def test_the_cut_is_at_an_empty_line_outside_of_code(text: str, whole: str) -> None:
    assert whole_blocks.split(text) == (whole, text[len(whole) :])


def test_whole_blocks_are_rendered_while_the_rest_comes(alice: User) -> None:
    turn = make_turn(make_conversation(alice), status="running")
    message = Message.objects.get(turn=turn, role="assistant")
    text = "It is **ready**.\n\nNow *the"
    Part.objects.filter(message=message).update(state="streaming", text=text)

    html = message_html(load_messages([turn])[-1])

    assert "<strong>ready</strong>" in html
    assert f'data-offset="{len(text)}"' in html
    assert "</div>Now *the</div>" in html
