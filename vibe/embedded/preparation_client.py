"""`up`'s side of the process that does what needs Django, so that `up` itself stays small."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from vibe.embedded.instance import CannotStart
from vibe.embedded.parent import die_with_parent

LINE_LIMIT = 1024 * 1024


class PreparationClient:
    """Calls functions of `vibe.embedded.preparation`, one at a time, in a process of their own.

    say(text) gets what they have to say meanwhile, and all that the process writes to stderr.
    """

    def __init__(
        self, root: Path, environment: Mapping[str, str], say: Callable[[str], None]
    ) -> None:
        self.root = root
        self.environment = environment
        self.say = say
        self._process: asyncio.subprocess.Process | None = None
        self._errors: asyncio.Task[None] | None = None
        self._calling = asyncio.Lock()

    async def start(self) -> None:
        """Start the process; it loads the platform while other things are done."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "vibe.embedded.preparation_server",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **self.environment},
            cwd=self.root,
            limit=LINE_LIMIT,
            # As with every child: Ctrl-C is `up`'s to answer.
            start_new_session=True,
            preexec_fn=die_with_parent(),
        )  # fmt: skip
        self._errors = asyncio.create_task(self._pass_on_errors(self._process))

    async def call(self, name: str, *arguments: Any) -> Any:
        """What the function returns. Raises CannotStart as it does, or when it has failed."""
        async with self._calling:
            process = self._process
            if process is None or process.stdin is None or process.stdout is None:
                raise CannotStart("The platform is being stopped.")
            request = json.dumps({"call": name, "arguments": arguments})
            with suppress(ConnectionError):
                process.stdin.write(f"{request}\n".encode())
                await process.stdin.drain()
            while line := await process.stdout.readline():
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
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()  # it waits for a call, or nobody waits for its answer any more
        await process.wait()

    async def _pass_on_errors(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while line := await process.stderr.readline():
            self.say(line.decode(errors="replace").rstrip())
