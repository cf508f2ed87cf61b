"""Healthy pages pass a visit, planted fakes do not, and hostile ones end it in time, in true words.

One app and one browser for the module; each page of the folder `pages` is visited once.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat.services.attaching.picture_size import picture_size
from sandboxes.engine import EngineUnavailable, ExecSpec, SandboxSpec, levels
from sandboxes.engine.browser import Browser, Visit, act, find, portray, visit
from tests.fixtures.length import length
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.battery]

HERE = Path(__file__).parent
PAGES = HERE / "pages"
SECONDS = 110.0
Outcomes = list[tuple[str, str, str]]


def named(kind: str) -> list[str]:
    return sorted(f"/{path.name}" for path in PAGES.glob(f"{kind}-*.html"))


class Visiting:
    """An app in a sandbox, a browser in another, and the loop that both belong to."""

    def __init__(self, place: Path) -> None:
        try:
            self.engine = levels.choose(allow_unisolated=False, allow_reduced=False)
        except EngineUnavailable as reason:
            pytest.skip(f"no isolation on this machine: {reason}")
        self.place = place
        self.loop = asyncio.new_event_loop()
        self.handle = self.engine.start(self._spec(0, timeout=1500.0))
        self.app = self.engine.agent(self.handle)
        self.app.exec(ExecSpec("pages", ["python3", "serving.py"]))
        until(lambda: 3000 in self.app.ports(), "the pages are served")
        self.browser: Browser | None = None

    def _spec(self, number: int, **options: float) -> SandboxSpec:
        name = f"v{secrets.token_hex(8)}"
        root = self.place / name
        root.mkdir(mode=0o711)
        if number == 0:
            shutil.copytree(PAGES, root / "workspace")
            shutil.copy(HERE / "serving.py", root / "workspace")
        uid = 261_000 + number if os.geteuid() == 0 else None
        return SandboxSpec(name=name, root=root, run_dir=self.place / "run", uid=uid, **options)

    def visit(self, path: str, **plan: object) -> Visit:
        return self.loop.run_until_complete(self._visit({"path": path, "explore": True, **plan}))

    async def _visit(self, plan: dict[str, object]) -> Visit:
        if self.browser is None or self.browser.is_gone:
            if self.browser is not None:
                await self.browser.close()
            program = find()
            assert program is not None
            self.browser = await Browser.start(self.engine, self._spec(1), program)
        await self.browser.renew()
        way = act if plan.get("act") else portray if plan.get("portray") else visit
        return await way(self.browser, self.app, 3000, plan, SECONDS)

    def close(self) -> None:
        if self.browser is not None:
            self.loop.run_until_complete(self.browser.close())
        self.engine.kill(self.handle)
        self.loop.close()


@pytest.fixture(scope="module")
def visiting() -> Iterator[Visiting]:
    place = Path(tempfile.mkdtemp(prefix="vibe-"))
    place.chmod(0o711)
    made = Visiting(place)
    yield made
    made.close()
    shutil.rmtree(place, ignore_errors=True)


def faults(found: Visit) -> Outcomes:
    return [(one.what, one.outcome, one.detail) for one in found.steps if one.outcome == "failed"]


# Of many kinds, forty with the notes that the server keeps: fewer than one in twenty may be taken
# for a fake, and today none is.
GOOD = length(
    [f"/good-{name}.html" for name in ("todo", "contact", "dark", "guestbook", "copy")],
    named("good"),
)
FAKE = length(
    [
        f"/fake-{name}.html"
        for name in ("dark", "empty", "form", "lost", "no-handler", "rejection-on-click")
    ],
    named("fake"),
)


@pytest.mark.parametrize("path", [*GOOD, "/notes"])
def test_a_healthy_page_passes(visiting: Visiting, path: str) -> None:
    found = visiting.visit(path)
    assert (found.broken, faults(found)) == ("", [])
    assert any(one.outcome == "ok" for one in found.steps)
    assert found.pictures["page"].startswith(b"\xff\xd8")


@pytest.mark.parametrize("path", [*FAKE, "/dropped"])
def test_a_planted_fake_is_found_out(visiting: Visiting, path: str) -> None:
    found = visiting.visit(path)
    assert found.broken == ""
    assert faults(found), found.steps


HOSTILE = {
    "/hostile-dialogs.html": "opens one dialog after the other",
    "/hostile-loop.html": "a script of it runs on",
    "/hostile-reload.html": "loads itself again and again",
    "/hostile-waits.html": "waits for /never",
    "/hostile-memory.html": "Array buffer allocation failed",
    "/hostile-leaves.html": "",
    "/never": "did not answer within",
    "/circle": "redirects in a circle",
}


@pytest.mark.parametrize("path", length(["/circle", "/hostile-leaves.html"], list(HOSTILE)))
def test_a_hostile_page_ends_the_visit_in_true_words(visiting: Visiting, path: str) -> None:
    found = visiting.visit(path)
    bad = [one for one in found.steps if one.outcome in ("failed", "unsure")]
    told = " ".join([found.broken, *(one.detail for one in bad)])
    assert (bad or found.broken) and HOSTILE[path] in told, told


def test_where_nothing_may_be_sent_a_form_is_tried_and_the_app_keeps_nothing_of_it(
    visiting: Visiting,
) -> None:
    found = visiting.visit("/notes", forms=None)
    assert faults(found) == []
    assert "What was typed goes to POST /notes." in [one.detail for one in found.steps]
    assert found.forms == []
    later = visiting.visit("/notes", explore=False)
    assert later.text.count("Vibecheck") == found.text.count("Vibecheck")


def test_a_page_stays_open_for_those_who_go_on_with_it(visiting: Visiting) -> None:
    steps = [
        {"do": "type", "target": "What is to be done?", "text": "Milk"},
        {"do": "click", "target": "Add"},
    ]
    first = visiting.visit("/good-todo.html", act=True, steps=steps)
    assert (first.afresh, faults(first)) == (True, [])
    second = visiting.visit("", act=True, steps=[{"do": "expect_text", "text": "Milk"}])
    assert (second.afresh, faults(second)) == (False, [])
    assert 'heading "To do"' in second.tree


def test_the_browser_reaches_nothing_but_the_app(visiting: Visiting) -> None:
    visiting.visit("/good-about.html")
    assert visiting.browser is not None
    assert visiting.browser.agent.ports() == [3000]


def test_a_picture_is_of_the_size_that_somebody_has_and_one_of_the_element_alone(
    visiting: Visiting,
) -> None:
    plan = {"portray": True, "width": 480, "height": 320, "selector": "button"}
    found = visiting.visit("/good-todo.html", **plan)
    assert found.broken == ""
    assert picture_size(found.pictures["page"], "image/jpeg") == (480, 320)
    cropped = picture_size(found.pictures["crop"], "image/jpeg")
    assert cropped is not None and cropped < (480, 320)

    strange = visiting.visit("/good-todo.html", portray=True, selector="');alert(1);(")
    assert (strange.broken, strange.pictures.get("crop", b"")) == ("", b"")
