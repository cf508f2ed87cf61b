"""One program as an app in a sandbox and on the host, and nginx as a proxy before the latter.

The app is nginx too: nothing else here answers faster, so the proxies are what is measured. The one
in the sandbox has a share of the processor of its own: beside other work it waits longer than the
one on the host, so these figures are for a machine that does nothing else.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.fixtures.waiting import until

PAGE = "<!doctype html><title>App</title>" + "<p>A page, as long as many are.</p>" * 58
DOWNLOAD_MB = 100
_COMMON = """
daemon off; worker_processes {workers}; pid {top}/pid; error_log {top}/errors;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000000;
  client_body_temp_path {top}/1; proxy_temp_path {top}/2; fastcgi_temp_path {top}/3;
  uwsgi_temp_path {top}/4; scgi_temp_path {top}/5;
  {rest}
}}
"""
_APP = """
  types {{ text/html html; }}
  server {{ listen 127.0.0.1:{port}; root {top}; }}
"""
# As docs/deploying.md has it, as far as it concerns requests.
_PROXY = """
  upstream app {{ server 127.0.0.1:{app}; keepalive 64; }}
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off; proxy_request_buffering off;
    }}
  }}
"""


def can() -> bool:
    """Whether this machine has what measures and what is measured against."""
    return all(shutil.which(name) for name in ("nginx", "wrk", "curl"))


def app_conf(top: str, port: int) -> str:
    """For an app whose files lie at `top`: index.html and big.bin."""
    return _COMMON.format(workers=1, top=top, rest=_APP.format(top=top, port=port))


@dataclass(frozen=True)
class Servers:
    direct: int  # ports on 127.0.0.1
    proxy: int


@contextmanager
def servers() -> Iterator[Servers]:
    """The app on the host, and nginx before it."""
    direct, proxy = _free(), _free()
    app, before = (Path(tempfile.mkdtemp(prefix="vibe-bench-")) for _ in range(2))
    app.chmod(0o755)
    (app / "index.html").write_text(PAGE)
    with (app / "big.bin").open("wb") as file:
        for _ in range(DOWNLOAD_MB):
            file.write(os.urandom(1 << 20))
    (app / "conf").write_text(app_conf(str(app), direct))
    rest = _PROXY.format(app=direct, port=proxy)
    (before / "conf").write_text(_COMMON.format(workers="auto", top=before, rest=rest))
    started = [subprocess.Popen(["nginx", "-c", str(top / "conf")]) for top in (app, before)]
    try:
        for port in (direct, proxy):
            until(lambda port=port: _listens(port))
        yield Servers(direct, proxy)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(10)
        for top in (app, before):
            shutil.rmtree(top, ignore_errors=True)


def requests(port: int, host: str, connections: int, seconds: int = 4) -> float:
    """Requests a second that wrk counts for the page; raises AssertionError where one fails."""
    said = subprocess.run(
        ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
         "-H", f"Host: {host}", f"http://127.0.0.1:{port}/"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found, said
    return float(found[1])


def download(port: int, host: str) -> float:
    """Megabytes a second of the download, by curl."""
    said = subprocess.run(
        ["curl", "-s", "-o", "/dev/null", "-w", "%{time_total} %{size_download}",
         "-H", f"Host: {host}", f"http://127.0.0.1:{port}/big.bin"],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout.split()  # fmt: skip
    assert int(said[1]) == DOWNLOAD_MB << 20, said
    return DOWNLOAD_MB / float(said[0])


def answers(port: int, host: str) -> bool:
    """Whether the app is there."""
    said = ["curl", "-s", "-f", "-o", "/dev/null", "-H", f"Host: {host}"]
    return subprocess.run([*said, f"http://127.0.0.1:{port}/"], timeout=60).returncode == 0


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
