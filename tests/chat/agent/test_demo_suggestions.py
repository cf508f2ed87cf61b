"""Every suggestion that the demo model prints works when it is sent word for word."""

from __future__ import annotations

from itertools import pairwise

import pytest

from chat.agent.demo import catalogue, landing
from chat.agent.demo.scripts import offers
from chat.agent.demo.understanding.intent import understand
from tests.chat.agent.demo_offers import LANGUAGES, works
from tests.chat.agent.demo_world import World, suggestions

HELLO = {"en": "hello", "de": "Hallo", "fr": "bonjour", "es": "hola"}
HELP = {
    "en": "what can you do?", "de": "was kannst du?", "fr": "que peux-tu faire ?",
    "es": "¿qué puedes hacer?",
}  # fmt: skip


def built(recipe: str, language: str) -> tuple[World, str]:
    world = World()
    noun = catalogue.in_language(catalogue.recipe(recipe).noun, language)
    verb = {"en": "Build", "de": "Baue", "fr": "Construis", "es": "Construye"}[language]
    return world, world.say(f"{verb} {noun}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("recipe", catalogue.names())
def test_what_is_offered_after_a_recipe_works(recipe, language):
    world, words = built(recipe, language)

    assert understand(world.messages[0].parts[0].content).recipe == recipe
    assert suggestions(words), words
    for suggestion in suggestions(words):
        works(world, suggestion, language)


@pytest.mark.parametrize("recipe", catalogue.names())
def test_what_is_offered_after_each_follow_up_works(recipe):
    follow_ups = (
        "thank you", "what can you do?", "explain", "show the code", "make it nicer", "stop it",
        "fix it", "delete everything", "bye", "run the tests", "second page", "yes",
        "change the colour", "change the heading",
    )  # fmt: skip
    for follow_up in follow_ups:
        world, _ = built(recipe, "en")
        words = world.say(follow_up)
        for suggestion in suggestions(words):
            works(world, suggestion, "en")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("opening", [HELLO, HELP])
def test_what_is_offered_at_first_works(opening, language):
    world = World()

    for suggestion in suggestions(world.say(opening[language])):
        works(world, suggestion, language)


@pytest.mark.parametrize("near", ["", *offers.NEAR])
def test_what_is_offered_for_what_is_beyond_it_works(near):
    beyond = {
        "": "what is love", "game": "make tetris", "shop": "an online shop", "data": "weather app",
        "social": "clone twitter", "login": "simple login", "mobile": "an iphone app",
        "bot": "a discord bot", "picture": "draw me a logo", "words": "write a poem",
        "form": "contact form", "tool": "url shortener",
    }  # fmt: skip
    world = World()
    words = world.say(beyond[near])

    assert understand(beyond[near]).near == near
    assert len(suggestions(words)) >= 3
    for suggestion in suggestions(words):
        works(world, suggestion, "en")


@pytest.mark.parametrize(
    ("line", "code", "output"),
    [
        ("python3 nope.py", 2, "python3: can't open file '/vercel/sandbox/nope.py': [Errno 2] No"),
        ("node nope.js", 1, "Error: Cannot find module '/vercel/sandbox/nope.js'"),
        ("nodde -v", 127, ""),
        ("python3 app.py", 1, "ModuleNotFoundError: No module named 'rich'"),
        ("python3 app.py", 1, "OSError: [Errno 98] Address already in use"),
        ("python3 app.py", 1, "SyntaxError: invalid syntax"),
        ("npm test", 1, "npm ERR! missing script: test"),
    ],
)
def test_what_is_offered_after_a_failure_works(line, code, output):
    world = World(programs={line: (code, output)})
    words = world.say(f"run `{line}`")

    assert suggestions(words), words
    for suggestion in suggestions(words):
        works(world, suggestion, "en")
    mended = world.say("fix it")
    for suggestion in suggestions(mended):
        works(world, suggestion, "en")


def test_what_is_beyond_it_is_never_refused_twice_in_the_same_words():
    world = World()
    answers = [world.say("what is love") for _ in range(25)]

    assert len(set(answers)) == len(answers)
    assert all(one != other for one, other in pairwise(map(suggestions, answers)))


@pytest.mark.parametrize("subject", landing.subjects())
def test_each_subject_of_a_landing_page_has_words_and_art_of_its_own(subject):
    requests = {
        "coffee": "landing page for a coffee shop", "bakery": "website for my bakery",
        "photographer": "a site for a photographer", "gym": "gym website",
        "restaurant": "restaurant landing page", "portfolio": "my portfolio",
        "event": "page for our festival", "neutral": "landing page",
    }  # fmt: skip
    world = World()
    world.say(requests[subject])

    page = world.files["site/index.html"]
    expected = {
        "coffee": "Espresso", "bakery": "loaf", "photographer": "Portraits", "gym": "weights",
        "restaurant": "menu", "portfolio": "Selected work", "event": "Programme",
        "neutral": "What we do",
    }[subject]  # fmt: skip
    assert expected in page and "<svg" in page and "{{" not in page
