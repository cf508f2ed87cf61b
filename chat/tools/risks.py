"""What is asked before a tool of the model does it: the rules as data, and which of them a call
meets. People are shown the same list (`chat/views/consent.py`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any

from chat.tools import registry, shell_risks
from chat.tools.shell_words import MANY_FILES

SHOWN = 4_000


@dataclass(frozen=True)
class Rule:
    """`title` says what will be done, `why` what it may cost, `examples` what meets the rule."""

    name: str
    title: str
    why: str
    examples: tuple[str, ...] = ()

    def as_reason(self) -> dict[str, str]:
        return {"name": self.name, "title": self.title, "why": self.why}


RULES = (
    Rule(
        "delete",
        "Delete many files",
        "It deletes a folder, or more files than can be counted beforehand. Versions bring back "
        "what was saved in them, and no file that they leave out.",
        ("rm -r build", "rm *.log", f"rm with more than {MANY_FILES} names",
         "find . -delete", "git clean -fd", "rimraf dist"),
    ),
    Rule(
        "root",
        "Run as root of the sandbox",
        "As root a program changes the system of the sandbox, which no version brings back.",
        ("sudo apt-get install …", "su", "doas"),
    ),
    Rule(
        "publish",
        "Send it out to others",
        "What is published or pushed leaves the sandbox, and cannot be called back.",
        ("git push", "npm publish", "twine upload", "docker push", "vercel", "netlify deploy"),
    ),
    Rule(
        "history",
        "Throw away changes that git keeps",
        "Work that is not committed is gone, and git's history becomes another.",
        ("git reset --hard", "git checkout -- .", "git restore .", "git stash drop"),
    ),
    Rule(
        "hidden",
        "Run something that cannot be read beforehand",
        "What is run is downloaded, decoded or put together only then, so nobody can tell what it "
        "will do.",
        ("curl … | sh", "base64 -d … | bash", 'eval "$…"'),
    ),
    Rule(
        "mcp",
        "Use a tool of another server",
        "Vibe does not know what such a tool does, nor where it sends what it is given.",
        ("any tool of an MCP server",),
    ),
)  # fmt: skip
BY_NAME = {rule.name: rule for rule in RULES}
# What models have no tool for, whatever is allowed.
NEVER = (
    "change what the network policy lets out",
    "open a port to other people",
    "restore an earlier version (you do, also by saying “undo”)",
)


@dataclass(frozen=True)
class Found:
    """A call as it was judged: in words, and the rules that it meets."""

    name: str
    what: str
    exact: str
    reasons: list[Rule] = field(default_factory=list)
    # It changes nothing: it is carried out under every policy.
    harmless: bool = False

    def all_reasons(self) -> list[Rule]:
        """With policy "always" a call needs no rule to be asked about."""
        if self.reasons:
            return self.reasons
        return [Rule(f"tool:{self.name}", self.what, "You asked to see every change first.")]

    def asked(self, reasons: list[Rule]) -> dict[str, Any]:
        """The question before the call."""
        return {
            "tool": self.name,
            "what": self.what,
            "exact": self.exact,
            "reasons": [rule.as_reason() for rule in reasons],
        }


def of(name: str, arguments: dict[str, Any]) -> Found:
    """The call of a tool, judged. A tool that the platform does not know counts as another's."""
    if name in registry.READING | registry.TALKING:
        return Found(name, "", "", harmless=True)
    if name not in registry.TOOLS:
        return Found(name, f"Call {name}", _fields(arguments), [BY_NAME["mcp"]])
    if name == "run_command":
        return _command(arguments)
    return Found(name, *_words(name, arguments))


def _command(arguments: dict[str, Any]) -> Found:
    words = [str(arguments.get("command") or ""), *map(str, arguments.get("args") or [])]
    line = shlex.join(words)
    names = shell_risks.of_words(words)
    if arguments.get("sudo"):
        line = f"sudo {line}"
        names.add("root")
    for key, value in (arguments.get("env") or {}).items():
        # A shell runs the file that these name, before what is asked for.
        if key in ("BASH_ENV", "ENV", "LD_PRELOAD", "PROMPT_COMMAND"):
            names.add("hidden")
        line = f"{key}={shlex.quote(str(value))} {line}"
    where = str(arguments.get("cwd") or "")
    what = f"Run a command in {where}" if where not in ("", ".") else "Run a command"
    if not arguments.get("wait", True):
        what += ", in the background"
    return Found("run_command", what, line, [rule for rule in RULES if rule.name in names])


def _words(name: str, arguments: dict[str, Any]) -> tuple[str, str]:
    match name:
        case "write_files":
            paths = [str(file.get("path")) for file in arguments.get("files") or []]
            return f"Write {len(paths)} file{'' if len(paths) == 1 else 's'}", "\n".join(paths)
        case "edit_file":
            return "Change a file", str(arguments.get("path") or "")
        case "create_sandbox":
            return "Create a sandbox", str(arguments.get("name") or "")
        case "stop_command":
            return "Stop a running command", str(arguments.get("command_id") or "the latest one")
        case "get_sandbox_url":
            return "Get the address of a port", str(arguments.get("port") or "")
    return f"Use {name}", _fields(arguments)


def _fields(arguments: dict[str, Any]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in arguments.items())[:SHOWN]
