"""What a request to the demo model means after others, and that its answers are true."""

from __future__ import annotations

import re

import pytest

from chat.agent.demo import catalogue
from tests.chat.agent.demo_world import World


def tools(world: World) -> list[str]:
    return [call.tool for call in world.calls]


@pytest.fixture
def snake() -> World:
    world = World()
    world.say("make a snake game")
    return world


@pytest.fixture
def site() -> World:
    world = World()
    world.say("landing page for a coffee shop")
    return world


def test_the_colour_changes_in_the_file_that_defines_it(snake):
    script = snake.files["snake/snake.js"]

    snake.say("change the colour to purple")

    assert "--accent: #9333ea;" in snake.files["snake/style.css"]
    assert snake.files["snake/snake.js"] == script


@pytest.mark.parametrize("recipe", catalogue.names())
def test_the_colour_of_every_recipe_can_be_changed(recipe):
    world = World()
    world.say(f"Build {catalogue.recipe(recipe).noun['en']}")

    world.say("change the colour to green")

    assert [path for path, text in world.files.items() if "--accent: #16a34a" in text]


def test_letters_on_a_bright_colour_are_dark(site):
    site.say("make it yellow")
    site.say("change the colour to #fde047")

    assert "--on-accent: #16181d" in site.files["site/style.css"]


def test_a_second_page_replaces_nothing(site):
    before = site.files["site/index.html"]

    site.say("create a second page")

    assert 'href="about.html"' in site.files["site/index.html"]
    assert site.files["site/index.html"].replace('<a href="about.html">About</a>', "") == before
    assert "About" in site.files["site/about.html"]


def test_a_third_page_of_the_same_name_gets_another(site):
    site.say("second page")
    first = site.files["site/about.html"]
    site.say("one more page")

    assert site.files["site/about.html"] == first
    assert "site/about-2.html" in site.files


def test_a_page_that_the_person_made_is_not_overwritten(site):
    site.files["site/about.html"] = "mine"

    site.say("add an about page")

    assert site.files["site/about.html"] == "mine"


def test_the_same_app_again_goes_beside_the_first(site):
    before = dict(site.files)

    site.say("landing page for a gym")

    assert before.items() <= site.files.items()
    assert "weights" in site.files["site-2/index.html"]


def test_files_that_it_knows_nothing_of_are_not_overwritten():
    world = World(has_sandbox=True, files={"app.py": "mine"})
    world.say("run `ls`")

    world.say("build a to-do app in Python")

    assert world.files["app.py"] == "mine" and "todo/app.py" in world.files


def test_undo_puts_back_what_the_last_change_replaced(site):
    before = dict(site.files)
    site.say("change the colour to red")
    site.say("change the heading to Tea")

    site.say("undo")
    site.say("undo")

    assert site.files == before


def test_undo_leaves_alone_what_the_person_changed_since(site):
    site.say("change the colour to red")
    site.files["site/style.css"] += "/* mine */"

    words = site.say("undo")

    assert site.files["site/style.css"].endswith("/* mine */")
    assert "changed after me" in words


def test_undo_with_nothing_to_undo_says_so(site):
    assert "nothing that I could undo" in site.say("undo")


def test_deleting_moves_into_the_trash_and_undo_brings_back(site):
    before = dict(site.files)
    site.say("delete style.css")
    assert "site/style.css" not in site.files

    site.say("undo")

    assert site.files == before


@pytest.mark.parametrize("text", ["delete everything", "rm -rf /", "rm -rf *", "remove all files"])
def test_nothing_deletes_everything(site, text):
    before = dict(site.files)

    site.say(text)

    assert site.files == before and tools(site) == []


def test_dark_mode_adds_a_switch_once(site):
    assert "follows the dark or light setting" in site.say("add dark mode")
    once = site.files["site/index.html"]

    assert "there already" in site.say("add dark mode")
    assert site.files["site/index.html"] == once and once.count("data-theme-switch") == 2


def test_a_changed_program_is_restarted():
    world = World()
    world.say("create and run a node hello world")
    world.say("change the heading to Good day")

    assert tools(world)[1:] == ["write_files", "stop_command", "run_command", "get_sandbox_url"]


def test_the_app_that_is_named_is_the_one_that_is_stopped_and_started():
    world = World()
    world.say("make a snake game")
    world.say("build a quiz")

    world.say("stop the snake game")
    assert list(world.ports.values()) == [3001]
    words = world.say("run the snake game again")

    assert "http://3000-" in words


def test_a_missing_script_is_not_a_missing_python():
    output = (
        "python3: can't open file '/vercel/sandbox/nope.py': [Errno 2] No such file or directory"
    )
    world = World(programs={"python3 nope.py": (2, output)})

    words = world.say("python3 nope.py")

    assert "installed" not in words and "can't open file" in words
    assert "`/vercel/sandbox/nope.py`, which is not in the sandbox" in world.say("fix it")


def test_a_missing_package_is_installed_and_the_program_tried_again():
    world = World(programs={"python3 a.py": (1, "ModuleNotFoundError: No module named 'rich'")})
    world.say("run `python3 a.py`")
    world.programs.clear()

    words = world.say("fix it")

    assert [call.arguments["args"] for call in world.calls] == [["install", "rich"], ["a.py"]]
    assert words == "That works now."


def test_a_taken_port_leads_to_another_one():
    world = World()
    world.say("build a to-do app in Python")
    world.programs["python3 app.py"] = (1, "OSError: [Errno 98] Address already in use")
    world.say("run it again")
    world.programs.clear()

    words = world.say("fix it")

    assert "running at" in words
    assert [call.arguments["env"] for call in world.calls if "env" in call.arguments] == [
        {"PORT": "3001"}
    ]


def test_an_app_takes_the_next_port_when_one_is_held_by_somebody_else():
    taken = (1, "OSError: [Errno 98] Address already in use")
    world = World(programs={"python3 -u -m http.server 3000 --directory quiz": taken})

    words = world.say("build a quiz")

    assert "http://3001-" in words


@pytest.mark.parametrize("fix", ["fix it", "Behebe den Fehler", "corrige l'erreur", "arréglalo"])
def test_the_planted_bug_is_found_and_mended(fix):
    world = World()
    world.say("build an app with a bug")
    assert 'bill["persons"]' in world.files["bill/app.py"]

    world.say(fix)

    namespace: dict = {"__name__": "bill", "__file__": "/x/bill/app.py"}
    exec(world.files["bill/app.py"], namespace)  # the program itself
    assert namespace["share"]({"amount": "30", "tip": "10", "people": "3"}) == {
        "total": 33.0,
        "each": 11.0,
    }


@pytest.mark.parametrize(
    ("text", "asked", "made"),
    [
        ("create a Go server", "Go", "Node.js"),
        ("build a todo app in Flask", "Flask", "Python"),
        ("Vue app", "Vue", "React"),
        ("a django project", "Django", "Flask"),
    ],
)
def test_another_language_than_asked_for_is_said_before_and_after(text, asked, made):
    world = World()

    words = world.say(text)

    written = next(call for call in world.calls if call.tool == "write_files")
    assert asked in written.words and made in written.words
    assert re.search(rf"made with .*{made}.*, not with {asked}", words)


def test_contents_that_are_examples_are_said_to_be_some():
    world = World()

    words = world.say("make a quiz about space")

    assert "not yet about “Space”" in words


def test_a_file_is_written_only_where_none_is(site):
    site.say("write hello to notes.txt")
    site.say("write goodbye to notes.txt")

    assert site.files["notes.txt"] == "hello\n"


def test_a_sandbox_that_is_gone_is_made_anew(site):
    site.has_sandbox, site.files = False, {}

    site.say("build a quiz")

    assert "create_sandbox" in tools(site) and "quiz/index.html" in site.files


def test_a_renamed_file_is_followed_by_those_that_name_it(site):
    site.say("rename style.css to look.css")

    assert 'href="look.css"' in site.files["site/index.html"] and "site/look.css" in site.files


def test_a_file_is_not_renamed_over_another(site):
    before = dict(site.files)

    site.say("rename style.css to base.css")

    assert site.files == before


def test_a_file_that_cannot_be_read_whole_is_not_changed(site, monkeypatch):
    real = World.answer

    def cut(world, step):
        ok, content = real(world, step)
        return ok, {**content, "note": "There is more."} if step.tool == "read_file" else content

    monkeypatch.setattr(World, "answer", cut)
    before = dict(site.files)

    assert "too long" in site.say("change the colour to red")
    assert site.files == before


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("danke", "Gern gesch"),
        ("merci", "Avec plaisir"),
        ("gracias", "De nada"),
        ("thx", "You are"),
    ],
)
def test_it_answers_in_the_language_of_the_request(site, text, start):
    assert site.say(text).startswith(start)


def test_a_bare_command_keeps_the_language_of_the_conversation():
    world = World()
    world.say("Hallo")

    assert "Ende mit" in world.say("ls -la")


def test_a_request_during_the_work_is_done_once_that_is_brought_to_its_end():
    world = World()

    said = world.say("landing page for a coffee shop", meanwhile="change the colour to purple")

    assert tools(world)[0] == "create_sandbox"
    assert "run_command" in tools(world)
    assert any("--accent: #9333ea" in text for text in world.files.values())
    assert "page is ready" not in said


def test_a_request_during_the_work_that_needs_no_tool_is_answered_with_it():
    world = World()

    said = world.say("Create a new sandbox", meanwhile="thank you")

    assert tools(world) == ["create_sandbox"]
    assert said.count("\n\n") >= 1


def test_a_port_that_a_slow_server_has_not_opened_yet_is_not_given_to_another(monkeypatch):
    real = World.run

    def slow(world, arguments):
        ok, content = real(world, arguments)
        return ok, {**content, "listening_ports": []} if "status" in content else content

    monkeypatch.setattr(World, "run", slow)
    world = World()
    world.say("build a quiz")

    world.say("build a calculator")
    world.say("build a memory game")

    assert sorted(world.ports.values()) == [3000, 3001, 3002]
