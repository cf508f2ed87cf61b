"""A command's standard input: bytes arrive once, in order, and at the pace of their reader."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from sandboxes.engine import AgentTimeout, RequestRefused
from tests.fixtures.waiting import until
from tests.sandboxes.engine.boxes import drain, exit_of, read_until


@pytest.fixture
def cat(box):
    with box.begin("cat", stdin=True) as command:
        yield command


def refusal(call, *args, **options) -> str:
    with pytest.raises(RequestRefused) as caught:
        call(*args, **options)
    return caught.value.code


def test_a_command_reads_what_is_written(box, cat):
    box.agent.write_input(cat.command, b"one\0two\n")
    assert read_until(cat.stdout, b"\n") == b"one\0two\n"


def test_closing_ends_it(box, cat):
    state = box.agent.write_input(cat.command, b"last", close=True)
    assert (state.written, state.open) == (4, False)
    assert drain(cat.stdout) == b"last"
    assert exit_of(cat).code == 0


def test_a_repeated_write_is_skipped(box, cat):
    box.agent.write_input(cat.command, b"hello ", offset=0)
    box.agent.write_input(cat.command, b"hello world", offset=0)
    box.agent.write_input(cat.command, b"", offset=11, close=True)
    assert drain(cat.stdout) == b"hello world"


def test_a_repeated_close_is_fine(box):
    with box.begin("sh", "-c", "cat; sleep 60", stdin=True) as command:
        for _ in range(2):
            state = box.agent.write_input(command.command, b"x", offset=0, close=True)
            assert (state.written, state.open) == (1, False)


def test_a_write_beyond_the_count_is_refused(box, cat):
    assert refusal(box.agent.write_input, cat.command, b"x", offset=5) == "gap"


def test_a_write_after_the_close_is_refused(box):
    with box.begin("sh", "-c", "cat; sleep 60", stdin=True) as command:
        box.agent.write_input(command.command, b"x", close=True)
        assert refusal(box.agent.write_input, command.command, b"y") == "stdin_unavailable"


def test_a_command_without_one_says_so(box):
    with box.begin("sleep", "60") as command:
        assert refusal(box.agent.write_input, command.command, b"x") == "stdin_unavailable"


def test_a_reader_that_went_away_is_told(box):
    with box.begin("sh", "-c", "exec <&-; echo closed; sleep 60", stdin=True) as command:
        read_until(command.stdout, b"closed")
        assert refusal(box.agent.write_input, command.command, b"x") == "stdin_unavailable"


def test_a_command_that_has_ended_is_not_found(box):
    with box.begin("true", stdin=True) as command:
        exit_of(command)
        assert refusal(box.agent.write_input, command.command, b"x") == "not_found"


def test_much_input_waits_for_its_reader_and_arrives_whole(box):
    data = bytes(range(256)) * 8192
    with box.begin("sh", "-c", "sleep 0.3; sha256sum", stdin=True) as command:
        box.agent.write_input(command.command, data, offset=0, close=True)
        assert drain(command.stdout).decode().split()[0] == hashlib.sha256(data).hexdigest()


def test_a_stalled_write_times_out_and_can_be_continued(box):
    data = b"x" * 300_000
    script = "while [ ! -e go ]; do sleep 0.02; done; wc -c"
    with box.begin("sh", "-c", script, stdin=True) as command:
        with pytest.raises(AgentTimeout):
            box.agent.write_input(command.command, data, offset=0, timeout=0.3)
        assert 0 < box.agent.input_state(command.command).written < len(data)
        box.run("touch", "go")
        box.agent.write_input(command.command, data, offset=0, close=True)
        assert drain(command.stdout).strip() == b"300000"


def test_the_count_outlives_a_writer_that_died(box, cat):
    box.agent.write_input(cat.command, b"abc", offset=0)
    fresh = box.engine.agent(box.handle)
    assert fresh.input_state(cat.command).written == 3
    fresh.write_input(cat.command, b"abcdef", offset=0, close=True)
    assert drain(cat.stdout) == b"abcdef"


def test_a_line_writes_without_a_thread(box, cat):
    async def typing() -> list[int]:
        line = box.agent.input_line(cat.command)
        try:
            return [await line.write(word) for word in (b"a", b"bc\n")]
        finally:
            line.close()

    assert asyncio.run(typing()) == [1, 4]
    assert read_until(cat.stdout, b"\n") == b"abc\n"


def test_what_a_closed_line_had_not_delivered_is_given_up(box):
    async def give_up(command: str) -> None:
        line = box.agent.input_line(command)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                while True:
                    await line.write(b"y" * 65536)
        line.close()

    with box.begin("sh", "-c", "echo on; sleep 60", stdin=True) as command:
        read_until(command.stdout, b"on")
        asyncio.run(give_up(command.command))
        before = box.agent.input_state(command.command).written
        assert until(lambda: box.agent.input_state(command.command).written == before)
        assert box.agent.ping()["running"] == 1
