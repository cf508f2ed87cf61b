"""Each folder of a tool is registered, and whole: a copied folder and one line make a tool."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import chat.agent.demo
from chat.models import Part
from chat.rendering.cards import card
from chat.tools import registry
from chat.tools.card import ToolCard

TOOLS = Path(registry.__file__).parent
DEMO_SCRIPTS = Path(chat.agent.demo.__file__).parent / "scripts"
# Why the demo model does without a tool. For a new one: call it in a script of the demo, or say
# here why not.
NOT_IN_DEMO = {
    "edit_file": "it only changes pages that it wrote itself, and writes those anew",
    "delete_files": "it runs rm, as people type it",
    "rename_file": "it runs mv, as people type it",
    "wait_for_port": "its servers open their port at once",
    "read_command_output": "the answer to run_command tells it enough",
    "send_input": "nothing that it starts asks back",
    "stop_sandbox": "its person has a button for that",
    "list_sandboxes": "it uses one only",
    "list_versions": "it says “undo” is understood",
    "restore_version": "it says “undo” is understood",
    "look_at_page": "it sees nothing",
    "click": "it sees nothing",
    "type_text": "it sees nothing",
    "page_console": "it sees nothing",
    "plan_check": "the platform tries the controls of its pages by itself",
    "find_tools": "it uses its own tools only",
    "allow_host": "its programs need no other host",
    "read_skill": "it has scripts of its own and follows no instructions",
}


def called_by_demo() -> set[str]:
    """First argument of each `Call("…")` in the demo's scripts."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in DEMO_SCRIPTS.glob("*.py")]
    return {
        node.args[0].value
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Call"
        and isinstance(node.args[0], ast.Constant)
    }


def test_folders_and_registered_names_are_the_same():
    folders = {path.name for path in TOOLS.iterdir() if path.is_dir()} - {"__pycache__"}

    assert sorted(registry.TOOLS) == sorted(folders)


@pytest.mark.parametrize("name", registry.TOOLS)
def test_a_tool_and_each_of_its_arguments_are_described_for_models(name):
    from chat.agent import toolset

    tool = toolset.build().wrapped.tools[name]

    assert tool.description
    properties = tool.function_schema.json_schema["properties"]
    assert all(given.get("description") for given in properties.values()), properties
    assert inspect.getmodule(tool.function).__name__ == f"chat.tools.{name}.tool"


@pytest.mark.parametrize("name", registry.TOOLS)
def test_a_tool_has_a_card_with_words_of_its_own(name):
    found = registry.card(name)

    assert issubclass(found, ToolCard)
    assert found.__module__ == f"chat.tools.{name}.card"
    shown = {
        card(Part(kind="tool_call", tool=name, state=state)).verb
        for state in ("running", "done", "failed")
    }
    assert len(shown) == 3
    assert not any(name in verb for verb in shown), "these are the words of an unknown tool"


def test_a_name_that_no_tool_bears_has_no_card():
    assert registry.card("registry") is None
    assert registry.card("../context") is None


def test_the_demo_calls_a_tool_or_it_is_said_why_not():
    assert called_by_demo() | set(NOT_IN_DEMO) == set(registry.TOOLS)
    assert not called_by_demo() & set(NOT_IN_DEMO)


@pytest.mark.slow
def test_cards_do_not_load_the_agent_library():
    code = (
        "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'vibe.settings'; "
        "django.setup(); from chat.models import Part; from chat.rendering.cards import card; "
        "from chat.tools import registry; "
        "[card(Part(kind='tool_call', tool=name)) for name in registry.TOOLS]; "
        "print([m for m in ('pydantic_ai', 'openai', 'anthropic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert done.stdout.strip() == "[]", done.stderr
