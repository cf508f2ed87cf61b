"""Loaded at the start of a program: has the Vercel Sandbox client talk to VIBE_VERCEL_URL.

The client knows no more than a pass that is worth nothing. Here it is exchanged for the token, in
requests to that server, and whatever would take either of them elsewhere is stopped. Names of
previews below localhost are found. Nothing is imported before the program imports it itself, and
another sitecustomize still runs.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import re
import sys
from typing import Any
from urllib.parse import urlsplit

OPTIONS = "vercel.sandbox._internal.options"
CLIENTS = ("httpx", "httpx2")
HERE = os.path.dirname(os.path.abspath(__file__))
KEY = re.compile(r"\bvibe_[A-Za-z0-9]{40}\b")


def _base() -> str:
    return os.environ["VIBE_VERCEL_URL"].rstrip("/")


def _is_secret(text: str) -> bool:
    known = (os.environ.get("VIBE_VERCEL_TOKEN"), os.environ.get("VERCEL_OIDC_TOKEN"))
    return any(one and one in text for one in known) or KEY.search(text) is not None


def _is_server(url: str) -> bool:
    asked, server = urlsplit(url), urlsplit(_base())
    place = (asked.scheme, asked.hostname, asked.port) == (
        server.scheme, server.hostname, server.port
    )  # fmt: skip
    return place and f"{asked.path}/".startswith(f"{server.path}/")


def exchange(request: Any) -> None:
    """Put the token into a request to the server; stop one that takes it anywhere else."""
    url = str(request.url)
    held = [(name, value) for name, value in request.headers.items() if _is_secret(value)]
    if not held and not _is_secret(url):
        return
    if not _is_server(url) or _is_secret(url):
        raise RuntimeError(
            f"Stopped by Vibe: this request would take its token to {request.url.host}. It is for "
            f"{_base()} alone; give other services a key of their own."
        )
    shown, token = os.environ.get("VERCEL_OIDC_TOKEN"), os.environ.get("VIBE_VERCEL_TOKEN")
    for name, value in held:
        if shown and token:
            request.headers[name] = value.replace(shown, token)


def _redirect(module: Any) -> None:
    module.DEFAULT_SANDBOX_API_BASE_URL = os.environ["VIBE_VERCEL_URL"]


def _watch(module: Any) -> None:
    """Every request of an httpx client passes `_send_single_request`, redirects too."""
    plain, patient = module.Client, module.AsyncClient
    send, send_async = plain._send_single_request, patient._send_single_request

    def sending(self: Any, request: Any) -> Any:
        exchange(request)
        return send(self, request)

    async def sending_async(self: Any, request: Any) -> Any:
        exchange(request)
        return await send_async(self, request)

    plain._send_single_request, patient._send_single_request = sending, sending_async


def _resolve(module: Any) -> None:
    """Names below localhost are this machine, also where its resolver does not know that."""
    plain = module.getaddrinfo

    def getaddrinfo(host: Any, port: Any, family: int = 0, *rest: Any, **more: Any) -> Any:
        text = host.decode("latin-1") if isinstance(host, bytes) else host
        if isinstance(text, str) and text.lower().rstrip(".").endswith(".localhost"):
            host = "::1" if family == module.AF_INET6 else "127.0.0.1"
        return plain(host, port, family, *rest, **more)

    module.getaddrinfo = getaddrinfo


CHANGES = {"socket": _resolve, OPTIONS: _redirect, **dict.fromkeys(CLIENTS, _watch)}


class Preload(importlib.abc.MetaPathFinder):
    """Changes a module right after it has been loaded."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        change = CHANGES.get(name)
        if change is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            change(module)

        setattr(spec.loader, "exec_module", exec_module)  # noqa: B010 - of this one loader
        return spec


def _next_one() -> None:
    elsewhere = [entry for entry in sys.path if os.path.abspath(entry or ".") != HERE]
    spec = importlib.machinery.PathFinder.find_spec("sitecustomize", elsewhere)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


if os.environ.get("VIBE_VERCEL_URL"):
    sys.meta_path.insert(0, Preload())
    for loaded in CHANGES.keys() & sys.modules.keys():
        CHANGES[loaded](sys.modules[loaded])
_next_one()
