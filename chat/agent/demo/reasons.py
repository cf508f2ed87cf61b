"""What the demo model says when a step failed."""

from __future__ import annotations

import re

from chat.agent.demo.steps import Outcome, Say

RUNTIMES = {"node": "Node.js", "npm": "npm", "python3": "Python", "python": "Python", "git": "git"}
_MISSING = re.compile(r"not found|no such file|enoent|cannot find the program", re.I)
_PORT = re.compile(r"EADDRINUSE|Address already in use", re.I)


def failed(outcome: Outcome) -> bool:
    """True when the call failed, or the command it ran ended badly."""
    if not outcome.ok:
        return True
    return outcome.tool == "run_command" and outcome.data.get("exit_code", 0) != 0


def explain(outcome: Outcome) -> Say:
    """A plain sentence on what went wrong and what to try instead."""
    program = str(outcome.arguments.get("command", ""))
    details = f"{outcome.data.get('error', '')}\n{outcome.data.get('output', '')}".strip()
    everything = f"{outcome.text}\n{details}"
    if (
        program in RUNTIMES
        and _MISSING.search(everything)
        and "Cannot find module" not in everything
    ):
        other = "a Python web app" if program in ("node", "npm") else "a Node.js app"
        return Say(
            f"{RUNTIMES[program]} does not seem to be installed on this machine, so I cannot run "
            f"that here. Ask me for {other} instead, or install it on the host."
        )
    if outcome.data.get("exit_code") == 127 and program != "bash":
        return Say(
            f"There is no program called `{program}` in the sandbox, and I do not "
            "install any. Try another one, or ask a real model."
        )
    if _PORT.search(everything):
        return Say(
            "The port is already taken by another server. Say **Stop the server** first, "
            "then **Run it again**."
        )
    if not outcome.ok:
        return Say(f"That did not work. {_sentence(outcome.text)}")
    if outcome.data.get("network"):
        return Say(
            f"The command did not succeed: {outcome.data.get('outcome', 'it failed')}. It wanted "
            "a host that the network policy of this sandbox refuses. The card above names it; its "
            "button allows it and then runs the command again."
        )
    shown = f"\n\n```\n{last_lines(details)}\n```" if details else ""
    return Say(f"The command did not succeed: {outcome.data.get('outcome', 'it failed')}.{shown}")


def last_lines(text: str, count: int = 12) -> str:
    return "\n".join(text.rstrip().splitlines()[-count:])


def _sentence(text: str) -> str:
    """The readable part of a tool's error: its message and what to do, without parameters."""
    lines = [line for line in text.splitlines() if line]
    message = lines[0].partition(" failed: ")[2] or lines[0] if lines else ""
    hints = [line.partition(": ")[2] for line in lines if line.startswith("What to do: ")]
    return " ".join([message, *hints])
