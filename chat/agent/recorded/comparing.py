"""Whether a call came to the same kind of end as in the recording, and what is said when not."""

from __future__ import annotations

import shlex

from chat.agent.demo.reasons import cause, failed, last_lines
from chat.agent.demo.steps import Outcome
from chat.providers.recordings import RecordedCall

# What comes after these is built on them.
FOUNDATIONS = frozenset({"create_sandbox", "write_files", "edit_file", "run_command"})


def worked(outcome: Outcome) -> bool:
    return not failed(outcome) and outcome.data.get("listening") is not False


def ends_turn(call: RecordedCall, outcome: Outcome) -> bool:
    """Whether the rest of the turn would be built on nothing."""
    return call.worked and not worked(outcome) and call.tool in FOUNDATIONS


def difference(call: RecordedCall, outcome: Outcome) -> str:
    """One sentence, "" without a difference in kind."""
    if worked(outcome) == call.worked:
        return ""
    told = f"This is not as in the recording: the step {_named(outcome)}"
    if call.worked:
        return f"{told} worked there and failed here{_why(outcome)}"
    return f"{told} failed there and worked here."


def _named(outcome: Outcome) -> str:
    arguments = outcome.arguments
    if outcome.tool == "run_command":
        words = [arguments.get("command", ""), *(arguments.get("args") or [])]
        line = shlex.join(str(word) for word in words)
        return f"`{line if len(line) <= 80 else line[:79] + '…'}`".replace("\n", " ")
    path = arguments.get("path")
    return f"`{outcome.tool} {path}`" if path else f"`{outcome.tool}`"


def _why(outcome: Outcome) -> str:
    if not outcome.ok:
        reason = cause(outcome).detail
        return f": {reason}" if reason else "."
    if outcome.tool == "get_sandbox_url":
        return f": nothing listens on port {outcome.data.get('port')}."
    code, last = outcome.data.get("exit_code"), last_lines(str(outcome.data.get("output", "")), 1)
    return f" with exit code {code}" + (f": `{last.strip()[:200]}`" if last.strip() else ".")
