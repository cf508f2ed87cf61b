"""To start a server, see that it runs, and get its address."""

from __future__ import annotations

from chat.agent.demo import reasons
from chat.agent.demo.steps import Call, Script


def started(command: str, args: list[str], port: int, *, words: str) -> Script:
    """Start a server on `port`; ends the turn with an explanation when that fails."""
    arguments: dict[str, object] = {"command": command, "args": args, "wait": False}
    if str(port) not in args and port != 3000:
        arguments["env"] = {"PORT": str(port)}
    outcome = yield Call(
        "run_command",
        arguments,
        thought="A server goes on running, so I start it in the background.",
        words=words,
    )
    if reasons.failed(outcome) or "status" not in outcome.data:
        yield reasons.explain(outcome)
    return outcome


def address(port: int, *, words: str = "Now I get its address.") -> Script:
    """The URL of a port, as a sentence for the end of an answer."""
    outcome = yield Call("get_sandbox_url", {"port": port}, words=words)
    if reasons.failed(outcome):
        yield reasons.explain(outcome)
    url = outcome.data.get("url", "")
    if outcome.data.get("listening"):
        return f"It is running at [{url}]({url}) – the preview shows it too."
    return f"Its address will be [{url}]({url}), but nothing answers there yet: look at its log."
