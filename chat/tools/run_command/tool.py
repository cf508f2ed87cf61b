from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

from django.conf import settings
from pydantic_ai import RunContext

from chat.models import Part
from chat.tools import command_output
from chat.tools.context import Answer, TurnContext, call, running_sandbox
from sandboxes.models import Command, Sandbox
from sandboxes.services import commands, ports, refused_hosts
from vibe.refusal import Refusal

# A server that cannot start says so within this time; one that can has opened its port.
EARLY_SECONDS = 4.0
LOOK_SECONDS = 0.2
WAIT_SLICE = 20.0
# The command's own timeout ends it; this is for a worker that is away for long.
GRACE_SECONDS = 60.0


async def run_command(
    ctx: RunContext[TurnContext],
    command: str,
    args: list[str] | None = None,
    cwd: str = "",
    env: dict[str, str] | None = None,
    wait: bool = True,
    sudo: bool = False,
    stdin: bool = False,
    sandbox: str = "",
) -> Answer:
    """Run a program in the sandbox.

    No shell is involved: give the program and its arguments apart. For pipes, && or globs run
    command "bash" with args ["-lc", "…"]. Each call starts in the workspace; use cwd, not cd.
    With wait=true the answer holds exit code and output. Use wait=false only for programs that go
    on running, such as servers: the answer then tells which port opened, or how it failed.

    Args:
        command: The program, e.g. node, python3, bash.
        args: Its arguments.
        cwd: Directory to run in, below /vercel/sandbox.
        env: More environment variables.
        wait: Wait until the program has ended.
        sudo: Run as root of the sandbox, for apt-get install and the like. Where sandboxes have
            no root, the answer says so and what to do instead.
        stdin: Keep its standard input open for send_input; only with wait=false.
        sandbox: Another sandbox of this conversation by its name; its main one when left out.
    """
    if not command.strip():
        raise Refusal("No command was given.", "Give the program to run.", code="invalid")
    if stdin and wait:
        raise Refusal(
            "A command that is awaited would wait for its input for ever.",
            "Use wait=false with stdin=true, then send_input.",
            code="invalid",
        )
    box = await running_sandbox(ctx.deps, sandbox)
    before = set() if wait else set(await call(ports.listening, box))
    started = await call(
        commands.run,
        box,
        command,
        args or [],
        cwd=cwd,
        env=env,
        background=not wait,
        sudo=sudo,
        stdin=stdin,
        by=ctx.deps.owner,
    )
    try:
        await ctx.deps.cards.change_card(
            ctx.tool_call_id or "", command=started, result={"command_id": started.pk}
        )
        if wait:
            return await _wait(started)
        return await _watch_start(box, started, before)
    except asyncio.CancelledError:
        # The user stopped the turn: what it started in the foreground goes with it.
        if wait:
            with contextlib.suppress(Refusal):
                await asyncio.shield(call(commands.stop, started, by=ctx.deps.owner))
        raise


async def _wait(command: Command) -> Answer:
    limit = command.timeout or settings.COMMAND_TIMEOUT
    deadline = time.monotonic() + limit + GRACE_SECONDS
    while not command.is_finished:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Refusal(
                "The command did not report its end.",
                "The worker may be down. Look at the command's log, or stop it.",
                code="timeout",
            )
        command = await call(commands.wait, command, min(WAIT_SLICE, left))
    return await _ended(command)


async def _watch_start(sandbox: Sandbox, command: Command, before: set[int]) -> Answer:
    """Wait until it opens a port, ends, or EARLY_SECONDS are over."""
    deadline = time.monotonic() + EARLY_SECONDS
    opened: list[int] = []
    while not opened and time.monotonic() < deadline:
        command = await call(commands.wait, command, LOOK_SECONDS)
        if command.is_finished:
            return await _ended(command)
        opened = sorted(set(await call(ports.listening, sandbox)) - before)
    text = await call(command_output.excerpt, command)
    said: dict[str, Any] = {
        "command_id": command.pk,
        "status": "running in the background",
        "output": text,
    }
    if refused := await call(refused_hosts.in_words, command):
        said["network"] = refused
    if opened:
        said["listening_ports"] = opened
    else:
        said["note"] = "No new port is open yet; get_sandbox_url waits for one."
    card = {"command_id": command.pk, "ports": opened}
    return Answer(said=said, card=card, state=Part.State.BACKGROUND)


async def _ended(command: Command) -> Answer:
    text = await call(command_output.excerpt, command)
    seconds = round(command.duration or 0.0, 2)
    said: dict[str, Any] = {
        "command_id": command.pk,
        "outcome": command.outcome,
        "exit_code": command.exit_code,
        "seconds": seconds,
        "output": text,
    }
    if refused := await call(refused_hosts.in_words, command):
        said["network"] = refused
    if command.error:
        said["error"] = command.error
    if command.left_processes:
        said["left_running"] = f"{command.left_processes} process(es); stop_command ends them"
    if command.background:
        said["note"] = "It was meant to go on running but has already ended."
    card = {
        "command_id": command.pk,
        "exit_code": command.exit_code,
        "outcome": command.outcome,
        "seconds": seconds,
        "tail": command_output.tail(text),
    }
    state = Part.State.DONE if command.succeeded else Part.State.FAILED
    return Answer(said=said, card=card, state=state)
