"""Recorded sessions: conversations on file that the model "Recorded: …" plays again."""

from __future__ import annotations

from chat.providers.recordings.form import (
    RecordedCall,
    RecordedStep,
    RecordedTurn,
    Recording,
    UnreadableRecording,
    written,
)
from chat.providers.recordings.shelf import PREFIX, Listed, find, is_recorded, listed

__all__ = [
    "PREFIX",
    "Listed",
    "RecordedCall",
    "RecordedStep",
    "RecordedTurn",
    "Recording",
    "UnreadableRecording",
    "find",
    "is_recorded",
    "listed",
    "written",
]
