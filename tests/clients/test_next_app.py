"""A Next.js app shows what runs in a sandbox in a frame, with nothing but what `env vercel` says.

Its page asks a route of the app for a sandbox and puts what `domain()` gives into an iframe. The
route has a client of each age, compiled into the app or left in node_modules, by both bundlers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.clients.conftest import HERE, NODE_PACKAGES, run
from tests.fixtures import packages
from tests.fixtures.length import length
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.sandbox, pytest.mark.battery, pytest.mark.browser]

CLIENTS = {
    **{name: word for name, word in NODE_PACKAGES.items() if name.startswith("sb")},
    "sb0": "npm:@vercel/sandbox@0.0.17",
    "sb20": "npm:@vercel/sandbox@2.0.0",
}
# Each way, each bundler and each place once; at full length every mixture that has failed before.
SHAPES = [
    ("dev", "--turbopack", "bundled"),
    ("build", "--webpack", "external"),
    *length(
        [],
        [
            ("dev", "--turbopack", "external"),
            ("dev", "--webpack", "bundled"),
            ("build", "--turbopack", "bundled"),
        ],
    ),
]
NEXT = ("next@16.4.6", "react@19.3.1", "react-dom@19.3.1")


@pytest.fixture(scope="module")
def modules() -> Path:
    """A directory with Next.js and the clients."""
    words = (f"{name}@{word}" for name, word in CLIENTS.items() if name != "sandbox")
    return packages.from_npm("clients/next", *NEXT, *words)


@pytest.fixture
def app(modules: Path) -> Iterator[Path]:
    """The app, beside its packages: bundlers follow no link out of their root."""
    made = modules / f"app-{os.getpid()}"
    shutil.rmtree(made, ignore_errors=True)
    shutil.copytree(HERE / "next_app", made)
    yield made
    shutil.rmtree(made)


@contextmanager
def served(app: Path, port: int, environment: dict[str, str], *words: str) -> Iterator[str]:
    """The app's address while `next WORDS` serves it there."""
    argv = ("node", str(app.parent / "node_modules/next/dist/bin/next"), *words, "-p", str(port))
    said = app / "said"
    with said.open("w") as output:
        process = subprocess.Popen(argv, cwd=app, env=environment, stdout=output, stderr=output)
        try:
            until(lambda: "Ready in" in said.read_text(), said.read_text)
            # Not 127.0.0.1, which a development server takes for a stranger.
            yield f"http://localhost:{port}"
        except AssertionError as error:
            error.add_note(said.read_text()[-3000:])
            raise
        finally:
            process.terminate()
            process.wait(30)


@pytest.mark.parametrize(("way", "bundler", "place"), SHAPES)
def test_a_next_app_shows_its_sandbox_in_a_frame(
    way: str, bundler: str, place: str, app: Path, environment: dict[str, str],
    free_port: int, browser: Browser,
) -> None:  # fmt: skip
    told = {**environment, "PACKAGES": str(app.parent), "NEXT_TELEMETRY_DISABLED": "1"}
    if place == "external":
        told["EXTERNAL"] = ",".join(CLIENTS)
    words = ["dev", bundler]
    if way == "build":
        # In the same shell, or elsewhere, where nothing is loaded before it.
        left_out = "NODE_OPTIONS" if bundler == "--turbopack" else ""
        at_build = {name: value for name, value in told.items() if name != left_out}
        run(["node", "../node_modules/next/dist/bin/next", "build", bundler], at_build, app)
        words = ["start"]
    with served(app, free_port, told, *words) as address:
        shown = {release: _shown(browser, f"{address}/?release={release}") for release in CLIENTS}
    assert shown == {release: f"Made with {release}" for release in CLIENTS}


def _shown(browser: Browser, address: str) -> Any:
    """The heading within the page's frame, which leads to the address that domain() gave."""
    page = browser.new_page()
    page.set_default_timeout(90_000)  # the first page of a development server is being made
    try:
        page.goto(address)
        heading = page.frame_locator("iframe").get_by_role("heading")
        expect(heading).to_be_visible(timeout=90_000)
        return heading.text_content()
    finally:
        page.close()


PROGRAM = """
(async () => {
  for (const name of NAMES.split(",")) {
    const { Sandbox } = await LOAD;
    const box = await Sandbox.create({ ports: [3000], timeout: 60_000 });
    console.log(name, box.domain(3000) === box.routes[0].url, new URL(box.domain(3000)).host);
    await box.stop();
  }
})();
"""


@pytest.mark.parametrize(("kind", "load"), [("cjs", "require(name)"), ("mjs", "import(name)")])
def test_a_plain_program_is_told_the_address_of_the_server(
    kind: str, load: str, app: Path, environment: dict[str, str]
) -> None:
    program = app / f"program.{kind}"
    program.write_text(PROGRAM.replace("NAMES", f"'{','.join(CLIENTS)}'").replace("LOAD", load))
    said = [line.split() for line in run(["node", str(program)], environment).splitlines()]
    assert [(name, right) for name, right, _ in said] == [(name, "true") for name in CLIENTS]
    assert not any("vercel.run" in host for *_, host in said)
