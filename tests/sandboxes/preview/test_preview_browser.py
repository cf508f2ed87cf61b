"""Pages of previews in a browser, as far as no hostile one is concerned."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext

from sandboxes.models import Sandbox

pytestmark = [pytest.mark.browser, pytest.mark.sandbox]


def test_the_page_of_a_starting_sandbox_becomes_the_app_by_itself(
    signed_in: BrowserContext, web, sandbox: Sandbox
) -> None:
    Sandbox.objects.filter(pk=sandbox.pk).update(status="pending")
    page = signed_in.new_page()
    page.goto(f"http://{web.host(sandbox)}/page")
    assert "is starting" in page.inner_text("h1")

    Sandbox.objects.filter(pk=sandbox.pk).update(status="running")

    page.wait_for_selector("h1:text('Previewed')")
