"""`up`'s side of the process that does what needs Django, so that `up` itself stays small."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from vibe.up.instance import CannotStart
from vibe.up.spawning import Process, Program, Spawn, execute

LINE_LIMIT = 1024 * 1024


class PreparationClient:
    """Calls functions of `vibe.up.preparation`, one at a time, in a process of their own.

    say(text) gets what they have to say meanwhile, and all that the process writes to stderr.
    """

    def __init__(
        self, program: Program, say: Callable[[str], None], spawn: Spawn = execute
    ) -> None:
        self.program = program
        self.say = say
        self.spawn = spawn
        self._process: Process | None = None
        self._calls: asyncio.WriteTransport | None = None
        self._answers = asyncio.StreamReader()
        self._errors: asyncio.Task[None] | None = None
        self._calling = asyncio.Lock()

    async def start(self) -> None:
        """Start the process; it loads the platform while other things are done."""
        stdin, calls = os.pipe()
        answers, stdout = os.pipe()
        errors, stderr = os.pipe()
        try:
            self._process = await self.spawn(self.program, stdin, stdout, stderr)
        finally:
            for descriptor in (stdin, stdout, stderr):
                os.close(descriptor)
        self._answers = await _reader(answers)
        self._errors = asyncio.create_task(self._pass_on(await _reader(errors)))
        self._calls, _ = await asyncio.get_running_loop().connect_write_pipe(
            asyncio.Protocol, os.fdopen(calls, "wb", 0)
        )

    async def call(self, name: str, *arguments: Any) -> Any:
        """What the function returns. Raises CannotStart as it does, or when it has failed."""
        async with self._calling:
            if self._process is None or self._calls is None:
                raise CannotStart("The platform is being stopped.")
            request = json.dumps({"call": name, "arguments": arguments})
            self._calls.write(f"{request}\n".encode())
            while line := await self._answers.readline():
                answer = json.loads(line)
                if "say" in answer:
                    self.say(answer["say"])
                elif "cannot" in answer:
                    raise CannotStart(answer["cannot"])
                else:
                    return answer["result"]
            if self._errors is not None:
                await self._errors  # it says why
            raise CannotStart("The preparation ended early. The lines above say why.")

    async def stop(self) -> None:
        """End the process; returns when it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            # It waits for a call, or nobody waits for its answer any more.
            process.send_signal(signal.SIGKILL)
        await process.wait()
        if self._calls is not None:
            self._calls.close()

    async def _pass_on(self, errors: asyncio.StreamReader) -> None:
        while line := await errors.readline():
            self.say(line.decode(errors="replace").rstrip())


async def _reader(descriptor: int) -> asyncio.StreamReader:
    stream = asyncio.StreamReader(limit=LINE_LIMIT)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(stream), os.fdopen(descriptor, "rb", 0)
    )
    return stream
