"""Programs that messages are sent to: one that answers, and one that does not."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """A program that listens; `status` is what it answers."""

    def __init__(self) -> None:
        self.status = 204
        self.got: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append(({k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                """Nothing to tell."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()


class Hole:
    """Takes connections and never answers; or sends what `drip` says, again and again."""

    def __init__(self, drip: bytes = b"") -> None:
        self.drip = drip
        self.open: list[socket.socket] = []
        self.most = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.ended = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Thread(target=self._drip, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.setblocking(False)
                self.open.append(connection)
                self.most = max(self.most, len(self.open))

    def _drip(self) -> None:
        while not self.ended.wait(0.02):
            for connection in list(self.open):
                try:
                    if connection.recv(65536) == b"":
                        raise ConnectionError
                    continue
                except BlockingIOError:
                    pass
                except OSError:
                    self.open.remove(connection)
                    connection.close()
                    continue
                with suppress(OSError):
                    connection.send(self.drip)

    def close(self) -> None:
        self.ended.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
