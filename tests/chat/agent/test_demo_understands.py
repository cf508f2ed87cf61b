"""Which step the demo model takes first for what people say."""

from __future__ import annotations

import pytest
from pydantic_ai.messages import (
    ModelMessage,
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    ToolReturnPart,
    UserPromptPart,
)

from chat.agent.demo.replay import next_step
from chat.agent.demo.steps import Call, Say
from chat.agent.demo.understanding.colours import named_colour
from chat.agent.demo.understanding.lexicon import find
from tests.chat.agent.demo_world import suggestions


def asked(text: str) -> ModelRequest:
    return ModelRequest(parts=[UserPromptPart(text)])


def called(tool: str, arguments: dict, result: object, outcome: str = "success") -> list:
    call = ToolCallPart(tool, arguments)
    answer = ToolReturnPart(tool, result, call.tool_call_id, outcome=outcome)
    return [ModelResponse(parts=[call]), ModelRequest(parts=[answer])]


SANDBOX = [asked("Create a new sandbox"), *called("create_sandbox", {}, {"name": "box"})]
NODE = [
    *SANDBOX,
    asked("node app"),
    *called(
        "write_files",
        {
            "files": [
                {
                    "path": "index.js",
                    "content": "<h1>Hi</h1> --accent: #111; --page: #fff; app.listen(3000)",
                }
            ]
        },
        {"written": ["index.js"]},
    ),
]
RUNNING = [
    *NODE,
    asked("Run the app with node index.js"),
    *called(
        "run_command",
        {"command": "node", "args": ["index.js"], "wait": False},
        {"command_id": "cmd_1", "status": "running", "listening_ports": [3000]},
    ),
]


def first(text: str, before: list[ModelMessage]) -> tuple[str, dict]:
    step = next_step([*before, asked(text)])
    assert isinstance(step, Call), step.words
    return step.tool, step.arguments


@pytest.mark.parametrize(
    "text",
    [
        "Create a new sandbox",
        "please make me another sandbox",
        "I need a fresh environment",
        "set up a sandbox for me",
    ],
)
def test_a_sandbox_is_made_in_the_place_of_the_one_there_is(text):
    assert first(text, SANDBOX) == ("create_sandbox", {"fresh_start": True})


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("Create a simple Node.js hello world app", "index.js"),
        ("make a nodejs server", "index.js"),
        ("Write a hello world", "index.js"),
        ("Create a Python hello world web app", "app.py"),
        ("Build a todo app in Flask", "app.py"),
        ("build me a to-do list", "app.py"),
        ("Create a static page", "site/index.html"),
        ("Build a landing page for my bakery", "site/index.html"),
        ("make a website in blue", "site/index.html"),
        ("Create a snake game", "snake/index.html"),
    ],
)
def test_a_program_is_written(text, file):
    tool, arguments = first(text, SANDBOX)

    assert tool == "write_files"
    assert file in [one["path"] for one in arguments["files"]]


@pytest.mark.parametrize(
    ("text", "command", "args"),
    [
        ("run `ls -la`", "ls", ["-la"]),
        ("Run python3 --version", "python3", ["--version"]),
        ("please execute uname -a.", "uname", ["-a"]),
        ("run `echo $HOME | wc -c`", "bash", ["-lc", "echo $HOME | wc -c"]),
        ("can you run `cat 'a b.txt'` for me", "cat", ["a b.txt"]),
        ("Run the app with node index.js", "node", ["index.js"]),
    ],
)
def test_a_command_is_run(text, command, args):
    tool, arguments = first(text, SANDBOX)

    assert tool == "run_command"
    assert (arguments["command"], arguments["args"]) == (command, args)


def test_a_server_is_started_in_the_background():
    assert first("Run the app with node index.js", NODE)[1]["wait"] is False


def test_an_ordinary_program_is_awaited():
    assert first("run `node --version`", NODE)[1]["wait"] is True


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("What's the URL for port 3000?", 3000),
        ("what is the url", 3000),
        ("Give me the link to port 8080", 8080),
        ("where can I see it?", 3000),
    ],
)
def test_an_address_is_looked_up(text, port):
    assert first(text, RUNNING) == ("get_sandbox_url", {"port": port})


@pytest.mark.parametrize(
    "text",
    [
        "change the heading to Hello Berlin",
        "Change the text to “Good morning”",
        "Change the colour to green",
        "make it dark blue",
        "set the background to #ff8800",
    ],
)
def test_a_change_begins_with_reading_the_file(text):
    assert first(text, RUNNING) == ("read_file", {"path": "index.js"})


def test_a_change_keeps_everything_else_of_the_file_as_it_is_now():
    present = "// mine\n<h1 class='x'>Old</h1>\n--accent: red;"

    step = next_step(
        [
            *RUNNING,
            asked("change the heading to A & `B`"),
            *called("read_file", {"path": "index.js"}, {"content": present}),
        ]
    )

    assert isinstance(step, Call)
    assert step.arguments["files"] == [
        {
            "path": "index.js",
            "content": "// mine\n<h1 class='x'>A &amp; &#96;B&#96;</h1>\n--accent: red;",
        }
    ]


def test_a_changed_program_is_restarted():
    step = next_step(
        [
            *RUNNING,
            asked("make it green"),
            *called("read_file", {"path": "index.js"}, {"content": "--accent: red;"}),
            *called("write_files", {"files": []}, {"written": []}),
        ]
    )

    assert isinstance(step, Call)
    assert (step.tool, step.arguments) == ("stop_command", {"command_id": "cmd_1"})


@pytest.mark.parametrize("text", ["stop the server", "Stop it", "kill it please"])
def test_the_server_is_stopped(text):
    assert first(text, RUNNING) == ("stop_command", {"command_id": "cmd_1"})


@pytest.mark.parametrize("text", ["run it again", "restart the server", "start the app"])
def test_the_server_is_started_again(text):
    stopped = [*RUNNING, asked("stop"), *called("stop_command", {}, {"command_id": "cmd_1"})]

    tool, arguments = first(text, stopped)

    assert (tool, arguments["command"], arguments["args"]) == ("run_command", "node", ["index.js"])


@pytest.mark.parametrize("text", ["show index.js", "read the file index.js", "what's in index.js?"])
def test_a_file_is_shown(text):
    assert first(text, NODE) == ("read_file", {"path": "index.js"})


@pytest.mark.parametrize("text", ["list the files", "which files are there?", "show me the files"])
def test_files_are_listed(text):
    assert first(text, NODE)[0] == "list_files"


@pytest.mark.parametrize("text", ["write me a poem", "what is the capital of France", "…", "1+1"])
def test_what_it_cannot_do_it_says_with_what_it_can_and_how_to_get_a_real_model(text):
    step = next_step([*SANDBOX, asked(text)])

    assert isinstance(step, Say)
    assert "I am the demo model" in step.words
    assert "OPENAI_API_KEY" in step.words and suggestions(step.words)


def test_without_node_it_says_so_and_offers_python():
    step = next_step(
        [
            *NODE,
            asked("Run the app with node index.js"),
            *called(
                "run_command",
                {"command": "node", "args": ["index.js"], "wait": False},
                {"command_id": "c", "outcome": "could not start", "exit_code": 127,
                 "error": "No such file or directory: node", "output": ""},
            ),
        ]
    )  # fmt: skip

    assert isinstance(step, Say)
    assert "Node.js does not seem to be installed" in step.words
    assert suggestions(step.words) == ["Build a to-do app in Python"]


def test_a_failed_tool_ends_the_turn_in_words():
    step = next_step(
        [
            asked("Create a new sandbox"),
            *called(
                "create_sandbox",
                {},
                "create_sandbox failed: You have 20 sandboxes running.\nCode: limit\n"
                "What to do: Stop one.\nParameters: {}",
                outcome="failed",
            ),
        ]
    )

    assert step == Say("That did not work. You have 20 sandboxes running. Stop one.")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("make it blue", "#2563eb"),
        ("#0af please", "#00aaff"),
        ("from red to green", "#16a34a"),
        ("dark green", "#0e652e"),
        ("sparkling", ""),
    ],
)
def test_colours_have_names_shades_and_codes(text, value):
    assert named_colour(text, find(text)) == value
