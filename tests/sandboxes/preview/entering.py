"""A browser without scripts before a preview: it keeps cookies and follows nothing by itself."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from tests.fixtures.platform import SESSION_COOKIE
from vibe.accounts.models import User

# What browsers say when somebody opens a page in a tab, and when a page asks for a piece.
OPENED = {
    "User-Agent": "Mozilla/5.0",
    "Accept": "text/html",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Site": "none",
}
PIECE = {
    "User-Agent": "Mozilla/5.0",
    "Accept": "*/*",
    "Sec-Fetch-Mode": "no-cors",
    "Sec-Fetch-Dest": "script",
    "Sec-Fetch-Site": "same-origin",
}


def signed_in(user: User) -> SessionStore:
    """A session of that user, as signing in makes one."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


@dataclass
class Visitor:
    """web: what it asks. cookies: by host and name."""

    web: Any
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def sign_in(self, host: str, session: SessionStore) -> None:
        self.cookies.setdefault(host, {})[SESSION_COOKIE] = str(session.session_key)

    def ask(self, url: str, headers: dict[str, str], **options: Any) -> http.client.HTTPResponse:
        parts = urlsplit(url)
        kept = self.cookies.setdefault(parts.netloc, {})
        sent = {"Cookie": "; ".join(f"{n}={v}" for n, v in kept.items())} if kept else {}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        self.asked.append(url)
        answer = self.web.ask(parts.netloc, path, headers={**headers, **sent}, **options)
        for line in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = line.split(";")[0].partition("=")
            if "Max-Age=0" in line:
                kept.pop(name, None)
            else:
                kept[name] = value
        return answer

    def open(
        self, url: str, within: int = 6, headers: dict[str, str] = OPENED
    ) -> http.client.HTTPResponse:
        """The page at the end of all redirects."""
        for _ in range(within):
            answer = self.ask(url, headers)
            place = answer.headers["Location"]
            if not place:
                return answer
            url = place if "://" in place else f"http://{urlsplit(url).netloc}{place}"
        raise AssertionError(f"led in circles: {self.asked}")
