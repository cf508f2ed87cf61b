"""`manage.py screenshots`: pictures of every page and state, from a platform of their own."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

WIDE: ViewportSize = {"width": 1440, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
START_SECONDS = 90.0
TURN_MS = 120_000
REQUEST = "Build a to-do app in Python"
TASKS = ("Water the plants", "Book the train to Ghent", "Write the release notes")
FAILURE = "Run `echo compiling…; echo 'main.c:3: error: expected ;' >&2; exit 2`"
Shoot = Callable[["Page", str], None]


class Command(BaseCommand):
    help = "Take pictures of the pages into docs/screenshots, with the demo model at work."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=settings.BASE_DIR / "docs" / "screenshots")

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        try:
            from playwright.sync_api import sync_playwright
        except ImportError:
            raise CommandError(
                "Playwright is not installed. It comes with the test packages: "
                "run python3 manage.py test once."
            ) from None
        chromium = next(
            (found for name in ("chromium", "chromium-browser", "google-chrome")
             if (found := shutil.which(name))), None,
        )  # fmt: skip
        if chromium is None:
            raise CommandError("No Chromium found. Debian and Ubuntu: apt install chromium")
        to.mkdir(parents=True, exist_ok=True)

        def shoot(page: Page, name: str) -> None:
            page.mouse.move(0, 0)
            page.screenshot(path=to / f"{name}.png", animations="disabled")
            self.stdout.write(f"{name}.png")

        with platform() as link, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium, args=["--no-sandbox"] if os.geteuid() == 0 else []
            )
            take_all(browser, link, shoot)
            browser.close()


@contextmanager
def platform() -> Iterator[str]:
    """A fresh platform on a free port; yields its sign-in link."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    directory = Path(tempfile.mkdtemp(prefix="vibe-shots-"))
    process = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--no-browser", "--port", str(port)],
        cwd=settings.BASE_DIR,
        env={**os.environ, "VIBE_DATA_DIR": str(directory), "VIBE_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield sign_in_link(process)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(directory, ignore_errors=True)


def sign_in_link(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    deadline = time.monotonic() + START_SECONDS
    printed = ""
    for line in process.stdout:
        printed += line
        if found := re.search(r"https?://\S+/sign-in/\S+/", line):
            return found.group()
        if time.monotonic() > deadline:
            break
    raise CommandError(f"The platform did not start:\n{printed}")


def take_all(browser: Browser, link: str, shoot: Shoot) -> None:
    wide = browser.new_context(viewport=WIDE, color_scheme="light")
    wide.set_default_timeout(TURN_MS)
    page = wide.new_page()
    page.goto(link)
    shoot(page, "sign-in-link")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/new/")
    shoot(page, "empty-light")

    page.fill("#message", REQUEST)
    page.keyboard.press("Enter")
    page.locator(".tool").first.wait_for(timeout=TURN_MS)
    shoot(page, "busy-light")
    turn_done(page)
    fill_preview(page)
    shoot(page, "workbench-light")
    conversation = page.url

    dark = signed_in(browser, wide, viewport=WIDE, color_scheme="dark")
    dark.goto(conversation)
    opened(dark)
    shoot(dark, "workbench-dark")

    page.click("#tab-code")
    page.locator('#tree [data-path="app.py"]').click()
    page.locator("#file .cm-content").wait_for()
    shoot(page, "code-light")
    page.fill("#message", FAILURE)
    page.keyboard.press("Enter")
    page.locator('.tool[data-state="failed"]').wait_for(timeout=TURN_MS)
    turn_done(page)
    shoot(page, "failed-light")

    take_phone(
        signed_in(browser, wide, viewport=PHONE, is_mobile=True, has_touch=True,
                  device_scale_factor=1, color_scheme="light"),
        conversation, shoot,
    )  # fmt: skip
    take_asking(page, conversation, shoot)
    take_rest(page, conversation, shoot)


def take_asking(page: Page, conversation: str, shoot: Shoot) -> None:
    """What a conversation asks, holds back and keeps."""
    root = conversation.split("/c/")[0]
    page.goto(conversation)
    page.click("#tab-changes")
    page.locator(".changed-file").first.wait_for()
    shoot(page, "changes-light")
    page.locator("#thread a[data-restore]").first.click()
    page.locator("dialog .restore-form").wait_for()
    shoot(page, "restore-light")
    page.keyboard.press("Escape")
    for name, mode, request in (
        ("plan", "Plan", "Build a quiz"),
        ("question", "Build", "Ask me what to build"),
        ("approval", "Build", "Run `rm -rf build`"),
    ):
        page.goto(f"{root}/new/")
        page.get_by_role("radio", name=mode).check(force=True)
        page.fill("#message", request)
        page.keyboard.press("Enter")
        page.locator("[data-asked]").wait_for(timeout=TURN_MS)
        shoot(page, f"{name}-light")
    page.goto(f"{root}/new/")
    page.fill("#message", "Run `echo waiting; sleep 600`")
    page.keyboard.press("Enter")
    page.locator(".part.tool[data-command][data-state=running]").wait_for(timeout=TURN_MS)
    for number, text in enumerate(("Make the header blue", "Then add a second page"), start=1):
        page.fill("#message", text)
        page.keyboard.press("Enter")
        page.locator(".queued").nth(number - 1).wait_for()
    shoot(page, "queue-light")
    page.keyboard.press("Control+k")
    page.locator(".palette [role=option]").first.wait_for()
    shoot(page, "palette-light")
    page.keyboard.press("Escape")
    page.goto(conversation)


def take_phone(phone: Page, conversation: str, shoot: Shoot) -> None:
    phone.goto(conversation)
    shoot(phone, "workbench-phone")
    phone.tap('[data-show="preview"]')
    opened(phone)
    shoot(phone, "preview-phone")
    phone.tap('[data-show="code"]')
    phone.locator("#tree [data-path]").first.wait_for()
    shoot(phone, "code-phone")
    phone.tap('[data-show="logs"]')
    phone.locator("#log .log-line").first.wait_for()
    shoot(phone, "logs-phone")


def take_rest(page: Page, conversation: str, shoot: Shoot) -> None:
    root = conversation.split("/c/")[0]
    page.locator("#sandbox-status").get_by_role("button", name="Stop").click()
    page.locator("dialog").get_by_role("button", name="Stop").click()
    page.locator("#sandbox-status").get_by_role("button", name="Resume").wait_for()
    page.click("#tab-preview")
    shoot(page, "stopped-light")
    for name, path in (
        ("sandboxes", "/sandboxes/"),
        ("conversations", "/conversations/"),
        ("models", "/settings/models/"),
        ("usage", "/usage/"),
        ("settings", "/settings/"),
        ("404", "/x/"),
    ):
        page.goto(root + path)
        shoot(page, f"{name}-light")


def signed_in(browser: Browser, other: BrowserContext, **options: Any) -> Page:
    context = browser.new_context(storage_state=other.storage_state(), **options)
    context.set_default_timeout(TURN_MS)
    return context.new_page()


def turn_done(page: Page) -> None:
    page.locator("#composer-action .send").wait_for(timeout=TURN_MS)


def opened(page: Page) -> None:
    page.frame_locator("#preview-frame iframe").locator("h1").wait_for(timeout=TURN_MS)


def fill_preview(page: Page) -> None:
    """A few tasks, so that the pictures show an app in use."""
    app = page.frame_locator("#preview-frame iframe")
    for task in TASKS:
        app.locator("input[name], input[type=text]").first.fill(task)
        app.get_by_role("button", name="Add").click()
        app.get_by_text(task).wait_for()
