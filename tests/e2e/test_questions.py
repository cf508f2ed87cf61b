"""A turn that waits outlives reloads, its worker and Redis; a plan is edited, built, ticked off."""

from __future__ import annotations

import os
import signal

import pytest
import redis
from playwright.sync_api import Page, expect

from tests.fixtures.platform import Client, Platform
from tests.fixtures.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def ask(page: Page, text: str) -> None:
    page.locator("#message").fill(text)
    page.locator("#message").press("Enter")
    expect(page.locator("[data-asked]")).to_be_visible()


def kill_chat_worker(platform: Platform) -> None:
    victim = platform.child("worker chat")
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in platform.children())
    platform.until_ready()


def test_a_question_outlives_reload_and_worker_and_is_answered_by_a_click(
    platform: Platform, page: Page
) -> None:
    page.goto(f"{platform.url}/new/")
    ask(page, "Ask me what to build")
    expect(page).to_have_title("Waiting for you · Ask me what to build – Vibe")
    kill_chat_worker(platform)
    page.reload()
    other = page.context.new_page()
    other.goto(page.url)

    page.get_by_role("button", name="Build a snake game").click()
    expect(page.locator("[data-asked]")).to_have_count(0)
    expect(page.locator(".answered")).to_contain_text("Build a snake game")
    expect(other.locator(".answered")).to_contain_text("Build a snake game")
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
    expect(page).to_have_title("Ask me what to build – Vibe")
    expect(page.locator(".message").last).to_contain_text("Created sandbox")


def test_a_plan_is_edited_built_and_ticked_off(platform: Platform, page: Page) -> None:
    page.goto(f"{platform.url}/new/")
    page.get_by_role("radio", name="Plan").check(force=True)
    ask(page, "Build a quiz")
    steps = page.locator("[data-plan] textarea")
    steps.first.press("Enter")
    expect(steps).to_have_count(4)
    page.keyboard.type("Draw it on paper")
    steps.nth(3).hover()
    page.get_by_role("button", name="Remove this step").nth(3).click()
    expect(steps).to_have_count(3)
    page.get_by_role("button", name="Build it").click()

    done = page.locator(".plan-list li[data-done]")
    expect(done).to_have_count(3)
    expect(done.nth(1)).to_contain_text("Draw it on paper")
    expect(page.get_by_role("radio", name="Build")).to_be_checked()


def test_an_answer_outlives_worker_and_redis(platform: Platform, program: Client) -> None:
    conversation = program("POST", "conversations", {"model": "demo"})["id"]
    message = {"message": "Run `rm -rf build`"}
    turn = program("POST", f"conversations/{conversation}/turns", message)["id"]
    asked = until(lambda: (one := program("GET", f"turns/{turn}"))["status"] == "waiting" and one)
    assert asked["question"]["asked"]["exact"] == "rm -rf build"
    redis.Redis(unix_socket_path=str(platform.data_dir / "run/redis.sock")).flushall()

    program("POST", f"turns/{turn}/answer", {"decision": "once"})
    kill_chat_worker(platform)

    ended = until(
        lambda: (
            (one := program("GET", f"turns/{turn}"))["status"] in ("completed", "failed") and one
        )
    )
    # Killed in the midst of the command it fails, and is not run a second time.
    parts = program("GET", f"conversations/{conversation}")["messages"][-1]["parts"]
    commands = [part["command_id"] for part in parts if part["tool"] == "run_command"]
    assert len(commands) == 1
    assert commands[0] or ended["status"] == "failed"
