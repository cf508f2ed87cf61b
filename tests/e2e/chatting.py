"""What a person does in the chat."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def send(page: Page, text: str) -> None:
    """Send a message and wait until its turn is over."""
    count = page.locator("article.message[data-role=assistant]").count()
    action = page.locator("#composer-action")
    before = action.get_attribute("data-order")
    page.locator("#message").fill(text)
    page.locator("#message").press("Enter")
    expect(page.locator("article.message[data-role=assistant]")).to_have_count(count + 1)
    # The message is there before the button says that the turn is under way.
    expect(action).not_to_have_attribute("data-order", before or "")
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
