"""The WebSocket of a conversation: its page follows turns, parts and text as they come."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from chat.models import Conversation, Part, Turn
from chat.rendering.cards import preview_port
from chat.rendering.checks import check_partial
from chat.rendering.problems import problems_partials
from chat.rendering.queue import queue_state
from chat.rendering.thread import (
    item_partial,
    part_partial,
    state_partials,
    title_partials,
    turn_partial,
)
from chat.services import conversations
from chat.services.events import conversation_key, turn_key
from chat.services.text_events import TEXTS, joined
from sandboxes.rendering.panels import stage_partials
from vibe.data.database import in_thread
from vibe.refusal import Refusal
from vibe.streams.follow import Followers
from vibe.streams.stream import Event, EventStream, cursor
from vibe.web.stream_consumer import MAX_FRAME, NotFound, StreamConsumer

# Room for the JSON quotes around HTML, which escape at most every second character.
MAX_HTML = MAX_FRAME // 2


class ConversationConsumer(StreamConsumer):
    """`?after=TURN:NUMBER:STATUS&sandbox=ID&queue=STATE` says what the page shows already."""

    conversation: Conversation
    turn: Turn | None = None
    sandbox_id: str = ""
    # What of the queue the page shows.
    queue_state: str = ""

    async def open(self) -> None:
        conversation_id = self.scope["url_route"]["kwargs"]["conversation_id"]
        try:
            self.conversation = await in_thread(conversations.get_for, self.user, conversation_id)
        except Refusal as error:
            raise NotFound from error
        self.about = conversations.subject(self.conversation.pk)

    async def stream(self) -> None:
        shown, number, status = self._shown()
        key = conversation_key(self.conversation.pk)
        # The stream's end is read before the rows: what happens in between comes as an event.
        position = await in_thread(EventStream(key).last)
        self.followers = Followers()
        try:
            self.followers.follow(key, position)
            await self._catch_up(shown, number, status)
            if await in_thread(queue_state, self.conversation) != self.queue_state:
                await self._send_state()
            async for source, events in self.followers:
                if not events:
                    await self._look()
                elif source == key:
                    await self._conversation_events(events)
                else:
                    await self._turn_events(events)
        finally:
            await self.followers.close()

    def _shown(self) -> tuple[str, int, str]:
        """Turn, event number and status that the page was rendered with."""
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        self.sandbox_id = query.get("sandbox", [""])[0]
        self.queue_state = query.get("queue", [""])[0]
        turn_id, _, rest = query.get("after", [""])[0].partition(":")
        number, _, status = rest.partition(":")
        return turn_id, cursor(number), status

    async def _catch_up(self, shown: str, number: int, status: str) -> None:
        """Send what the page lacks and follow the turn under way from there."""
        newer, latest = await in_thread(self._newer_turns, shown)
        await self._look_at_conversation()
        if latest is None:
            return
        self.turn = latest
        for turn in newer:
            await self._send_turn(turn)
        if latest.pk == shown:
            if latest.is_active and latest.cursor <= number:
                self.followers.follow(turn_key(latest.pk), number)
                return
            if not latest.is_active and latest.status == status:
                return
            # An active turn may have gone on between the page's rendering and now.
            await self._send_turn(latest)
        await self._send_state()
        if latest.is_active:
            self.followers.follow(turn_key(latest.pk), latest.cursor)

    def _newer_turns(self, shown: str) -> tuple[list[Turn], Turn | None]:
        turns = self.conversation.turns.order_by("created_at", "id")
        known = turns.filter(pk=shown).first()
        if known is not None:
            newer = list(turns.filter(created_at__gte=known.created_at).exclude(pk=known.pk))
            return newer, newer[-1] if newer else known
        recent = list(turns.reverse()[:10])[::-1]
        return recent, recent[-1] if recent else None

    async def _look(self) -> None:
        """In silence, compare with the rows: an event may have been lost with Redis."""
        status = self.turn.status if self.turn else ""
        latest = await in_thread(
            lambda: self.conversation.turns.order_by("created_at", "id").last()
        )
        if latest is not None and (self.turn is None or latest.pk != self.turn.pk):
            await self._start(latest)
        elif latest is not None and latest.status != status:
            await self._end_or_change()
        elif await in_thread(queue_state, self.conversation) != self.queue_state:
            await self._send_state(fresh=True)

    async def _conversation_events(self, events: list[tuple[int, Event]]) -> None:
        for _, event in events:
            if event["type"] == "turn" and (self.turn is None or event["turn"] != self.turn.pk):
                turn = await in_thread(self.conversation.turns.filter(pk=event["turn"]).first)
                if turn is not None:
                    await self._start(turn)
        kinds = {event["type"] for _, event in events}
        for turn_id in {event["turn"] for _, event in events if event["type"] == "check"}:
            await self._send_check(turn_id)
        if "thread" in kinds:
            await self.send_json({"type": "thread"})
        if "queue" in kinds:
            await self._send_state(fresh=True)
        if "problems" in kinds:
            await self._send_html(await in_thread(problems_partials, self.conversation))
        if "conversation" in kinds:
            await self._look_at_conversation()
            html = await in_thread(title_partials, self.conversation)
            await self._send_html(html)

    async def _send_check(self, turn_id: str) -> None:
        """The check of a turn has got further; it shows in the turn's last message, and its picture
        in the list."""
        row = await in_thread(lambda: item_partial(self.conversation, current=True))
        await self._send_html(await in_thread(check_partial, turn_id) + row)

    async def _look_at_conversation(self) -> None:
        """Reload the row; a sandbox that the page does not show yet brings its panels along."""
        await in_thread(self._reload)
        sandbox = self.conversation.sandbox
        if sandbox is not None and sandbox.pk != self.sandbox_id:
            self.sandbox_id = sandbox.pk
            await self._send_html(await in_thread(stage_partials, sandbox))
            await self._send_html(await in_thread(problems_partials, self.conversation))

    def _reload(self) -> None:
        self.conversation = Conversation.objects.select_related("sandbox__session").get(
            pk=self.conversation.pk
        )

    async def _start(self, turn: Turn) -> None:
        if self.turn is not None:
            await self.followers.leave(turn_key(self.turn.pk))
        self.turn = turn
        await self._send_turn(turn)
        await self._send_state()
        if turn.is_active:
            self.followers.follow(turn_key(turn.pk), turn.cursor)

    async def _turn_events(self, events: list[tuple[int, Event]]) -> None:
        """Text goes on as it is; a part that changed several times is rendered once."""
        if any(event["type"] == "message" for _, event in events):
            await self._send_turn(await self._fresh())
        newest = {e["part"]: n for n, e in events if e["type"] == "part"}
        texts = [(n, e) for n, e in events if e["type"] in TEXTS and newest.get(e["part"], 0) < n]
        ordered = sorted(
            [(n, {"type": "part", "part": part}) for part, n in newest.items()] + texts,
            key=lambda item: item[0],
        )
        for number, event in joined(ordered):
            if event["type"] in TEXTS:
                await self.send_json({**event, "cursor": self._cursor(number)})
            else:
                await self._send_part(event["part"], number)
        if any(event["type"] == "turn" for _, event in events):
            await self._end_or_change()

    async def _end_or_change(self) -> None:
        turn = await self._fresh()
        if not turn.is_active:
            await self.followers.leave(turn_key(turn.pk))
            await self._send_turn(turn)
        await self._send_state()

    async def _send_part(self, part_id: str, number: int) -> None:
        def rendered() -> tuple[str, Part | None]:
            part = (
                Part.objects.select_related("command__sandbox", "message__turn")
                .filter(pk=part_id)
                .first()
            )
            return (part_partial(part) if part else ""), part

        html, part = await in_thread(rendered)
        if part is None:
            return
        await self._send_html(html, number=number, message=part.message_id)
        if (port := preview_port(part)) is not None:
            await self.send_json({"type": "preview", "port": port})

    async def _send_turn(self, turn: Turn) -> None:
        html = await in_thread(turn_partial, turn)
        await self._send_html(html, number=turn.cursor, turn=turn)

    async def _fresh(self) -> Turn:
        assert self.turn is not None
        await in_thread(self.turn.refresh_from_db)
        return self.turn

    async def _send_state(self, *, fresh: bool = False) -> None:
        if fresh and self.turn is not None:
            await self._fresh()
        self.queue_state = await in_thread(queue_state, self.conversation)
        html = await in_thread(state_partials, self.conversation, self.turn)
        await self._send_html(html, number=self.turn.cursor if self.turn else 0)

    async def _send_html(
        self, html: str, *, number: int = 0, message: str = "", turn: Turn | None = None
    ) -> None:
        frame: dict[str, Any] = {"content": html, "cursor": self._cursor(number)}
        if len(html.encode()) > MAX_HTML:
            # Too large for a frame: the page fetches it.
            frame.pop("content")
            frame |= {"type": "fetch", "message": message, "turn": turn.pk if turn else ""}
        await self.send_json(frame)

    def _cursor(self, number: int) -> str:
        if self.turn is None:
            return ""
        return f"{self.turn.pk}:{number}:{self.turn.status}" if number else ""
