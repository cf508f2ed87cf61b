"""All requests of the data, said for real: nothing is lost, and what is offered works."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest

from chat.agent.demo import catalogue
from tests.chat.agent.demo_offers import LANGUAGES, works
from tests.chat.agent.demo_requests import REQUESTS
from tests.chat.agent.demo_world import World, suggestions

BUILD = {
    "en": "landing page for a coffee shop", "de": "Webseite für ein Café",
    "fr": "un site web pour un café", "es": "una página web para una cafetería",
}  # fmt: skip
# What these are asked for is to change a file that there is; a page is linked from the first.
CHANGING = {
    "colour", "background", "words", "size", "dark", "nicer", "undo", "delete", "page", "rename",
    # The new one is empty; the other stays as it is.
    "sandbox",
}  # fmt: skip


@cache
def _built(language: str) -> World:
    world = World()
    world.say(BUILD[language])
    return world


def _world(language: str, *, has_app: bool) -> World:
    return _built(language).kept() if has_app else World()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_follow_up_loses_or_overwrites_a_file(language):
    for text, has_app, expected, spoken in REQUESTS:
        if spoken != language:
            continue
        world = _built(language).kept()
        before = dict(world.files)

        world.say(text)

        kinds = {reading.split()[0] for reading in expected.split("|")}
        if not kinds & {"delete", "sandbox"}:
            assert before.keys() <= world.files.keys(), text
        if has_app and not kinds & CHANGING:
            assert before.items() <= world.files.items(), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_offered_after_any_request_works(language):
    tried: set[tuple[bool, str]] = set()
    for text, has_app, _, spoken in REQUESTS:
        if spoken != language:
            continue
        world = _world(language, has_app=has_app)
        for suggestion in suggestions(world.say(text)):
            if (has_app, suggestion) not in tried:
                tried.add((has_app, suggestion))
                works(world, suggestion, language)
    assert tried


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_one_conversation_nothing_is_refused_twice_in_the_same_words(language):
    beyond = [
        text
        for text, _, expected, spoken in REQUESTS
        if spoken == language and expected == "unknown"
    ]
    world = _built(language).kept()

    answers = [world.say(text).replace(text, "") for text in beyond]

    assert len(beyond) >= 2
    assert len(set(answers)) == len(answers)
    assert all(one != other for one, other in pairwise(map(suggestions, answers)))


@pytest.mark.parametrize("recipe", catalogue.names())
def test_no_page_makes_the_browser_ask_for_an_icon_that_is_not_there(recipe):
    """That would be an error in the console of an app without one."""
    world = World()
    world.say(f"Build {catalogue.recipe(recipe).noun['en']}")
    world.say("add a second page")

    pages = [path for path, text in world.files.items() if "<title>" in text]

    assert pages
    assert all('<link rel="icon"' in world.files[path] for path in pages)
