"""Which recipe a request to build something means."""

from __future__ import annotations

from chat.agent.demo.understanding import names
from chat.agent.demo.understanding.colours import named_colour
from chat.agent.demo.understanding.lexicon import Found, find
from chat.agent.demo.understanding.meaning import Intent

# By what they are made with: of "a chat app in React" the chat is what counts.
FRAMEWORKS = ("fastapi", "flask", "react", "node_hello")
# Written differently from how their makers write them.
SPELT = {
    "go": "Go", "rust": "Rust", "java": "Java", "php": "PHP", "ruby": "Ruby", "csharp": "C#",
    "c": "C or C++", "graphql": "GraphQL", "vue": "Vue", "svelte": "Svelte",
    "angular": "Angular", "nextjs": "Next.js",
    "django": "Django", "streamlit": "Streamlit", "flask": "Flask", "fastapi": "FastAPI",
    "react": "React", "node_hello": "Node.js", "python": "Python",
}  # fmt: skip
SHORT = 6
# Recipes with contents of their own: a page "Space" with questions about music were not true.
EXAMPLES = ("quiz", "rest_api", "dashboard", "blog", "react", "buggy")
# What stands in for a language or framework that no recipe is made with.
STANDS_IN = {
    "vue": "react", "svelte": "react", "angular": "react", "nextjs": "react", "django": "flask",
    "streamlit": "dashboard",
}  # fmt: skip
MADE_WITH = {
    "todo": "python", "notes": "python", "buggy": "python", "rest_api": "node_hello",
    "chat": "node_hello", "node_hello": "node_hello", "fastapi": "fastapi", "flask": "flask",
    "react": "react",
}  # fmt: skip
# With the framework these are the framework's own recipe.
_SAME = {
    ("rest_api", "fastapi"), ("rest_api", "node_hello"), ("chat", "node_hello"),
    ("landing", "react"), ("landing", "flask"), ("notes", "flask"),
}  # fmt: skip


def wanted(text: str, found: Found) -> Intent | None:
    """The recipe that the text names; None when it names none."""
    things = [name for name in found.all("build.") if name not in ("landing", *FRAMEWORKS)]
    frameworks = [name for name in found.all("build.") if name in FRAMEWORKS]
    other = found.first("other.")
    if "buggy" in things:
        recipe = "buggy"
    elif things:
        recipe = things[0]
    elif frameworks:
        recipe = frameworks[0]
    elif _means_site(text, found):
        recipe = "landing"
    elif other and found.has("do.create", "broad.server", "broad.app", "build.landing", "one"):
        recipe = STANDS_IN.get(other, "node_hello")
    elif found.has("build.landing") and found.has("do.create", "near.shop"):
        recipe = "landing"
    else:
        return None
    # "A Python hello world" is Python; "hello world" alone is Node.
    if recipe == "node_hello" and found.has("broad.python"):
        recipe = "todo"
    if recipe == "rest_api" and (frameworks[:1] == ["fastapi"] or found.has("broad.python")):
        recipe = "fastapi"
    if recipe in ("notes", "landing") and "flask" in frameworks:
        recipe = "flask"
    if recipe == "landing" and "react" in frameworks:
        recipe = "react"
    return _intent(text, found, recipe, other or _other_framework(recipe, frameworks, found))


def _means_site(text: str, found: Found) -> bool:
    if found.has("build.landing") and not found.first("near."):
        return True
    return bool(_subject(found)) and (
        found.has("build.landing", "do.create") or _is_short(text, found)
    )


def broad(text: str, found: Found) -> Intent | None:
    """A recipe for "a game", "an app", "something with Python"."""
    makes = found.has("do.create", "one") or len(found.tokens) <= 3
    if not makes or (found.first("near.") and not found.has("broad.python")):
        return None
    if found.has("broad.game") and found.strange:
        # Some game that it does not know.
        return Intent("unknown", near="game")
    for concept, recipe in (
        ("broad.game", "snake"),
        ("broad.server", "node_hello"),
        ("broad.python", "todo"),
        ("broad.javascript", "node_hello"),
    ):
        if found.has(concept):
            return _intent(text, found, recipe, "")
    if found.has("broad.app") and found.has("do.create"):
        return _intent(text, found, "todo", "")
    return None


def _intent(text: str, found: Found, recipe: str, other: str) -> Intent:
    intent = Intent("build", recipe=recipe, heading=names.heading(text))
    if names.is_only(intent.heading, "build."):
        # "Build a kanban board" names the thing itself.
        intent.heading = ""
    if recipe in EXAMPLES:
        about = "" if names.is_only(intent.heading, "other.") else intent.heading
        intent.heading, intent.text = names.called(text), about
    elif recipe == "landing":
        intent.subject = _subject(found)
        if names.is_only(intent.heading, "subject."):
            # "A bakery" is what it is for, and no name.
            intent.heading = ""
    else:
        intent.heading = intent.heading or _own_list(text, recipe)
    # "Golden Crust" is a name, and no wish for a colour.
    rest = text.replace(intent.heading, "", 1) if intent.heading else text
    intent.colour = named_colour(rest, find(rest))
    intent.instead_of = SPELT.get(other, "")
    return intent


def _subject(found: Found) -> str:
    """Of "a portfolio for a photographer" the photographer."""
    subjects = found.all("subject.")
    return next((name for name in subjects if name != "portfolio"), subjects[0] if subjects else "")


def _is_short(text: str, found: Found) -> bool:
    return len(found.tokens) <= SHORT or (bool(names.heading(text)) and "?" not in text)


def _other_framework(recipe: str, frameworks: list[str], found: Found) -> str:
    """A framework or language that was named and that the recipe is not made with."""
    made_with = MADE_WITH.get(recipe, "")
    named = [*frameworks, *(["python"] if found.has("broad.python") else [])]
    if not named or made_with in named or {(recipe, name) for name in named} & _SAME:
        return ""
    if named == ["python"] and made_with in ("flask", "fastapi"):
        return ""
    return named[0]


def _own_list(text: str, recipe: str) -> str:
    """ "Shopping list" is a to-do list of that name."""
    kinds = {
        "todo": ("shopping list", "grocery list", "packing list", "bucket list", "habit tracker",
                 "wish list", "checklist", "einkaufsliste", "packliste", "checkliste",
                 "liste de courses", "lista de la compra", "lista de compras"),
        "notes": ("journal", "diary", "recipe book", "bookmarks", "address book", "contact list",
                  "tagebuch", "kochbuch", "adressbuch", "journal intime", "diario"),
    }  # fmt: skip
    small = text.lower()
    named = next((kind for kind in kinds.get(recipe, ()) if kind in small), "")
    return named[:1].upper() + named[1:]
