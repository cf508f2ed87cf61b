"""Puts attached pictures into each request to a model that sees, and words for them into others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pydantic_ai import RunContext
from pydantic_ai.capabilities import AbstractCapability
from pydantic_ai.messages import (
    BinaryContent,
    ImageUrl,
    ModelMessage,
    ModelRequest,
    UserContent,
    UserPromptPart,
)
from pydantic_ai.models import ModelRequestContext
from typing_extensions import override

from chat.agent.attached import SCHEME
from chat.models import Attachment
from chat.providers.sight import sees_images
from chat.services.attaching import attachments
from chat.tools.context import TurnContext, call

# Of one request, the newest first.
PICTURES, ALL_BYTES = 20, 15_000_000


@dataclass
class AttachedPictures(AbstractCapability[TurnContext]):
    """The history holds references, so it stays small, and true after a switch of model."""

    @override
    async def prepare_model_request(
        self, ctx: RunContext[TurnContext], request_context: ModelRequestContext
    ) -> ModelRequestContext:
        messages = request_context.messages
        wanted = _references(messages)
        if not wanted:
            return request_context
        given = await call(_given, wanted, ctx.deps.owner.pk, ctx.deps.model)
        filled = [
            _filled(message, given) if isinstance(message, ModelRequest) else message
            for message in messages
        ]
        return replace(request_context, messages=filled)


def _references(messages: Sequence[ModelMessage]) -> list[str]:
    """Ids of the pictures that the messages name, in their order."""
    return [
        item.url.removeprefix(SCHEME)
        for message in messages
        if isinstance(message, ModelRequest)
        for part in message.parts
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str)
        for item in part.content
        if isinstance(item, ImageUrl) and item.url.startswith(SCHEME)
    ]


def _given(ids: Sequence[str], owner_id: int, model_id: str) -> dict[str, UserContent]:
    """What to send for each: the picture, or what to say in its place."""
    seen = sees_images(model_id)
    rows = Attachment.objects.filter(owner_id=owner_id, pk__in=ids).in_bulk()
    given: dict[str, UserContent] = {}
    count, size = 0, 0
    for each in reversed(ids):
        one = rows.get(each)
        if one is None:
            given[each] = "An image was attached here; it is deleted."
        elif why_not := _why_not(one, seen, count, size):
            lies = f"it lies at {one.path or attachments.path_for(one)}"
            given[each] = f"An image {one.name} was attached; {lies}. {why_not}"
        else:
            data = b"".join(attachments.content(one))
            given[each] = BinaryContent(data, media_type=one.media_type)
            count, size = count + 1, size + one.size
    return given


def _why_not(one: Attachment, seen: bool, count: int, size: int) -> str:
    if not seen:
        return "This model cannot see images: use commands to look at its properties."
    if one.is_too_large_to_see:
        return "It is too large to be shown: make a smaller copy of it by a command."
    if count >= PICTURES or size + one.size > ALL_BYTES:
        return "It is not shown again, since newer images take its place."
    return ""


def _filled(message: ModelRequest, given: dict[str, UserContent]) -> ModelRequest:
    parts = []
    for part in message.parts:
        if isinstance(part, UserPromptPart) and not isinstance(part.content, str):
            content = [
                given[item.url.removeprefix(SCHEME)]
                if isinstance(item, ImageUrl) and item.url.startswith(SCHEME)
                else item
                for item in part.content
            ]
            part = replace(part, content=content)
        parts.append(part)
    return replace(message, parts=parts)
