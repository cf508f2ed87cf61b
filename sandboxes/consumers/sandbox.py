"""The WebSocket of a sandbox: status, commands, ports and files of the page follow it."""

from __future__ import annotations

from sandboxes.consumers.ports import PortWatch
from sandboxes.models import Checkpoint, Command, Sandbox
from sandboxes.news.events import sandbox_key
from sandboxes.rendering.panels import command_partial, recent_commands, status_partials
from sandboxes.services import commands, finding
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.streams.follow import Followers
from vibe.streams.stream import Event, EventStream
from vibe.web.stream_consumer import NotFound, StreamConsumer

# Rows of so many commands fit a frame, whatever their length: a row shows what fits a line.
ROWS_A_FRAME = 20


class SandboxConsumer(StreamConsumer):
    sandbox: Sandbox
    status: str = ""

    async def open(self) -> None:
        sandbox_id = self.scope["url_route"]["kwargs"]["sandbox_id"]
        try:
            self.sandbox = await in_thread(finding.get_for, self.user, sandbox_id)
        except Refusal as error:
            raise NotFound from error
        self.about = finding.subject(self.sandbox.pk)

    async def stream(self) -> None:
        key = sandbox_key(self.sandbox.pk)
        position = await in_thread(EventStream(key).last)
        followers = Followers()
        try:
            followers.follow(key, position)
            await self._everything()
            self.ports = PortWatch(self.sandbox)
            followers.add("ports", self.ports.changes())
            async for _, events in followers:
                if events:
                    await self._events(events)
                else:
                    await self._look()
        finally:
            await followers.close()

    async def _everything(self) -> None:
        """What may have changed since the page was rendered, or while the socket was away."""
        await self._send_status()
        await self._send_commands(await in_thread(recent_commands, self.sandbox), everything=True)

    async def _look(self) -> None:
        """In silence, compare with the row: an event may have been lost with Redis."""
        status = self.status
        await in_thread(self._reload)
        if status != self._standing():
            await self._everything()
            self.ports.look()

    async def _events(self, events: list[tuple[int, Event]]) -> None:
        kinds = {event["type"] for _, event in events}
        if "session" in kinds:
            await self._send_status()
        if "command" in kinds:
            changed = {event["command"] for _, event in events if event["type"] == "command"}
            found = await in_thread(
                lambda: list(commands.list_for(self.sandbox).filter(pk__in=changed))
            )
            await self._send_commands(found)
        if "refused" in kinds:
            told = {one for _, event in events for one in event.get("commands", ())}
            await self.send_json({"type": "refused", "commands": sorted(told)})
        if kinds & {"command", "session"}:
            self.ports.look()
        for _, event in events:
            if event["type"] == "ports":
                await self.send_json(event)
        if "terminal" in kinds:
            await self.send_json({"type": "terminals"})
        if "version" in kinds:
            made = any(
                event["type"] == "version" and event["status"] == Checkpoint.Status.MADE
                for _, event in events
            )
            await self.send_json({"type": "versions", "made": made})
        if "files" in kinds or "command" in kinds:
            # Commands may have changed some; what was written is known.
            await self.send_json({"type": "files", "written": "files" in kinds})

    async def _send_status(self) -> None:
        def rendered() -> str:
            self._reload()
            return status_partials(self.sandbox)

        html = await in_thread(rendered)
        self.status = self._standing()
        await self.send_json({"content": html})

    async def _send_commands(self, found: list[Command], *, everything: bool = False) -> None:
        for start in range(0, len(found), ROWS_A_FRAME):
            html = await in_thread(_rows, found[start : start + ROWS_A_FRAME])
            await self.send_json({"content": html})
        if found and not everything:
            states = {command.pk: command.status for command in found}
            await self.send_json({"type": "commands", "commands": states})

    def _reload(self) -> None:
        self.sandbox = Sandbox.objects.select_related("session").get(pk=self.sandbox.pk)

    def _standing(self) -> str:
        return f"{self.sandbox.status} {self.sandbox.expires_at}"


def _rows(found: list[Command]) -> str:
    return "".join(command_partial(command) for command in found)
