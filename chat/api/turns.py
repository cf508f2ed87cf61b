"""Turns: ask, look, answer, stop, try again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status
from pydantic import AfterValidator, Field, model_validator

from chat.api.queue import WHEN, QueuedOut, When
from chat.api.schemas import Mode, TurnOut, TurnStarted
from chat.providers import EFFORTS
from chat.services import conversations, messages, queue, stopping, turns
from chat.services.asking import answers
from chat.services.asking.answer_forms import Given
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text, storable

router = Router(auth=access("chat"))


class TurnIn(JsonObject):
    message: Text = Field(
        "", max_length=messages.MESSAGE_LIMIT, examples=["Build a todo app in Flask"]
    )
    model: Text = Field("", max_length=200, description="Default: the conversation's.")
    effort: Literal["", *EFFORTS] = Field(  # type: ignore[valid-type]  # the one list of them
        "",
        description="How hard the model thinks. Default: the conversation's. One that the model "
        "does not have becomes its first.",
    )
    attachments: list[Text] = Field(
        [], max_length=1000, description="Ids of uploaded files that go with it."
    )

    mode: Mode | None = Field(None, description="Default: the conversation's.")

    @model_validator(mode="after")
    def says_something(self) -> TurnIn:
        if not self.message and not self.attachments:
            raise ValueError("needs a message or attachments")
        return self


class OneAnswer(JsonObject):
    choice: int | None = Field(None, ge=0, le=99, description="Number of the choice, from 0.")
    text: Text = Field("", max_length=2000, description="Instead, where the question allows it.")


class AnswerIn(JsonObject):
    question: Text = Field(
        "", max_length=32, description="Id of the question that is meant; the open one when empty."
    )
    answers: list[OneAnswer] = Field(
        [], max_length=4, description="To a question: one for each; {} takes the default."
    )
    decision: Text = Field(
        "",
        max_length=40,
        description="To an approval: once, conversation, deny. To a plan: build, change, discard. "
        "To a budget: one of its choices.",
        examples=["once"],
    )
    text: Text = Field("", max_length=2000, description="Why not, or what to change.")
    steps: list[Annotated[str, AfterValidator(storable), Field(max_length=300)]] | None = Field(
        None, max_length=30, description="To a plan: its steps as they are to be."
    )


class AskIn(TurnIn):
    queue: bool = Field(
        False, description="Let it wait while a turn is under way, in place of a 409."
    )
    when: When = Field("step", description=f"With `queue`. {WHEN}")


class RetryIn(JsonObject):
    model: Text = Field("", max_length=200, description="Default: the conversation's.")


@router.post(
    "/conversations/{slug:conversation_id}/turns",
    response={202: QueuedOut | TurnStarted},
    summary="Send a message",
)
def start_turn(request: HttpRequest, conversation_id: str, data: AskIn) -> Any:
    """The model answers in the background: follow `turns/{id}/events`. 409 while it still works;
    with `queue` it waits then, and the status of what comes back is `queued_message`.
    With attachments the message may be empty."""
    conversation = conversations.get_for(caller(request), conversation_id)
    asked: dict[str, Any] = {
        "model": data.model,
        "effort": data.effort,
        "mode": data.mode or "",
        "attached": data.attachments,
    }
    if not data.queue:
        return Status(202, turns.start_turn(conversation, data.message, **asked))
    return Status(202, queue.add(conversation, data.message, when=data.when, **asked))


@router.get("/turns/{slug:turn_id}", response=TurnOut, summary="Get a turn")
def get_turn(request: HttpRequest, turn_id: str) -> Any:
    return turns.get_for(caller(request), turn_id)


@router.post("/turns/{slug:turn_id}/stop", response=TurnOut, summary="Stop a turn")
def stop_turn(request: HttpRequest, turn_id: str, after_step: bool = False) -> Any:
    """At once, or with `after_step` when the present step is done, with its command. What it has
    written stays, and messages that wait do. Stopping an ended turn changes nothing.
    """
    user = caller(request)
    stopping.stop_turn(turns.get_for(user, turn_id), user, after_step=after_step)
    return turns.get_for(user, turn_id)


@router.post(
    "/turns/{slug:turn_id}/answer", response={202: TurnOut}, summary="Answer what a turn asks"
)
def answer_turn(request: HttpRequest, turn_id: str, data: AnswerIn) -> Any:
    """A turn whose status is `waiting` goes on with it. 409 when it waits for nothing, or somebody
    was first; 400 for an answer that the question does not allow."""
    user = caller(request)
    given = Given(
        answers=[one.model_dump() for one in data.answers],
        decision=data.decision,
        text=data.text,
        steps=data.steps,
    )
    turn = turns.get_for(user, turn_id)
    answers.answer(turn, given, by=user, question_id=data.question)
    return Status(202, turns.get_for(user, turn_id))


@router.post("/turns/{slug:turn_id}/retry", response={202: TurnStarted}, summary="Try a turn again")
def retry_turn(request: HttpRequest, turn_id: str, data: RetryIn | None = None) -> Any:
    """Only the last turn of a conversation, and only when it failed or was stopped."""
    turn = turns.get_for(caller(request), turn_id)
    return Status(202, turns.retry_turn(turn, model=data.model if data else ""))
