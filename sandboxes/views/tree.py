"""A flat listing of files as the tree of folders that people read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from sandboxes.engine import FileEntry
from sandboxes.services.files import NOT_ENTERED


@dataclass
class Node:
    """A file or folder; `key` names it in the page's ids, `skipped` that it was not entered."""

    name: str
    path: str
    is_dir: bool
    size: int = 0
    skipped: bool = False
    open: bool = False
    children: list[Node] = field(default_factory=list)

    @property
    def key(self) -> str:
        return sha256(self.path.encode(errors="surrogatepass")).hexdigest()[:16]


def tree(entries: Iterable[FileEntry]) -> list[Node]:
    """Folders first, then by name; a folder that the listing only implies is there too."""
    roots: list[Node] = []
    folders: dict[str, Node] = {}

    def folder(path: str) -> list[Node]:
        if not path:
            return roots
        if path not in folders:
            above, _, name = path.rpartition("/")
            skipped = name in NOT_ENTERED
            # At the top folders are open: one looks at a fresh project at a glance.
            folders[path] = Node(name, path, True, skipped=skipped, open=not above and not skipped)
            folder(above).append(folders[path])
        return folders[path].children

    for entry in entries:
        path = entry.path.strip("/")
        if not path or path == ".":
            continue
        if entry.kind == "dir":
            folder(path)
        else:
            above, _, name = path.rpartition("/")
            folder(above).append(Node(name, path, False, entry.size))
    _sort(roots)
    return roots


def _sort(nodes: list[Node]) -> None:
    nodes.sort(key=lambda node: (not node.is_dir, node.name.lower(), node.name))
    for node in nodes:
        _sort(node.children)
