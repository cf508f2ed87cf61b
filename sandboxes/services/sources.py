"""Filling a new sandbox from a git repository or a tarball, inside it and by its network policy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from sandboxes.models import Command, Sandbox
from sandboxes.output import replay
from sandboxes.services import commands, refused_hosts
from vibe.accounts.models import User
from vibe.refusal import Refusal

SECONDS = 600
GIT_SCHEMES = ("https", "http", "git", "ssh", "file")
TAR_SCHEMES = ("https", "http", "file")

# Name and password come by the environment: an argument list is for all to read.
_GIT = r"""
set -e
export GIT_TERMINAL_PROMPT=0
helper='!f() { test "$1" = get && printf "username=%s\npassword=%s\n" "$U" "$P"; }; f'
auth() { if [ -n "$U$P" ]; then git -c credential.helper= -c credential.helper="$helper" "$@";
  else git "$@"; fi; }
if [ -z "$REVISION" ]; then
  auth clone --quiet ${DEPTH:+--depth "$DEPTH"} -- "$URL" "$INTO"
else
  git init --quiet "$INTO"
  cd "$INTO"
  git remote add origin "$URL"
  if auth fetch --quiet ${DEPTH:+--depth "$DEPTH"} origin "$REVISION"; then
    git checkout --quiet FETCH_HEAD
  else
    auth fetch --quiet --tags origin "+refs/heads/*:refs/remotes/origin/*"
    git checkout --quiet "$REVISION"
  fi
fi
"""
_TARBALL = r"""
set -e
curl --fail --silent --show-error --location --output "$TMPDIR/source.tar" -- "$URL"
tar -xf "$TMPDIR/source.tar" -C "$INTO"
rm "$TMPDIR/source.tar"
"""


@dataclass(frozen=True)
class Source:
    """`kind` git or tarball; `depth` 0 means the whole history."""

    kind: str
    url: str
    depth: int = 0
    revision: str = ""
    username: str = ""
    password: str = ""


def check(source: Source) -> None:
    """Raises Refusal for an address that nothing can be fetched from."""
    schemes = GIT_SCHEMES if source.kind == "git" else TAR_SCHEMES
    try:
        parts = urlsplit(source.url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in schemes or not (parts.hostname or parts.scheme == "file"):
        raise Refusal(
            "The source's address cannot be fetched from.", f"Use one of {', '.join(schemes)}."
        )
    if source.revision.startswith("-"):
        raise Refusal("A revision does not begin with a dash.", "Name a branch, tag or id.")


def fill(sandbox: Sandbox, source: Source, *, by: User, subdirectory: bool = True) -> Command:
    """Start the command that fetches the source into the workspace. A repository gets a
    directory of its own name there, unless `subdirectory` is false."""
    git = source.kind == "git"
    name = repository_name(source.url) if git and subdirectory else "."
    return commands.run(
        sandbox,
        "sh",
        ["-c", _GIT if git else _TARBALL],
        env={
            "URL": source.url,
            "INTO": name,
            "DEPTH": str(source.depth or ""),
            "REVISION": source.revision,
            "U": source.username,
            "P": source.password,
            "TMPDIR": "/tmp",  # noqa: S108 - the sandbox's own
        },
        timeout=SECONDS,
        by=by,
    )


def check_filled(command: Command) -> None:
    """Forget the secrets of a fetch that has ended. Raises Refusal when it failed."""
    Command.objects.filter(pk=command.pk).update(env={})
    if not command.succeeded:
        said = replay.text(command, 2000).strip() or command.outcome
        refused = " ".join(one.sentence for one in refused_hosts.of(command))
        raise Refusal(
            f"The source could not be fetched: {said}",
            refused or "Look at its address, its rights and the sandbox's network policy.",
        )


def repository_name(url: str) -> str:
    """The directory that git itself would choose."""
    last = urlsplit(url).path.rstrip("/").rpartition("/")[2].removesuffix(".git")
    return re.sub(r"[^A-Za-z0-9._-]", "-", last).lstrip(".-") or "repository"
