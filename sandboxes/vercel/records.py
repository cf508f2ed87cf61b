"""The records of a command's stream: the command, its output as it comes, the command's end."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from sandboxes.models import Command
from sandboxes.output import replay
from sandboxes.output.decoding import LogText
from sandboxes.services import waiting
from sandboxes.vercel import serializers

logger = logging.getLogger("vibe.api")


async def run(command: Command, *, logs: bool) -> AsyncGenerator[dict[str, Any], None]:
    """What a blocking call answers. A client that goes away leaves the command running."""
    # As it stood at its start, though a quick one may have ended: clients tell the two apart.
    yield {"command": {**serializers.command_out(command), "exitCode": None}}
    if not logs:
        ended = await waiting.finished(command.id)
        yield {"command": serializers.command_out(ended)}
        return
    end: Command | None = None
    async with aclosing(_output(command.id)) as items:
        async for item in items:
            if isinstance(item, Command):
                end = item
            else:
                yield item
                if item["stream"] == "error":
                    return
    if end is None:
        return
    if end.cause == Command.Cause.SANDBOX_STOPPED:
        yield _broken("sandbox_stopped", "The sandbox was stopped while the command ran.")
        return
    yield {"command": serializers.command_out(end)}


async def log(command: Command) -> AsyncGenerator[dict[str, Any], None]:
    """The output from its beginning, and on until the command has ended."""
    followed = not command.is_finished
    async with aclosing(_output(command.id)) as items:
        async for item in items:
            if not isinstance(item, Command):
                yield item
            elif followed and item.cause == Command.Cause.SANDBOX_STOPPED:
                yield _broken("sandbox_stopped", "The sandbox was stopped while the command ran.")


async def _output(command_id: str) -> AsyncGenerator[dict[str, Any] | Command, None]:
    """Records of output, then the command as it ended. Text of one stream, put together, is the
    same at each reading: bytes that are no UTF-8 are replaced, a character is never torn."""
    text = LogText()
    try:
        async with aclosing(replay.follow(command_id)) as items:
            async for item in items:
                if isinstance(item, replay.Piece):
                    if line := text.feed(item.offset, item.stream, item.data):
                        yield _record(line)
                    continue
                for line in text.flush():
                    yield _record(line)
                if isinstance(item, replay.End):
                    yield item.command
                else:
                    note = f"\n[{item.size} bytes left out: the log is full]\n"
                    yield {"stream": "stderr", "data": note}
    except Exception:
        logger.exception("the output of %s broke off", command_id)
        yield _broken("sandbox_stream_closed", "The stream broke off; read the log again.")


def _record(line: dict[str, Any]) -> dict[str, Any]:
    return {"stream": line["stream"], "data": line["data"]}


def _broken(code: str, message: str) -> dict[str, Any]:
    return {"stream": "error", "data": {"code": code, "message": message}}
