"""A server that looks whether a browser gives its page what it gives every page in a tab.

`python3 framed_app.py PORT`. Its first page tries storage, database and service worker, asks with
its session's cookie, and sends a form that is checked as Django checks one; `/done` tells.
"""

from __future__ import annotations

import json
import secrets
import sys
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

SESSIONS: dict[str, dict[str, object]] = {}
WORKER = "self.onfetch = event => event.respondWith(fetch(event.request))"
PAGE = """<!doctype html><title>Trying</title><p id="told"></p>
<form method="post" action="/sign-in"><input name="found"><input name="token" value="TOKEN"></form>
<script type="module">
const attempt = async (work) => { try { return await work() } catch (error) { return error.name } }
const found = {
  localStorage: await attempt(() => {
    localStorage.setItem("kept", "1"); return localStorage.getItem("kept") === "1" }),
  indexedDB: await attempt(() => new Promise((done, fail) => {
    const asked = indexedDB.open("kept");
    asked.onsuccess = () => done(true); asked.onerror = () => fail(asked.error) })),
  worker: isSecureContext && await attempt(async () => {
    await navigator.serviceWorker.register("/worker.js"); await navigator.serviceWorker.ready;
    return true }),
  session: await attempt(async () => (await fetch("/who")).text() .then((who) => who === "known")),
};
document.forms[0].found.value = JSON.stringify(found);
document.forms[0].submit();
</script>"""
DONE = """<!doctype html><title>Done</title><p id="told">TOLD</p>
<a href="/popup" target="_blank">Open a window</a>
<button onclick="window.open('/popup')">Open one by script</button>
<a href="/moved">Go on</a>"""


class App(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        known = self.session() in SESSIONS
        if self.path == "/worker.js":
            self.answer(WORKER, "Content-Type: text/javascript")
        elif self.path == "/who":
            self.answer("known" if known else "unknown")
        elif self.path == "/popup":
            self.answer(
                f"<h1>{'known' if known else 'unknown'}</h1>",
                "Cross-Origin-Opener-Policy: same-origin",
            )
        elif self.path == "/moved":
            port = sys.argv[1]
            self.answer("", f"Location: http://localhost:{port}/arrived", status=302)
        elif self.path == "/arrived":
            self.answer(f"<h1>{'known' if known else 'unknown'}</h1>")
        elif self.path == "/done":
            told = {**SESSIONS.get(self.session(), {}), "messages": self.cookie("messages")}
            self.answer(DONE.replace("TOLD", json.dumps(told)))
        else:
            session, token = secrets.token_hex(8), secrets.token_hex(8)
            SESSIONS[session] = {"token": token}
            self.answer(
                PAGE.replace("TOKEN", token),
                f"Set-Cookie: sessionid={session}; HttpOnly; SameSite=Lax; Path=/",
                f"Set-Cookie: csrftoken={token}; SameSite=Lax; Path=/",
            )

    def do_POST(self) -> None:
        sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        session, token = self.session(), sent["token"][0]
        if session not in SESSIONS or self.cookie("csrftoken") != token:
            self.answer('<p id="told">"CSRF cookie not set"</p>', status=403)
            return
        SESSIONS[session] = {**json.loads(sent["found"][0]), "form": True}
        self.answer("", "Location: /done", "Set-Cookie: messages=saved; Path=/", status=302)

    def session(self) -> str:
        return self.cookie("sessionid")

    def cookie(self, name: str) -> str:
        found = SimpleCookie(self.headers.get("Cookie", "")).get(name)
        return found.value if found else ""

    def answer(self, text: str, *headers: str, status: int = 200) -> None:
        self.send_response(status)
        names = {line.split(":")[0] for line in headers}
        for line in headers:
            self.send_header(*line.split(": ", 1))
        if "Content-Type" not in names:
            self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), App).serve_forever()
