"""A small to-do list: Python's standard library, SQLite, no packages."""

from __future__ import annotations

import html
import os
import sqlite3
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

PORT = int(os.environ.get("PORT", "3000"))
HERE = Path(__file__).parent
PAGE = HERE / "page.html"


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(HERE / "todo.sqlite3", isolation_level=None)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS task"
        " (id INTEGER PRIMARY KEY, title TEXT, done INTEGER DEFAULT 0)"
    )
    return connection


def change(path: str, form: dict[str, list[str]]) -> None:
    """Add, tick or delete a task."""
    number = form.get("id", ["0"])[0]
    title = form.get("title", [""])[0].strip()[:200]
    with closing(connect()) as connection:
        if path == "/add" and title:
            connection.execute("INSERT INTO task (title) VALUES (?)", (title,))
        elif path == "/tick":
            connection.execute("UPDATE task SET done = 1 - done WHERE id = ?", (number,))
        elif path == "/delete":
            connection.execute("DELETE FROM task WHERE id = ?", (number,))


def row(number: int, title: str, done: int) -> str:
    return (
        f'<li class="{"done" if done else ""}"><form method="post">'
        f'<input type="hidden" name="id" value="{number}">'
        f'<button class="tick" formaction="tick" aria-label="Done">{"✓" if done else ""}</button>'
        f"<span>{html.escape(title)}</span>"
        '<button class="delete" formaction="delete" aria-label="Delete">✕</button></form></li>'
    )


def page() -> str:
    with closing(connect()) as connection:
        tasks = connection.execute(
            "SELECT id, title, done FROM task ORDER BY done, id DESC"
        ).fetchall()
    left = sum(not done for _, _, done in tasks)
    count = f"{left} to do" if tasks else "Nothing here yet: add your first task above."
    return (
        PAGE.read_text(encoding="utf-8")
        .replace("<!--tasks-->", "".join(row(*task) for task in tasks))
        .replace("<!--count-->", count)
    )


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer(200, page()) if self.path == "/" else self.answer(404, "Nothing is here.")

    def do_POST(self) -> None:
        size = min(int(self.headers.get("Content-Length") or 0), 10_000)
        change(self.path, parse_qs(self.rfile.read(size).decode()))
        self.send_response(303)
        self.send_header("Location", "/")
        self.end_headers()

    def answer(self, status: int, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"To-do list on port {PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
