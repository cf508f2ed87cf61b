"""Notes: a JSON API over SQLite, and the page that uses it. Python's standard library only."""

from __future__ import annotations

import json
import os
import sqlite3
from contextlib import closing
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = int(os.environ.get("PORT", "3000"))
HERE = Path(__file__).parent
LIMIT = 100_000


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(HERE / "notes.sqlite3", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute(
        "CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, title TEXT NOT NULL,"
        " body TEXT NOT NULL, changed TEXT NOT NULL DEFAULT (datetime('now')))"
    )
    return connection


def query(sql: str, *values: object) -> list[dict[str, Any]]:
    with closing(connect()) as connection:
        return [dict(row) for row in connection.execute(sql, values).fetchall()]


class Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, directory=str(HERE / "public"), **kwargs)

    def do_GET(self) -> None:
        if self.path == "/api/notes":
            self.answer(200, query("SELECT * FROM note ORDER BY changed DESC, id DESC"))
        else:
            super().do_GET()

    def do_POST(self) -> None:
        note = self.note()
        made = query(
            "INSERT INTO note (title, body) VALUES (?, ?) RETURNING *", note["title"], note["body"]
        )
        self.answer(201, made[0])

    def do_PUT(self) -> None:
        note = self.note()
        changed = query(
            "UPDATE note SET title = ?, body = ?, changed = datetime('now')"
            " WHERE id = ? RETURNING *",
            note["title"],
            note["body"],
            self.path.rpartition("/")[2],
        )
        self.answer(200, changed[0]) if changed else self.answer(404, {"error": "No such note"})

    def do_DELETE(self) -> None:
        query("DELETE FROM note WHERE id = ?", self.path.rpartition("/")[2])
        self.answer(200, {})

    def note(self) -> dict[str, str]:
        size = min(int(self.headers.get("Content-Length") or 0), LIMIT)
        try:
            sent = json.loads(self.rfile.read(size))
        except ValueError:
            sent = {}
        return {name: str(sent.get(name, ""))[:LIMIT] for name in ("title", "body")}

    def answer(self, status: int, data: object) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"Notes on port {PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
