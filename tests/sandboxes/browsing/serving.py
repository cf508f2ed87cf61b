"""The server of the test pages: files, and a few paths that misbehave. Runs in a sandbox."""

import base64
import hashlib
import http.server
import json
import time
import urllib.parse

NOTES, GREETINGS = [], []
REFUSED = {"/missing.js": 404, "/broken": 500}
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # of RFC 6455


class Pages(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/never":
            time.sleep(600)
        elif path == "/circle":
            self.lead("/circle", 302)
        elif path in REFUSED:
            self.say("no", REFUSED[path])
        elif path == "/notes":
            items = "".join(f"<li>{note}</li>" for note in NOTES)
            self.say(
                "<!doctype html><title>Notes</title><h1>Notes</h1><form method=post action=/notes>"
                f"<input name=note placeholder=Note><button>Save</button></form><ul>{items}</ul>"
            )
        elif path == "/dropped":
            self.say(
                "<!doctype html><title>Notes</title><h1>Notes</h1>"
                "<form method=post action=/dropped>"
                "<input name=note placeholder=Note><button>Save</button></form>"
            )
        elif path == "/api/kept":
            self.say(json.dumps(GREETINGS))
        elif path == "/api/lost":
            self.say("[]")
        elif path == "/slow.woff2":
            time.sleep(1)
            self.say("")
        elif path == "/events":
            self.tell()
        elif path == "/echo":
            self.echo()
        else:
            super().do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/api/kept":
            GREETINGS.append(json.loads(body))
        if self.path.startswith("/api/"):
            self.say('"thank you"')
            return
        if self.path == "/notes":
            NOTES.append(urllib.parse.parse_qs(body)["note"][0])
        self.lead(self.path, 303)

    def lead(self, where, status):
        self.send_response(status)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def tell(self):
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for number in range(600):
            self.wfile.write(f"data: News number {number}\n\n".encode())
            time.sleep(1)

    def echo(self):
        """A WebSocket that sends short messages back."""
        self.close_connection = True
        key = self.headers["Sec-WebSocket-Key"] + GUID
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        accept = hashlib.sha1(key.encode(), usedforsecurity=False).digest()
        self.send_header("Sec-WebSocket-Accept", base64.b64encode(accept).decode())
        self.end_headers()
        while len(head := self.rfile.read(2)) == 2 and head[0] & 15 == 1:
            mask, data = self.rfile.read(4), self.rfile.read(head[1] & 127)
            plain = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
            self.wfile.write(bytes([129, len(plain)]) + plain)

    def say(self, text, status=200):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


http.server.ThreadingHTTPServer(("", 3000), Pages).serve_forever()
