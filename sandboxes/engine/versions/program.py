"""The process that makes and restores versions: apart, so that the worker's event loop keeps its
processor and nothing that lies in a workspace costs the worker memory.

Started by `versions.process`. Arguments: a JSON object {parent, do: one of _DO, git, repository,
cache, workspace: a descriptor, bounds, …} as `process` writes it. Writes one line of
JSON: {"done": …} or {"error": …}.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from . import kinds
from .applying import apply
from .bounds import Bounds
from .differing import Difference, differences
from .left_out import LeftOut, printable
from .recording import Recorded, record
from .restoring import export, restore
from .staging import Staging
from .store import Store, StoreError

PR_SET_PDEATHSIG = 1
MOST_DATA = 50


def main() -> None:
    order = json.loads(sys.argv[2])
    _end_with(order["parent"])
    sys.path += order["libraries"]
    os.umask(0o077)
    answer: dict[str, Any]
    try:
        answer = {"done": _DO[order["do"]](order)}
    except StoreError as error:
        answer = {"error": str(error)}
    except OSError as error:
        answer = {"error": error.strerror or str(error)}
    os.write(sys.stdout.fileno(), json.dumps(answer).encode() + b"\n")


def _record(order: dict[str, Any]) -> dict[str, Any]:
    made = _recorder(order)(order["name"], frozenset(), order["always"])
    return _described(order, made, order["base"], LeftOut())


def _restore(order: dict[str, Any]) -> dict[str, Any]:
    recorder = _recorder(order)
    before, after, blocked = restore(
        _store(order),
        order["workspace"],
        Staging(order["staging"]),
        order["commit"],
        before=order["before"],
        after=order["name"],
        keep_data=order["keep_data"],
        record=lambda name, also: recorder(name, also, True),
    )
    kept = f"refs/versions/{order['before']}"
    return {
        "before": _described(order, before, order["base"], LeftOut()),
        "after": _described(order, after, kept, blocked),
    }


def _export(order: dict[str, Any]) -> dict[str, Any]:
    top = order["workspace"]
    staging = Staging(order["staging"])
    files = export(_store(order), top, staging, order["commit"], order["without"])
    return {"files": files, "size": _size_of(f"/proc/self/fd/{top}")}


def _finish(order: dict[str, Any]) -> dict[str, Any]:
    staging = Staging(order["staging"])
    pending = staging.is_pending
    if pending:
        apply(order["workspace"], staging)
    return {"finished": pending}


def _prune(order: dict[str, Any]) -> dict[str, Any]:
    store = _store(order)
    kept = frozenset(order["kept"])
    prefix = "refs/versions/"
    told = store.run("for-each-ref", "--format=%(refname)", prefix).decode()
    gone = [ref for ref in told.split() if ref.removeprefix(prefix) not in kept]
    store.run("update-ref", "--stdin", given="".join(f"delete {ref}\n" for ref in gone).encode())
    store.run("repack", "-a", "-d", "-q")
    store.run("prune", "--expire=now")
    store.run("pack-refs", "--all", "--prune")
    return {"size": _size(Path(order["repository"]))}


_DO = {
    "record": _record,
    "restore": _restore,
    "export": _export,
    "finish": _finish,
    "prune": _prune,
}


def _recorder(order: dict[str, Any]) -> Any:
    def made(name: str, also: frozenset[str], always: bool) -> Recorded:
        return record(
            _store(order),
            order["workspace"],
            name,
            cache=Path(order["cache"]),
            bounds=Bounds(**order["bounds"]),
            when=int(time.time()),
            also=also,
            always=always,
        )

    return made


def _store(order: dict[str, Any]) -> Store:
    return Store(order["repository"], order["git"])


def _described(
    order: dict[str, Any], made: Recorded, base: str, blocked: LeftOut
) -> dict[str, Any]:
    found: list[Difference] = []
    if made.commit:
        found = differences(_store(order), base, made.commit)
    return {
        "commit": made.commit,
        "differs": bool(found) or (made.changed and not _same(order, base, made)),
        "files": len(made.files),
        "files_changed": len(found),
        "added": sum(one.added or 0 for one in found),
        "removed": sum(one.removed or 0 for one in found),
        "left_out": {**made.left.reasons, **blocked.reasons},
        "data": [printable(path) for path in made.data[:MOST_DATA]],
        "locks": {
            path: blob.sha for path, blob in made.files.items() if kinds.install_command(path)
        },
        "size": _size(Path(order["repository"])),
    }


def _same(order: dict[str, Any], base: str, made: Recorded) -> bool:
    """Whether the commit `base` says the same of the workspace, down to modes."""
    if not base:
        return not made.files and not made.folders
    store = _store(order)
    words = store.run("rev-parse", f"{base}^{{tree}}", f"{made.commit}^{{tree}}").split()
    return words[0] == words[1]


def _size(repository: Path) -> int:
    return _size_of(repository.parent)


def _size_of(top: Path | str) -> int:
    return sum(
        os.lstat(os.path.join(folder, name)).st_blocks * 512
        for folder, _, names in os.walk(f"{top}/")
        for name in names
    )


def _end_with(parent: int) -> None:
    """What a worker that is gone has asked for is asked for again by the next one."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)
