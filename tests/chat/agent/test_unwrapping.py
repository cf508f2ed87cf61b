"""Arguments that are right but wrapped, by the schemas of the real tools."""

from __future__ import annotations

import json

import pytest
from pydantic_ai import FunctionToolset

from chat.agent.wire import unwrapping
from chat.tools import registry

FILE = {"path": "a.py", "content": "x = 1\n"}


def schema(tool: str) -> dict:
    tools = FunctionToolset([registry.function(tool)], docstring_format="google")
    return tools.tools[tool].function_schema.json_schema


@pytest.mark.parametrize(
    ("tool", "given", "meant"),
    [
        ("write_files", {"files": json.dumps([FILE])}, {"files": [FILE]}),
        ("write_files", {"files": FILE}, {"files": [FILE]}),
        ("write_files", {"files": json.dumps(FILE)}, {"files": [FILE]}),
        ("write_files", {"files": {"0": FILE, "1": FILE}}, {"files": [FILE, FILE]}),
        ("write_files", {"files": [json.dumps(FILE)]}, {"files": [FILE]}),
        ("write_files", json.dumps(json.dumps({"files": [FILE]})), {"files": [FILE]}),
        ("write_files", '```json\n{"files": [],}\n```', {"files": []}),
        ("run_command", {"command": "node", "env": {"PORT": 3000, "DEBUG": True}},
         {"command": "node", "env": {"PORT": "3000", "DEBUG": "true"}}),
        ("run_command", {"command": "node", "env": '{"PORT": 3000}', "wait": "false"},
         {"command": "node", "env": {"PORT": "3000"}, "wait": False}),
        ("run_command", {"command": "seq", "args": [1, 5]}, {"command": "seq", "args": ["1", "5"]}),
        ("run_command", {"command": "ls", "args": '["-l"]'}, {"command": "ls", "args": ["-l"]}),
        ("get_sandbox_url", {"port": "3000"}, {"port": 3000}),
        ("read_file", {"path": "a\x00\ud83d"}, {"path": "a\ufffd\ufffd"}),
        ("list_files", "", {}),
        # Text that looks like JSON is text where text is wanted.
        ("write_files", {"files": [{"path": "a.json", "content": "[1]"}]},
         {"files": [{"path": "a.json", "content": "[1]"}]}),
        # One argument or two? The model has to say.
        ("run_command", {"command": "ls", "args": "-l a"}, {"command": "ls", "args": "-l a"}),
    ],
)  # fmt: skip
def test_what_is_meant_is_unwrapped(tool, given, meant):
    assert unwrapping.arguments(given, schema(tool)) == meant


@pytest.mark.parametrize("given", ["[1]", "7", "{no", '"words"'])
def test_what_is_no_object_is_not_guessed_at(given):
    assert unwrapping.arguments(given, schema("list_files")) is None


def test_a_model_is_shown_the_form_of_the_arguments():
    shown = unwrapping.example(schema("write_files"))
    assert shown == {"files": [{"path": "…", "content": "…"}]}
