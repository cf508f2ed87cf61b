"""What a sandbox may use up: the platform's defaults, its own wishes, the operator's maximum."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from sandboxes.engine import Limits
from sandboxes.models import Command, Sandbox
from vibe.refusal import Refusal

MB = 1 << 20
# Without a word of the operator a single sandbox may have so many times the default.
ROOM = 4


@dataclass(frozen=True)
class Limit:
    """One thing that is limited. `least`: less would not even start a shell."""

    label: str
    unit: str
    least: float
    unlimited: str = ""  # what 0 means, where 0 is allowed

    def text(self, value: float) -> str:
        """The value for people: "2 GB of memory"."""
        if not value and self.unlimited:
            return self.unlimited
        if self.unit == "MB":
            return f"{_megabytes(value)} {self.label}"
        return f"{value:g} {self.label}"


LIMITS = {
    "memory_mb": Limit("of memory", "MB", 64),
    "processes": Limit("processes", "", 16),
    "cpus": Limit("processors", "", 0.05, "a fair share of the processors"),
    "disk_mb": Limit("of files", "MB", 16),
    "file_mb": Limit("in one file", "MB", 1),
    "open_files": Limit("open files per process", "", 64),
    "output_mb": Limit("of output per command", "MB", 1, "any amount of output"),
}


def checked(wanted: Mapping[str, float | None]) -> dict[str, float]:
    """The wishes to keep on a sandbox. Raises Refusal beyond the operator's maximum."""
    kept: dict[str, float] = {}
    for name, value in wanted.items():
        if value is None:
            continue
        limit = LIMITS.get(name)
        if limit is None:
            raise Refusal(f"There is no limit {name!r}.", f"Choose of {', '.join(LIMITS)}.")
        free = value == 0 and bool(limit.unlimited)
        if value < limit.least and not free:
            raise Refusal(
                f"{name} cannot be {value:g}; it must be at least {limit.least:g}.",
                "Ask for more, or leave it out.",
            )
        most = maximum(name)
        if most and (free or value > most):
            raise Refusal(
                f"A sandbox may have at most {limit.text(most)} here.",
                f"Ask for less, or have the operator raise {name} in VIBE_SANDBOX_LIMITS_MAX.",
                code="limit",
            )
        kept[name] = value
    return kept


def effective(sandbox: Sandbox) -> dict[str, float]:
    """Every limit of the sandbox by name: its own, else the platform's default.

    What the operator allows may have shrunk since the sandbox asked.
    """
    found: dict[str, float] = {}
    for name, default in settings.SANDBOX_LIMITS.items():
        value, most = sandbox.limits.get(name, default), maximum(name)
        found[name] = min(value or most, most) if most else value
    return found


def maximum(name: str) -> float:
    """The most that one sandbox may be given; 0 for no end."""
    given: float | None = settings.SANDBOX_LIMITS_MAX.get(name)
    return settings.SANDBOX_LIMITS[name] * ROOM if given is None else given


def of(sandbox: Sandbox) -> Limits:
    """The same for the engine."""
    values = effective(sandbox)
    return Limits(
        memory_bytes=int(values["memory_mb"] * MB),
        processes=int(values["processes"]),
        cpus=values["cpus"],
        file_bytes=int(values["file_mb"] * MB),
        open_files=int(values["open_files"]),
        disk_bytes=int(values["disk_mb"] * MB),
        output_bytes=int(values["output_mb"] * MB),
    )


def default() -> Limits:
    """Those of a sandbox that asks for nothing."""
    return of(Sandbox())


def in_words(sandbox: Sandbox) -> list[str]:
    """One short phrase for each limit, for the sandbox's page."""
    return [LIMITS[name].text(value) for name, value in effective(sandbox).items()]


def exceeded(cause: str, sandbox: Sandbox) -> str:
    """What to tell of a command that ended for `cause`; "" when that is no limit."""
    values = effective(sandbox)
    amount = {name: LIMITS[name].text(value) for name, value in values.items()}
    match cause:
        case Command.Cause.OUT_OF_MEMORY:
            return (
                f"The sandbox used up its {amount['memory_mb']}, and the kernel ended a process. "
                "Make the program use less, or give the sandbox a higher memory_mb."
            )
        case Command.Cause.DISK_FULL:
            return (
                f"The sandbox holds more than its {amount['disk_mb']}, so what was writing was "
                "ended. Delete files, or give the sandbox a higher disk_mb."
            )
        case Command.Cause.OWNER_DISK_FULL:
            return (
                "Its owner's sandboxes, snapshots, drives and attachments hold more than the "
                f"{_megabytes(settings.DISK_PER_USER_MB)} allowed, so what was writing was ended. "
                "Delete what is not needed any more."
            )
        case Command.Cause.MACHINE_FULL:
            return (
                "The machine's disk is nearly full, and what is left is kept for the platform, so "
                "what was writing fastest was ended. Delete files, or ask the operator."
            )
        case Command.Cause.PROCESS_LIMIT:
            return (
                f"The sandbox had reached its {amount['processes']}, so no further one could be "
                "started. Start fewer at once, or give the sandbox a higher limit of processes."
            )
        case Command.Cause.OUTPUT_LIMIT:
            return (
                f"It printed more than {_megabytes(values['output_mb'])}, so it was ended. "
                "Write to a file instead, or give the sandbox a higher output_mb."
            )
        case Command.Cause.FILE_TOO_LARGE:
            return (
                f"It wrote more than {_megabytes(values['file_mb'])} into one file. "
                "Split the file, or give the sandbox a higher file_mb."
            )
    return ""


def _megabytes(value: float) -> str:
    return f"{value / 1024:.3g} GB" if value >= 1024 else f"{value:g} MB"
