"""Sandboxes: one isolated process tree each, reached through its agent.

Knows nothing of Django, queues or HTTP. `levels.choose()` gives the engine of this machine.
"""

from __future__ import annotations

from . import levels, limits, ports, sleep
from .bubblewrap import skeleton, spare
from .budget import Budget
from .client import AgentClient
from .errors import (
    AgentProtocolError,
    AgentTimeout,
    EngineError,
    EngineUnavailable,
    FileError,
    RequestRefused,
    SandboxGone,
)
from .file_answers import FileStat, Match, Reading, Unpacked
from .files import FileOperations
from .freezing import frozen, thaw
from .input import CHUNK_BYTES, InputLine
from .interface import Engine
from .landlock.rules import PORTS as PORTS_EACH
from .landlock.way import open_way
from .running import RunningCommand
from .spec import (
    HOME,
    USER,
    WORKSPACE,
    CommandExit,
    ExecSpec,
    FileEntry,
    InputState,
    Level,
    LevelReport,
    Limits,
    Pipe,
    SandboxHandle,
    SandboxSpec,
    TerminalSize,
)
from .stopped_files import StoppedFiles
from .talking import talks_outside

__all__ = [
    "CHUNK_BYTES",
    "HOME",
    "PORTS_EACH",
    "USER",
    "WORKSPACE",
    "AgentClient",
    "AgentProtocolError",
    "AgentTimeout",
    "Budget",
    "CommandExit",
    "Engine",
    "EngineError",
    "EngineUnavailable",
    "ExecSpec",
    "FileEntry",
    "FileError",
    "FileOperations",
    "FileStat",
    "InputLine",
    "InputState",
    "Level",
    "LevelReport",
    "Limits",
    "Match",
    "Pipe",
    "Reading",
    "RequestRefused",
    "RunningCommand",
    "SandboxGone",
    "SandboxHandle",
    "SandboxSpec",
    "StoppedFiles",
    "TerminalSize",
    "Unpacked",
    "frozen",
    "levels",
    "limits",
    "open_way",
    "ports",
    "skeleton",
    "sleep",
    "spare",
    "talks_outside",
    "thaw",
]
