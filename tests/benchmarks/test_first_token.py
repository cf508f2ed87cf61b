"""From the first byte that a model's server sends to the first word in the browser's page."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.benchmarks import numbers
from tests.benchmarks.model_server import WORDS, ModelServer, model_server
from tests.fixtures.platform import Platform

pytestmark = [pytest.mark.benchmark, pytest.mark.browser]
TURNS = 12
# The moment at which an answer has its first word, before that is painted.
WATCH = """() => {
    const last = () => [...document.querySelectorAll(".message[data-role=assistant]")].at(-1);
    const known = new Set([last().id]);
    window.seen = [];
    new MutationObserver(() => {
        if (known.has(last().id) || !last().textContent.includes("word0")) return;
        known.add(last().id);
        window.seen.push((performance.timeOrigin + performance.now()) / 1000);
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def model() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture(scope="module")
def platform(model: ModelServer) -> Iterator[Platform]:
    """A platform whose default model is that server."""
    data_dir = Path(tempfile.mkdtemp(prefix="vibe-token-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = Platform(
        data_dir, port, OPENAI_BASE_URL=model.base_url, VIBE_DEFAULT_MODEL="custom:mock",
        VIBE_OPENAI_MODELS="mock",
    )  # fmt: skip
    try:
        running.wait_for("Vibe is ready")
        yield running
    finally:
        running.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def bare(server: ModelServer) -> float:
    """The same byte at a program that only reads the stream."""
    address = urlsplit(server.base_url)
    connection = http.client.HTTPConnection(address.hostname, address.port)
    connection.request("POST", "/v1/chat/completions", json.dumps({"stream": True}))
    answer = connection.getresponse()
    while b"word0" not in answer.readline():
        pass
    moment = time.time()
    answer.read()
    connection.close()
    return moment - server.first_bytes[-1]


def test_the_first_token(model: ModelServer, platform: Platform, page: Page, table):
    page.goto(f"{platform.site}/new/")
    page.locator("#message").fill("Hello")
    page.locator("#message").press("Enter")
    page.wait_for_url(re.compile("/c/conv_"))
    expect(page.locator(".message").last).to_contain_text(WORDS[-1].strip())
    page.evaluate(WATCH)
    ours, theirs = [], []
    for number in range(TURNS):
        expect(page.locator("#composer-action[data-busy]")).to_have_count(0)
        page.locator("#message").fill(f"Hello {number}")
        page.locator("#message").press("Enter")
        page.wait_for_function("count => window.seen.length > count", arg=number)
        ours.append(page.evaluate("window.seen.at(-1)") - model.first_bytes[-1])
        expect(page.locator(".message").last).to_contain_text(WORDS[-1].strip())
        theirs.append(bare(model))
    worst = max(ours) * 1000
    table.compare(
        numbers.FIRST_TOKEN, statistics.median(ours) * 1000, "ms", "bare reader",
        statistics.median(theirs) * 1000, note=f"worst {worst:.0f}",
    )  # fmt: skip
