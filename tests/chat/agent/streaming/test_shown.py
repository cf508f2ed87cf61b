"""What pages hear of a call whose arguments are being written: all of it, and not too often."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest

from chat.agent.streaming import shown
from chat.agent.streaming.early_files import EarlyFiles
from chat.agent.streaming.shown import CARD_SECONDS, TEXT_SECONDS, ShownDraft

pytestmark = pytest.mark.unit

CONTENT = "one line é 😀\n" * 4000
SECOND = {"path": "b", "content": "x"}


class Journal:
    def __init__(self) -> None:
        self.cards: list[dict] = []
        self.texts: list[dict] = []

    def change(self, part, *, arguments) -> None:
        self.cards.append(arguments)

    def add_file_text(self, part, arguments, **told) -> None:
        self.texts.append(told)


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(shown, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def told(clock, text: str, *, tool: str = "write_files", each: float = 0.01) -> Journal:
    """What is told of arguments that come in pieces of four characters."""
    journal = Journal()
    draft = ShownDraft(journal, SimpleNamespace(tool=tool, arguments={}), None)

    async def do(write, *args, **kwargs):
        write(*args, **kwargs)

    async def run() -> None:
        for at in range(0, len(text), 4):
            draft.add(text[at : at + 4])
            await draft.show(do)
            clock.now += each
        clock.now += CARD_SECONDS
        while await draft.show(do):
            clock.now += TEXT_SECONDS

    asyncio.run(run())
    return journal


def test_the_pieces_follow_on_each_other_and_are_all_of_the_text(clock):
    text = json.dumps({"files": [{"path": "a", "content": CONTENT}]}, ensure_ascii=False)
    journal = told(clock, text[: -len('"}]}')])

    at = shown_first = journal.texts[0]["offset"]
    for piece in journal.texts:
        assert (piece["number"], piece["offset"]) == (0, at)
        at += len(piece["delta"])
    assert at == len(CONTENT)
    card = journal.cards[0]["files"][0]
    assert (card["path"], card["tail"], card["size"]) == ("a", CONTENT[:shown_first], shown_first)


def test_as_many_tokens_as_may_come_make_a_bounded_number_of_events(clock):
    text = json.dumps({"files": [{"path": "a", "content": CONTENT}, SECOND]})
    before = clock.now

    journal = told(clock, text, each=0.002)

    seconds = clock.now - before
    assert len(journal.texts) <= seconds / TEXT_SECONDS + 2
    assert len(journal.cards) <= seconds / CARD_SECONDS + 2


def test_many_small_files_come_in_few_cards(clock):
    files = [{"path": f"{n}.txt", "content": "x"} for n in range(300)]
    before = clock.now

    journal = told(clock, json.dumps({"files": files}), each=0.001)

    assert len(journal.cards) <= (clock.now - before) / CARD_SECONDS + 2
    assert len(journal.cards[-1]["files"]) == 300


def test_arguments_of_other_tools_show_too(clock):
    journal = told(clock, '{"command": "npm", "args": ["install", "le', tool="run_command")

    assert journal.cards[-1] == {"command": "npm", "args": ["install", "le"]}


def test_nothing_is_written_early_where_the_model_may_not_call_the_tool():
    early = EarlyFiles(SimpleNamespace(conversation_id="", turn_id="", files_saved=None))
    early.answer_begins({"read_file"})
    early.call_begins("write_files")

    # Without an event loop a task could not be made.
    early.take(SimpleNamespace(pk="part"), "a", "x")

    assert asyncio.run(early.claim("a", "x")) is None
