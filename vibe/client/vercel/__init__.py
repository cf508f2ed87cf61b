"""Pointing the official clients of Vercel Sandbox at a Vibe server, without a change to them."""

from __future__ import annotations

import json
import shlex
import shutil
import time
from base64 import urlsafe_b64encode
from pathlib import Path

TEAM, PROJECT = "team_vibe", "vercel-sandbox-default-project"
HERE = Path(__file__).resolve().parent
YEAR = 366 * 86_400


def write_preloads(directory: Path) -> None:
    """Put the files that the clients load first below `directory`."""
    (directory / "python").mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("redirect.mjs", "python/sitecustomize.py"):
        shutil.copyfile(HERE / name, directory / name)


def exports(url: str, key: str, preview: str, directory: Path) -> str:
    """Shell lines that set what the clients read.

    `url` is the server's address, `preview` the address of a preview with PORT-SANDBOX in it.
    """
    node = f"--import={(directory / 'redirect.mjs').as_uri()}"
    python = str(directory / "python")
    values = {
        "VIBE_VERCEL_URL": f"{url.rstrip('/')}/vercel",
        "VIBE_VERCEL_PREVIEW": preview,
        "VERCEL_OIDC_TOKEN": token(key),
        "VERCEL_TOKEN": key,
        "VERCEL_AUTH_TOKEN": key,
        "VERCEL_TEAM_ID": TEAM,
        "VERCEL_PROJECT_ID": PROJECT,
        "SANDBOX_SKIP_VERSION_CHECK": "1",
        "VERCEL_TELEMETRY_DISABLED": "1",
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    # Added to what is there, so that other preloads go on to work.
    lines.append(f'export NODE_OPTIONS="{node}${{NODE_OPTIONS:+ $NODE_OPTIONS}}"')
    lines.append(f'export PYTHONPATH={shlex.quote(python)}"${{PYTHONPATH:+:$PYTHONPATH}}"')
    return "\n".join(lines)


def token(key: str) -> str:
    """The key in the shape of the platform's tokens, which clients read team and project from."""
    now = int(time.time())
    parts = (
        {"alg": "none", "typ": "JWT"},
        {
            "owner_id": TEAM,
            "project_id": PROJECT,
            "iat": now,
            "exp": now + 10 * YEAR,
            "vibe_key": key,
        },
    )
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, "none"])
