"""The end of a command as an error: by its cause and code."""

from __future__ import annotations

from chat.problems.found import COMMAND, Found
from chat.problems.noise import ANSWERING, NO_MATCH

# Somebody wanted it, or it is none.
NO_FAULT = frozenset({"", "killed", "sandbox_stopped"})
# Limits of the platform: code may be the reason, or not; a person knows what is allowed.
LIMITS = {
    "out_of_memory": "memory",
    "disk_full": "disk",
    "owner_full": "disk",
    "machine_full": "disk",
    "process_limit": "processes",
    "output_limit": "output",
    "file_too_large": "disk",
}


def of_exit(
    *,
    line: str,
    executable: str,
    cause: str,
    exit_code: int | None,
    outcome: str,
    background: bool,
    error: str = "",
    tail: str = "",
) -> Found | None:
    """The error that a command's end is; None for one that is none. `outcome` in a few words,
    `tail`: its last lines."""
    if cause in NO_FAULT or (cause == "exited" and not exit_code):
        return None
    detail = "\n".join(filter(None, (f"$ {line}", tail, error, f"[{outcome}]")))
    shown = f"{line[:160]}: {outcome}"
    if cause in LIMITS:
        return Found(COMMAND, LIMITS[cause], shown, detail, clear=cause == "out_of_memory")
    if cause == "exited" and exit_code == 1 and executable.rpartition("/")[2] in ANSWERING:
        return Found(COMMAND, "exit", shown, detail, noise=NO_MATCH)
    about = {"exited": "exit", "signalled": "signal", "timed_out": "time"}.get(cause, "start")
    # A server that ends is broken; of a command in between the model may have known.
    return Found(COMMAND, about, shown, detail, clear=background or cause == "start_failed")
