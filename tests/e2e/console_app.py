"""Pages with something wrong in them, served by an app in a sandbox on the port it is given."""

import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SCRIPT = b"""console.log("hello %s", "there");
console.warn("careful");
console.error("it broke");
fetch("/missing");
setTimeout(() => nowhere(), 10);
Promise.reject(new Error("turned down"));
"""
PAGES = {
    "/": b"<!doctype html><title>Little app</title><h1>Home</h1><script src=/app.js></script>",
    "/quiet": b"<!doctype html><title>Quiet</title><h1 id=it>Quiet</h1>"
    b"<script>it.textContent = document.scripts.length + ' ' + document.head.innerHTML</script>",
    "/blank": b"<!doctype html><div id=root></div><script>throw new Error('cannot start')</script>",
    "/strict": b"<!doctype html><h1>Strict</h1><img src=/picture>"
    b"<script>document.title = 1</script>",
    "/camera": b"<!doctype html><h1>Camera</h1>"
    b"<script>navigator.mediaDevices.getUserMedia({video: true}).catch(() => {})</script>",
    "/hostile": b"<!doctype html><h1>Hostile</h1><script>const say = entries =>"
    b" parent.postMessage({from: 'preview', entries}, '*');"
    b"say([{kind: 'error', message: '<img src=x onerror=parent.stolen=1>'}, {kind: 'none'}, 7]);"
    b"for (let i = 0; i < 2000; i++) say([{kind: 'error', message: i + 'x'.repeat(1e5)}]);"
    b"</script>",
}


class Pages(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == "/slow":
            time.sleep(60)
        body = SCRIPT if path == "/app.js" else PAGES.get(path)
        self.send_response(404 if body is None else 200)
        body = body or b"There is nothing here."
        kind = "text/javascript" if path == "/app.js" else "text/html"
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if path == "/strict":
            self.send_header("Content-Security-Policy", "default-src 'none'")
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Pages).serve_forever()
