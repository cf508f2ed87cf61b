"""Which server the client talks to, and with which key."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from vibe.client.errors import ClientError

DEFAULT_URL = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Config:
    url: str
    key: str


def file() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "vibe" / "client.json"


def load(url: str = "", key: str = "") -> Config:
    """What was given, else the environment (VIBE_API_URL, VIBE_API_KEY), else what `login` kept."""
    kept = _read()
    found = Config(
        (url or os.environ.get("VIBE_API_URL") or kept.get("url") or DEFAULT_URL).rstrip("/"),
        key or os.environ.get("VIBE_API_KEY") or kept.get("key") or "",
    )
    if not found.key:
        raise ClientError(
            "There is no API key.",
            "Run `vibe login`, or set VIBE_API_KEY. On the server, "
            "`python3 manage.py create_api_key USERNAME` makes one.",
        )
    return found


def save(config: Config) -> Path:
    """Keep it for later calls, readable by its owner alone."""
    path = file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        os.fchmod(descriptor, 0o600)
        json.dump({"url": config.url, "key": config.key}, stream)
    return path


def _read() -> dict[str, str]:
    try:
        found = json.loads(file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
