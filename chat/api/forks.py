"""Forks of conversations, and a new sandbox with the files of a conversation."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from chat.api.schemas import ConversationOut
from chat.services import conversations
from chat.services.branching import forks
from vibe.api.authentication import access, caller

router = Router(auth=access("chat"))


@router.post(
    "/messages/{slug:message_id}/fork",
    response={201: ConversationOut},
    summary="Fork a conversation from a message",
)
def fork_conversation(request: HttpRequest, message_id: str) -> Any:
    """A new conversation with the messages up to this one, and a sandbox with the files as they
    were then, where a version of them is kept. The other conversation and its sandbox stay as they
    are. From a message of the user, the last turn is `stopped` and can be tried again. 409 while
    the answer is being written."""
    user = caller(request)
    return Status(201, forks.fork(conversations.message_for(user, message_id), user))


@router.post(
    "/conversations/{slug:conversation_id}/duplicate",
    response={201: ConversationOut},
    summary="Duplicate a conversation",
)
def duplicate_conversation(request: HttpRequest, conversation_id: str) -> Any:
    """A new conversation with all messages of the turns that have ended, and a copy of the sandbox
    as it is now."""
    user = caller(request)
    return Status(201, forks.duplicate(conversations.get_for(user, conversation_id), user))


@router.post(
    "/conversations/{slug:conversation_id}/sandbox",
    response={201: ConversationOut},
    summary="Give a conversation a new sandbox with its files",
)
def renew_sandbox(request: HttpRequest, conversation_id: str) -> Any:
    """With the files of the last version, also when the sandbox before was deleted. 409 while a
    turn is under way, and without a version."""
    user = caller(request)
    forks.new_sandbox(conversations.get_for(user, conversation_id), user)
    return Status(201, conversations.get_for(user, conversation_id))
