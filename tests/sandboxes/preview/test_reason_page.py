"""The page in place of a preview: it fetches nothing, and has the platform's colours."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from sandboxes.preview import reason_page, reasons
from sandboxes.preview.access import Access
from sandboxes.preview.host import Target
from sandboxes.services.crashes import Start
from sandboxes.services.preview_rules import Rule

BASE = Path(settings.BASE_DIR)
COLOUR = re.compile(r"oklch\(|rgba?\(|hsla?\(|#[0-9a-fA-F]{3,8}\b")


def page(reason: reasons.Reason, host: str = "3000-a.localhost:8000") -> str:
    sent: list[Any] = []

    async def send(event: Any) -> None:
        sent.append(event)

    headers = [(b"host", host.encode()), (b"accept", b"text/html")]
    target = Target(port=3000, sandbox_id="a")
    asyncio.run(reason_page.send_page(reason, headers, send, target=target, scheme="https"))
    return sent[1]["body"].decode()


def test_it_fetches_nothing() -> None:
    html = page(reasons.closed_port(3000, (5173,)))
    assert not re.search(r"<link|<script|<img|\bsrc=|url\(|@import", html)


def test_its_colours_are_those_of_the_tokens() -> None:
    tokens = (BASE / "static/css/tokens.css").read_text()
    templates = (BASE / "templates/preview").glob("*.html")
    template = "".join(one.read_text() for one in templates)
    assert tokens in page(reasons.UNKNOWN)
    assert not COLOUR.search(template)
    named = set(re.findall(r"var\((--[\w-]+)\)", template))
    assert named
    assert all(f"{name}: " in tokens for name in named)


def test_a_port_that_listens_is_a_link_by_the_scheme_that_was_used() -> None:
    html = page(reasons.closed_port(3000, (5173,)))
    assert '<a href="https://5173-a.localhost:8000/">5173</a>' in html


def test_what_names_and_hosts_say_stays_text() -> None:
    starting = Access("a", 1, "vera", "<b>x</b>", "pending", "", "", "", True, {}, Rule())
    assert "&lt;b&gt;x&lt;/b&gt;" in page(reasons.of_sandbox(starting))
    assert '"><i>' not in page(reasons.closed_port(3000, (5173,)), host='3000-a."><i>')


def test_a_reason_that_does_not_pass_by_itself_is_not_asked_again() -> None:
    assert "http-equiv" not in page(reasons.UNKNOWN)


def test_a_server_that_never_listens_has_a_word_and_its_log_after_a_while() -> None:
    on_its_way = Start("npm run dev", ("compiling",), 12.0, "cmd_1")
    html = page(reasons.closed_port(3000, (), start=on_its_way))
    assert "“npm run dev” is running; this is what it said last." in html
    assert "compiling" in html
    assert "/commands/" not in html

    html = page(reasons.closed_port(3000, (), start=replace(on_its_way, seconds=45.0)))
    assert "has been running for 45 seconds and listens on no port" in html
    assert f'href="{settings.PUBLIC_URL}/commands/cmd_1/"' in html


def test_a_start_that_takes_too_long_says_so_and_where_to_look() -> None:
    since = timezone.now() - timedelta(seconds=45)
    late = Access("a", 1, "vera", "box", "pending", "", "", "", True, {}, Rule(), since)
    html = page(reasons.of_sandbox(late))
    assert "It has been starting for 45 seconds" in html
    assert "manage.py doctor" in html
    assert f'href="{settings.PUBLIC_URL}/sandboxes/a/"' in html
