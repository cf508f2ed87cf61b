"""The memory of a conversation's workspace, and its skills."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.services import conversations
from chat.services.context import memory, skills
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))


class MemoryFileOut(Schema):
    path: str = Field(examples=["AGENTS.md"])
    text: str
    version: str = Field(description="To name when it is changed; empty for no such file.")
    why: str = Field(description="Why it cannot be read.")


class MemoryOut(Schema):
    files: list[MemoryFileOut]


class MemoryIn(JsonObject):
    path: Literal["AGENTS.md", "CLAUDE.md"]
    text: Text = Field(max_length=memory.READ_LIMIT)
    version: Text = Field("", max_length=200, description="The one that it replaces; empty: none.")


class MemoryWritten(Schema):
    path: str
    version: str


class RememberIn(JsonObject):
    words: Text = Field(
        min_length=1, max_length=memory.SENTENCE_LIMIT, examples=["Always use tabs."]
    )


class RememberedOut(Schema):
    line: str


class SkillOut(Schema):
    name: str
    description: str
    origin: Literal["operator", "user", "workspace"]


@router.get(
    "/conversations/{slug:conversation_id}/memory", response=MemoryOut, summary="Read the memory"
)
def get_memory(request: HttpRequest, conversation_id: str) -> Any:
    """AGENTS.md and CLAUDE.md of its workspace. 409 without a sandbox."""
    conversation = conversations.get_for(caller(request), conversation_id)
    return {"files": memory.listed(conversation)}


@router.put(
    "/conversations/{slug:conversation_id}/memory",
    response=MemoryWritten,
    summary="Write a file of the memory",
)
def write_memory(request: HttpRequest, conversation_id: str, data: MemoryIn) -> Any:
    """409 where the file is no longer of this version."""
    conversation = conversations.get_for(caller(request), conversation_id)
    version = memory.change(conversation, data.path, data.text, expect=data.version)
    return {"path": data.path, "version": version}


@router.post(
    "/conversations/{slug:conversation_id}/memory",
    response={201: RememberedOut},
    summary="Remember something",
)
def remember(request: HttpRequest, conversation_id: str, data: RememberIn) -> Any:
    """Adds a line to AGENTS.md of its workspace, and makes that file where there is none."""
    conversation = conversations.get_for(caller(request), conversation_id)
    return Status(201, {"line": memory.remember(conversation, data.words)})


@router.get(
    "/conversations/{slug:conversation_id}/skills",
    response=list[SkillOut],
    summary="Skills that the model is told of",
)
def list_skills(request: HttpRequest, conversation_id: str) -> Any:
    return skills.available(conversations.get_for(caller(request), conversation_id))
