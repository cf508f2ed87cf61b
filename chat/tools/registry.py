"""The list of all tools. A tool's folder bears its name; its function and card are found there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

from chat.tools.card import ToolCard
from chat.tools.server_card import ServerCard

if TYPE_CHECKING:
    from chat.tools.context import Answer

# In the order in which models are told of them.
TOOLS = (
    "create_sandbox",
    "write_files",
    "edit_file",
    "read_file",
    "list_files",
    "search_files",
    "run_command",
    "get_sandbox_url",
    "stop_command",
    "delete_files",
    "rename_file",
    "wait_for_port",
    "read_command_output",
    "send_input",
    "stop_sandbox",
    "look_at_page",
    "click",
    "type_text",
    "page_console",
    "plan_check",
    "list_sandboxes",
    "list_versions",
    "restore_version",
    "allow_host",
    "find_tools",
    "read_skill",
    "ask_user",
    "propose_plan",
    "plan_step_done",
)
# These change nothing outside the conversation, and start nothing: plan mode has no others, and
# nobody is asked before them.
READING = frozenset({
    "read_file", "list_files", "search_files", "wait_for_port", "read_command_output",
    "list_sandboxes", "list_versions", "read_skill", "find_tools",
})  # fmt: skip
# How the model talks with the person beside its text.
TALKING = frozenset({"ask_user", "propose_plan", "plan_step_done"})


def function(name: str) -> Callable[..., Awaitable[Answer]]:
    """What a model calls; the first call loads the agent library."""
    found = getattr(import_module(f"chat.tools.{name}.tool"), name)
    return cast("Callable[..., Awaitable[Answer]]", found)


@cache
def card(name: str) -> type[ToolCard] | None:
    """The tool's card; None for a name that a model made up or that an old message bears."""
    if "__" in name:
        return ServerCard
    if name not in TOOLS:
        return None
    return cast("type[ToolCard]", import_module(f"chat.tools.{name}.card").Card)
