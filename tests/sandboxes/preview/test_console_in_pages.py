"""What of an answer is changed for the console: pages that browsers open, and nothing else."""

from __future__ import annotations

import json

from sandboxes.preview.injection import snippet
from sandboxes.services import previews

PAGE = b"<!doctype html><title>Previewed</title><h1>Previewed</h1>"
SHOWN = {"Sec-Fetch-Dest": "iframe", "Sec-Fetch-Mode": "navigate", "Accept-Encoding": "gzip"}


def test_a_page_that_a_browser_opens_has_the_script_and_its_bytes_beside_it(web, sandbox):
    answer = web.ask(web.host(sandbox), "/page", headers=SHOWN)
    body = answer.read()
    assert body == PAGE.replace(b"<title>", snippet.element() + b"<title>", 1)
    assert answer.headers["Content-Length"] == str(len(body))


def test_what_a_page_fetches_passes_byte_for_byte(web, sandbox):
    for headers in ({}, {"Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"}):
        assert web.ask(web.host(sandbox), "/page", headers=headers).read() == PAGE
    said = web.said(web.host(sandbox), "/said", headers={**SHOWN, "If-None-Match": '"1"'})
    named = {name.lower() for name, _ in said["headers"]}
    assert not named & {"accept-encoding", "if-none-match"}


def test_its_policy_gets_the_hash_of_the_script_alone(web, sandbox):
    give = json.dumps(["Content-Type: text/html", "Content-Security-Policy: default-src 'none'"])
    path = f"/headers?give={give}".replace(" ", "%20").replace('"', "%22")
    answer = web.ask(web.host(sandbox), path, headers=SHOWN)
    answer.read()
    policy = answer.headers["Content-Security-Policy"]
    assert policy == f"default-src {snippet.source().decode()}"


def test_switched_off_no_byte_is_touched(web, sandbox):
    previews.catch_console(sandbox, False)
    assert web.ask(web.host(sandbox), "/page", headers=SHOWN).read() == PAGE
