"""Model, effort and fixing of errors at the message box: in the address, and kept."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.platform import Platform

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MODELS = """
from chat.models import LanguageModel
from chat.services.offered_models import language_models, model_providers

model_providers.list_for(None).delete()
made = model_providers.create(
    None, name="Bench", wire="openai-chat", base_url="http://127.0.0.1:9/v1"
)
for name, efforts in (("thinker", ["low", "medium"]), ("plain", [])):
    language_models.change(language_models.add(made, name), {"efforts": efforts})
"""


@pytest.fixture
def bench(platform: Platform):
    platform.manage("shell", "-c", MODELS)
    yield
    platform.manage(
        "shell", "-c", "from chat.models import Provider; Provider.objects.all().delete()"
    )


def test_the_choices_stand_in_the_address_and_survive_a_reload(
    bench: None, platform: Platform, page: Page
) -> None:
    page.goto(f"{platform.site}/new/?modelId=demo")
    page.locator("#message").fill("help")
    page.locator("#message").press("Enter")
    expect(page).to_have_url(re.compile(r"/c/conv_"))
    expect(page.locator("#composer-action[data-busy]")).to_have_count(0)

    with page.expect_response("**/model/") as kept:
        page.locator("#model").select_option("bench:thinker")
    assert kept.value.status == 204
    expect(page).to_have_url(re.compile(r"\?modelId=bench%3Athinker$"))
    page.locator(".model-more > summary").click()
    with page.expect_response("**/model/"):
        page.get_by_label("Medium").check()
    with page.expect_response("**/model/"):
        page.get_by_role("checkbox", name="Fix errors").uncheck()
    expect(page).to_have_url(re.compile(r"effort=medium&fix-errors=false"))

    # Kept in the conversation, not only in the address.
    page.goto(page.url.partition("?")[0])
    expect(page.locator("#model")).to_have_value("bench:thinker")
    page.locator(".model-more > summary").click()
    expect(page.get_by_label("Medium")).to_be_checked()
    expect(page.get_by_role("checkbox", name="Fix errors")).not_to_be_checked()

    page.keyboard.press("Escape")
    page.locator("#model").select_option("bench:plain")
    page.locator(".model-more > summary").click()
    expect(page.get_by_text("This model has no efforts to choose from.")).to_be_visible()
    expect(page.get_by_label("Medium")).to_be_hidden()
