"""A whole log as text."""

from __future__ import annotations

import pytest
from django.utils import timezone

from sandboxes.output import text
from sandboxes.output.text import PlainText
from tests.fixtures.rows import add_output, finish, make_command, make_sandbox


async def called(function, *args):
    from asgiref.sync import sync_to_async

    return await sync_to_async(function)(*args)


async def whole(command, stream=None) -> str:
    return "".join([piece async for piece in text.whole(command, called, stream)])


def test_neither_a_character_nor_a_code_is_torn():
    raw = "\x1b[38;5;196mgrün\x1b[0m\r\nü\x1b]0;title\x07!".encode()
    for cut in range(len(raw)):
        plain = PlainText()
        assert plain.feed(raw[:cut]) + plain.feed(raw[cut:]) + plain.end() == "grün\nü!"


@pytest.mark.django_db(transaction=True)
async def test_what_was_left_out_is_said_in_its_place(alice):
    def prepared():
        command = make_command(make_sandbox(alice))
        add_output(command, (1, b"head\n"), (1, b"x" * 1500), (2, b"tail\n"))
        command.chunks.filter(offset=5).delete()
        return finish(command)

    command = await called(prepared)
    assert await whole(command) == (
        "head\n\n[… 1,500 bytes left out: the log keeps its start and its end …]\ntail\n"
    )
    assert "head" not in await whole(command, 2)


@pytest.mark.django_db(transaction=True)
async def test_a_removed_log_says_when_it_went(alice):
    def prepared():
        command = finish(add_output(make_command(make_sandbox(alice)), (1, b"gone\n")))
        command.chunks.all().delete()
        command.log_removed_at = timezone.now()
        return command

    assert "was removed on" in await whole(await called(prepared))
