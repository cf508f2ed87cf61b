"""The server of the test pages: files, and a few paths that misbehave. Runs in a sandbox."""

import http.server
import time
import urllib.parse

NOTES = []
REFUSED = {"/missing.js": 404, "/broken": 500}


class Pages(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urllib.parse.urlsplit(self.path).path
        if path == "/never":
            time.sleep(600)
        elif path == "/circle":
            self.send_response(302)
            self.send_header("Location", "/circle")
            self.send_header("Content-Length", "0")
            self.end_headers()
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
        else:
            super().do_GET()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if self.path == "/notes":
            NOTES.append(urllib.parse.parse_qs(body)["note"][0])
        self.send_response(303)
        self.send_header("Location", self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def say(self, text, status=200):
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


http.server.ThreadingHTTPServer(("", 3000), Pages).serve_forever()
