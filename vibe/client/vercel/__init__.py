"""Pointing the official clients of Vercel Sandbox at a Vibe server, without a change to them.

What the clients read in the environment is worth nothing: PASS has the shape that they insist on.
The token itself stands in a variable that only the files loaded before a program know. They put it
into requests to the server at VIBE_VERCEL_URL, and stop any that would take it elsewhere. So a
program that starts without them, or another library that reads the same variables, has nothing to
send to strangers.
"""

from __future__ import annotations

import json
import shlex
import shutil
from base64 import urlsafe_b64encode
from pathlib import Path

TEAM, PROJECT = "team_vibe", "vercel-sandbox-default-project"
HERE = Path(__file__).resolve().parent
FILES = ("redirect.cjs", "addresses.cjs", "addresses.mjs", "python/sitecustomize.py")


def _encoded(part: dict[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


# Clients read team and project from it. It never ends for them: they would ask vercel.com for
# another. The server knows when the token does.
PASS = ".".join(
    [
        _encoded({"alg": "none", "typ": "JWT"}),
        _encoded({"owner_id": TEAM, "project_id": PROJECT, "iat": 0, "exp": 4_102_444_800}),
        "worth-nothing-without-the-preload-of-vibe",
    ]
)


def write_preloads(directory: Path) -> None:
    """Put the files that the clients load first below `directory`."""
    (directory / "python").mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in FILES:
        shutil.copyfile(HERE / name, directory / name)


def exports(url: str, token: str, preview: str, directory: Path) -> str:
    """Shell lines that set what the clients read.

    `url` is the server's address, `token` what it knows the caller by, `preview` the address of a
    preview with PORT-SANDBOX in it.
    """
    values = {
        "VIBE_VERCEL_URL": f"{url.rstrip('/')}/vercel",
        "VIBE_VERCEL_PREVIEW": preview,
        "VIBE_VERCEL_TOKEN": token,
        "VERCEL_OIDC_TOKEN": PASS,
        # For programs that hand these to the clients themselves.
        "VERCEL_TOKEN": PASS,
        "VERCEL_AUTH_TOKEN": PASS,
        "VERCEL_TEAM_ID": TEAM,
        "VERCEL_PROJECT_ID": PROJECT,
        "SANDBOX_SKIP_VERSION_CHECK": "1",
        "VERCEL_TELEMETRY_DISABLED": "1",
    }
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    # Added to what is there, so that other preloads go on to work; last, because Next.js keeps the
    # last of several, and no --import, because there is often one already.
    file = str(directory / "redirect.cjs")
    node = shlex.quote(f"--require={json.dumps(file) if ' ' in file else file}")
    lines.append(f'export NODE_OPTIONS="${{NODE_OPTIONS:+$NODE_OPTIONS }}"{node}')
    python = shlex.quote(str(directory / "python"))
    lines.append(f'export PYTHONPATH={python}"${{PYTHONPATH:+:$PYTHONPATH}}"')
    return "\n".join(lines)
