"""Two users with API keys, and rows of theirs. Import the fixtures that a folder needs."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import Conversation, Message, Part, Turn
from sandboxes.models import Command, LogChunk, Sandbox, SandboxSession
from vibe.accounts.models import User
from vibe.accounts.services import api_keys


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob")


def client_of(user: User, *scopes: str) -> Client:
    _, key = api_keys.create(user, "test", scopes)
    return Client(headers={"authorization": f"Bearer {key}"})


@pytest.fixture
def as_alice(alice: User) -> Client:
    return client_of(alice)


@pytest.fixture
def as_bob(bob: User) -> Client:
    return client_of(bob)


def make_sandbox(owner: User, name: str = "todo", status: str = "running", **more: Any) -> Sandbox:
    """Rows of a sandbox whose process does not exist."""
    number = Sandbox.objects.count() + 1000
    sandbox = Sandbox.objects.create(
        owner=owner, name=name, status=status, timeout=2700, number=number, **more
    )
    sandbox.session = SandboxSession.objects.create(
        sandbox=sandbox,
        node="local",
        status=status,
        isolation="full",
        started_at=timezone.now(),
        expires_at=timezone.now() + timezone.timedelta(minutes=45),
    )
    sandbox.save()
    return sandbox


def make_command(sandbox: Sandbox, **more: Any) -> Command:
    assert sandbox.session is not None
    fields: dict[str, Any] = {"executable": "echo", "args": ["hello world"], "cwd": "src"}
    return Command.objects.create(sandbox=sandbox, session=sandbox.session, **(fields | more))


def finish(command: Command, exit_code: int = 0) -> Command:
    command.status, command.cause, command.exit_code = "finished", "exited", exit_code
    command.finished_at = timezone.now()
    command.save()
    return command


def add_output(command: Command, *pieces: tuple[int, bytes]) -> Command:
    """Keep pieces of (stream, bytes) as the log of the command."""
    for stream, data in pieces:
        LogChunk.objects.create(
            command=command,
            stream=stream,
            offset=command.log_size,
            first_line=command.line_count + 1,
            line_count=data.count(b"\n"),
            data=data,
        )
        command.log_size += len(data)
        command.line_count += data.count(b"\n")
    command.save()
    return command


def make_conversation(owner: User, **more: Any) -> Conversation:
    return Conversation.objects.create(owner=owner, title="A todo app", model="demo", **more)


def make_turn(conversation: Conversation, status: str = "completed", answer: str = "Done.") -> Turn:
    """A turn with the person's message and an answer of one text part."""
    turn = Turn.objects.create(conversation=conversation, model="demo", status=status)
    position = conversation.messages.count()
    for offset, (role, text) in enumerate((("user", "Build it"), ("assistant", answer))):
        message = Message.objects.create(
            conversation=conversation, turn=turn, role=role, position=position + offset
        )
        Part.objects.create(message=message, position=0, kind="text", state="done", text=text)
    return turn
