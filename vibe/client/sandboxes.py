"""`vibe create`, `ls`, `stop`, `resume`, `rm`, `url`."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import Any

from vibe.client.connection import Connection, part
from vibe.client.errors import ClientError
from vibe.client.progress import Working

WAIT = 60


def create(api: Connection, options: Namespace) -> int:
    body: dict[str, Any] = {"name": options.name or "", "wait": WAIT, "ports": options.port}
    body["env"] = dict(pair(text) for text in options.env)
    if options.timeout:
        body["timeout"] = options.timeout
    with Working("Starting a sandbox"):
        made = api.call("POST", "sandboxes", body)
    print(made["name"])
    return 0


def pair(text: str) -> tuple[str, str]:
    """`NAME=VALUE` in two. Raises ClientError."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ClientError(f"{text!r} sets nothing.", "Write NAME=VALUE.")
    return name, value


def list_all(api: Connection, _options: Namespace) -> int:
    rows = [("NAME", "STATUS", "TIME LEFT UNTIL", "ID")]
    before = None
    while True:
        page = api.call("GET", "sandboxes", limit=200, before=before)
        rows += [
            (item["name"], item["status"], item["expires_at"] or "–", item["id"])
            for item in page["items"]
        ]
        before = page["next"]
        if not before:
            break
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for name, status, until, sandbox_id in rows:
        print(f"{name:<{widths[0]}}  {status:<{widths[1]}}  {until:<{widths[2]}}  {sandbox_id}")
    return 0


def stop(api: Connection, options: Namespace) -> int:
    for name in options.sandbox:
        api.call("POST", f"sandboxes/{part(name)}/stop")
    return 0


def resume(api: Connection, options: Namespace) -> int:
    with Working("Starting"):
        api.call("POST", f"sandboxes/{part(options.sandbox)}/resume", {"wait": WAIT})
    return 0


def remove(api: Connection, options: Namespace) -> int:
    for name in options.sandbox:
        api.call("DELETE", f"sandboxes/{part(name)}")
    return 0


def url(api: Connection, options: Namespace) -> int:
    """Print where the ports of a sandbox are previewed; stdout holds nothing but addresses."""
    for item in api.call("GET", f"sandboxes/{part(options.sandbox)}/ports")["items"]:
        if options.port in (None, item["port"]):
            print(item["url"])
            if not item["listening"]:
                print(f"Nothing listens on port {item['port']} yet.", file=sys.stderr)
    return 0
