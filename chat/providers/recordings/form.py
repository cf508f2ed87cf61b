"""What a recording's file holds; docs/recorded-sessions.md describes it."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FORMAT = "vibe-recorded-session"
VERSION = 1


class UnreadableRecording(Exception):
    """The file is no recording, or one of another version; says which."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RecordedCall(_Strict):
    """A tool call; it is made again when the recording plays."""

    tool: Annotated[str, Field(min_length=1, max_length=100)]
    arguments: dict[str, Any] = {}
    # Whether it came to what it was for; a command that ended with an error code did not.
    worked: bool = True
    # What its result named: other words then stand in place of these when it plays.
    names: dict[str, Annotated[str, Field(min_length=1, max_length=500)]] = {}


class RecordedStep(_Strict):
    """One answer of the model: what it thought, said and called."""

    thought: str = ""
    text: str = ""
    calls: Annotated[list[RecordedCall], Field(max_length=100)] = []


class RecordedTurn(_Strict):
    request: Annotated[str, Field(min_length=1)]
    steps: Annotated[list[RecordedStep], Field(min_length=1, max_length=500)]


class Recording(_Strict):
    format: Literal["vibe-recorded-session"] = "vibe-recorded-session"
    version: Literal[1] = 1
    title: Annotated[str, Field(min_length=1, max_length=100)]
    about: Annotated[str, Field(max_length=500)] = ""
    turns: Annotated[list[RecordedTurn], Field(min_length=1, max_length=200)]


def written(recording: Recording) -> str:
    """The recording as the text of its file; what is empty is left out."""
    fields = recording.model_dump(exclude_defaults=True)
    head = {"format": FORMAT, "version": VERSION}
    return json.dumps(head | fields, indent=2, ensure_ascii=False) + "\n"


def read(text: str) -> Recording:
    """The recording of a file's text. Raises UnreadableRecording."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadableRecording("The file is not JSON.") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise UnreadableRecording(f"The file is no recording: its format is not “{FORMAT}”.")
    if data.get("version") != VERSION:
        raise UnreadableRecording(
            f"The recording has version {str(data.get('version'))[:20]}; {VERSION} can be played."
        )
    try:
        return Recording.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise UnreadableRecording(f"The recording is wrong at {place}: {first['msg']}.") from None
