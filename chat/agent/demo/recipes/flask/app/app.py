"""A guestbook: Flask with a template, a session that remembers the name, and SQLite."""

from __future__ import annotations

import os
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from flask import Flask, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

HERE = Path(__file__).parent
PORT = int(os.environ.get("PORT", "3000"))

app = Flask(__name__)
# Made at the first start and kept, so that sessions outlive a restart.
key = HERE / ".secret_key"
if not key.exists():
    key.write_text(secrets.token_hex(32))
app.secret_key = key.read_text()
# A changed template shows without a restart.
app.config["TEMPLATES_AUTO_RELOAD"] = True


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(HERE / "guestbook.sqlite3", isolation_level=None)
    connection.row_factory = sqlite3.Row
    connection.execute(
        "CREATE TABLE IF NOT EXISTS entry (id INTEGER PRIMARY KEY, name TEXT, words TEXT,"
        " written TEXT DEFAULT (datetime('now')))"
    )
    return connection


@app.get("/")
def book() -> str:
    with closing(connect()) as connection:
        entries = connection.execute("SELECT * FROM entry ORDER BY id DESC LIMIT 100").fetchall()
    return render_template("index.html", entries=entries, name=session.get("name", ""))


@app.post("/")
def sign() -> Response:
    name = request.form.get("name", "").strip()[:60]
    words = request.form.get("words", "").strip()[:1000]
    if not name or not words:
        flash("Both a name and a few words are needed.")
        return redirect(url_for("book"))
    with closing(connect()) as connection:
        connection.execute("INSERT INTO entry (name, words) VALUES (?, ?)", (name, words))
    session["name"] = name
    flash(f"Thank you, {name}.")
    return redirect(url_for("book"))


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=PORT)
