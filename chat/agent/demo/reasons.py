"""Why a step failed, as far as its outcome tells."""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.agent.demo.steps import Outcome

RUNTIMES = {
    "node": "Node.js", "npm": "npm", "npx": "npm", "python3": "Python", "python": "Python",
    "pip": "pip", "git": "git",
}  # fmt: skip
_PORT = re.compile(r"EADDRINUSE|Address already in use", re.I)
_PACKAGE = re.compile(r"No module named ['\"]([\w.]+)['\"]|Cannot find module '([^'./][^']*)'")
_FILE = re.compile(
    r"can't open file '([^']+)'|Cannot find module '([./][^']+)'|"
    r"(?:cannot access|cannot stat|cannot open)? ?'?([\w./-]+)'?: No such file|"
    r"No such file or directory: '([^']+)'"
)
_UNKNOWN_PROGRAM = re.compile(r"(?:line \d+: )?([\w.-]+): (?:command )?not found")
_SYNTAX = re.compile(r"^((?:Syntax|Indentation)Error: .+)$", re.M)
_PYTHON_ERROR = re.compile(r"^(\w+(?:Error|Exception)\b.*)$", re.M)
START_FAILED = 127


@dataclass(frozen=True)
class Cause:
    """kind: program, runtime, port, package, file, syntax, tool or other."""

    kind: str
    name: str = ""
    detail: str = ""


def failed(outcome: Outcome) -> bool:
    """True when the call failed, or the command it ran ended badly."""
    if not outcome.ok:
        return True
    if outcome.tool != "run_command" or "status" in outcome.data:
        return False
    return outcome.data.get("exit_code", 0) != 0


def cause(outcome: Outcome) -> Cause:
    """What kept the failed outcome from working. Says only what the outcome shows."""
    if not outcome.ok:
        return Cause("tool", detail=_sentence(outcome.text))
    program = str(outcome.arguments.get("command", ""))
    output = str(outcome.data.get("output", ""))
    everything = f"{outcome.data.get('error', '')}\n{output}"
    # Not by its output: a running Python says "No such file" of the script.
    if outcome.data.get("exit_code") == START_FAILED and not output.strip():
        if program in RUNTIMES:
            return Cause("runtime", RUNTIMES[program])
        return Cause("program", program)
    for kind, pattern in (
        ("port", _PORT),
        ("package", _PACKAGE),
        ("program", _UNKNOWN_PROGRAM),
        ("file", _FILE),
        ("syntax", _SYNTAX),
    ):
        if found := pattern.search(everything):
            name = next((group for group in found.groups() if group), "")
            return Cause(kind, name, name)
    errors = _PYTHON_ERROR.findall(everything)
    return Cause("other", detail=errors[-1] if errors else last_lines(output, 1))


def last_lines(text: str, count: int = 12) -> str:
    return "\n".join(text.rstrip().splitlines()[-count:])


def _sentence(text: str) -> str:
    """The readable part of a tool's error: its message and what to do, without parameters."""
    lines = [line for line in text.splitlines() if line]
    message = lines[0].partition(" failed: ")[2] or lines[0] if lines else ""
    hints = [line.partition(": ")[2] for line in lines if line.startswith("What to do: ")]
    return " ".join([message, *hints])
