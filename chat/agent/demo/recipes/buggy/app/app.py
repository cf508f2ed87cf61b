"""Splits a bill among people. Python's standard library only."""

from __future__ import annotations

import json
import os
import sys
import traceback
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = int(os.environ.get("PORT", "3000"))
HERE = Path(__file__).parent


def share(bill: dict[str, Any]) -> dict[str, float]:
    """What each person pays, with the tip."""
    total = float(bill["amount"]) * (1 + float(bill["tip"]) / 100)
    people = bill["persons"]
    return {"total": round(total, 2), "each": round(total / people, 2)}


class Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, directory=str(HERE / "public"), **kwargs)

    def do_POST(self) -> None:
        size = min(int(self.headers.get("Content-Length") or 0), 10_000)
        try:
            self.answer(200, share(json.loads(self.rfile.read(size))))
        except Exception as error:
            traceback.print_exc(file=sys.stderr)
            self.answer(500, {"error": f"{type(error).__name__}: {error}"})

    def answer(self, status: int, data: object) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    print(f"Bill splitter on port {PORT}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", PORT), Handler).serve_forever()
