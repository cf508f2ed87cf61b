"""What is asked before a tool of the model does it: the rules as data, and which of them a call
meets. People are shown the same list (`chat/views/consent.py`).
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace
from typing import Any

from chat.tools import registry, shell_risks
from chat.tools.shell_words import INTERPRETERS, MANY_FILES, ROOT

SHOWN = 4_000


@dataclass(frozen=True)
class Rule:
    """`title` says what will be done, `why` what it may cost, `examples` what meets the rule."""

    name: str
    title: str
    why: str
    examples: tuple[str, ...] = ()
    # Whatever the person has allowed before, and under every policy.
    each_time: bool = False

    def as_reason(self) -> dict[str, str]:
        return {"name": self.name, "title": self.title, "why": self.why}


RULES = (
    Rule(
        "delete",
        "Delete many files",
        "It deletes a folder, or more files than can be counted beforehand. Versions bring back "
        "what was saved in them, and no file that they leave out.",
        ("rm -r build", "rm *.log", f"rm with more than {MANY_FILES} names",
         "find . -delete", "git clean -fd", "rimraf dist", "a folder with delete_files"),
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
        "restore",
        "Put an earlier version back",
        "The files are those of before; the present ones become a version too.",
        ("restore_version",),
    ),
    Rule(
        "network",
        "Let the sandbox reach another host",
        "Programs in it can then send there whatever they read. You are asked each time.",
        ("allow_host",),
        each_time=True,
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
    "let a sandbox reach a host without asking you",
    "open a port to other people",
    "use a sandbox that is not this conversation’s",
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
            "each_time": any(rule.each_time for rule in reasons),
        }


def of(name: str, arguments: dict[str, Any]) -> Found:
    """The call of a tool, judged. A tool that the platform does not know counts as another's."""
    if name in registry.READING | registry.TALKING:
        return Found(name, "", "", harmless=True)
    if name not in registry.TOOLS:
        server, _, tool = name.partition("__")
        # What is allowed of one server is not allowed of another.
        rule = replace(
            BY_NAME["mcp"], name=f"mcp:{server}", title=f"Use a tool of the server {server}"
        )
        return Found(name, f"Call {tool or name} of {server}", _fields(arguments), [rule])
    if name == "run_command":
        return _command(arguments)
    names = _rules_of(name, arguments)
    return Found(name, *_words(name, arguments), [rule for rule in RULES if rule.name in names])


def _rules_of(name: str, arguments: dict[str, Any]) -> set[str]:
    match name:
        case "delete_files":
            many = len(arguments.get("paths") or []) > MANY_FILES
            return {"delete"} if many or arguments.get("folders") else set()
        case "send_input":
            # Who reads it may be a shell.
            return shell_risks.of_line(str(arguments.get("text") or ""))
        case "restore_version":
            return {"restore"}
        case "allow_host":
            return {"network"}
    return set()


def _command(arguments: dict[str, Any]) -> Found:
    words = [str(arguments.get("command") or ""), *map(str, arguments.get("args") or [])]
    line = shlex.join(words)
    names = shell_risks.of_words(words)
    if arguments.get("sudo"):
        line = f"sudo {line}"
        names.add("root")
    if arguments.get("stdin") and _takes_code(words):
        names.add("hidden")
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


def _takes_code(words: list[str]) -> bool:
    """Whether one of the words is a program that runs what it reads: then nobody can tell what."""
    names = {word.rpartition("/")[2] for word in words}
    reads = INTERPRETERS | ROOT | {"ssh", "eval"}
    return any(name in reads or name.startswith("python") for name in names)


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
        case "delete_files":
            paths = [str(path) for path in arguments.get("paths") or []]
            return f"Delete {len(paths)} path{'' if len(paths) == 1 else 's'}", "\n".join(paths)
        case "rename_file":
            return "Rename", f"{arguments.get('source')} → {arguments.get('target')}"
        case "send_input":
            return "Type into a running command", str(arguments.get("text") or "")
        case "stop_sandbox":
            return "Stop the sandbox", str(arguments.get("sandbox") or "")
        case "restore_version":
            return f"Restore version {arguments.get('number')}", ""
        case "allow_host":
            # Letters that only look like others show themselves.
            host = str(arguments.get("host") or "").encode("ascii", "backslashreplace").decode()
            where = arguments.get("sandbox")
            what = f"Allow a host in {where}" if where else "Allow a host in the sandbox"
            return what, f"{host}:{arguments.get('port') or 443}"
        case "get_sandbox_url":
            return "Get the address of a port", str(arguments.get("port") or "")
    return f"Use {name}", _fields(arguments)


def _fields(arguments: dict[str, Any]) -> str:
    return "\n".join(f"{key}: {value}" for key, value in arguments.items())[:SHOWN]
