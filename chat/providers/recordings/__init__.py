"""Recorded sessions: conversations on file that the model "Recorded: …" plays again."""

from __future__ import annotations

from chat.providers.recordings.choices import GROUP, choice_named, choices
from chat.providers.recordings.form import (
    RecordedCall,
    RecordedStep,
    RecordedTurn,
    Recording,
    UnreadableRecording,
    written,
)
from chat.providers.recordings.shelf import PREFIX, RECORDED, Listed, find, is_recorded, listed

__all__ = [
    "GROUP",
    "PREFIX",
    "RECORDED",
    "Listed",
    "RecordedCall",
    "RecordedStep",
    "RecordedTurn",
    "Recording",
    "UnreadableRecording",
    "choice_named",
    "choices",
    "find",
    "is_recorded",
    "listed",
    "written",
]
