"""The files of a sandbox: by its agent while it runs, else by a process of the host.

Paths are relative to the workspace or absolute, as programs in the sandbox write them.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TypeVar

from sandboxes.engine import (
    EngineError,
    FileEntry,
    FileOperations,
    FileStat,
    Match,
    Reading,
    Unpacked,
)
from sandboxes.engine.files import File
from sandboxes.models import Sandbox, SandboxEvent
from sandboxes.news import event_log, events
from sandboxes.services import file_places
from sandboxes.services.file_errors import told
from sandboxes.services.finding import not_found
from sandboxes.services.writing import Writing
from vibe.refusal import Refusal

# Listed, but not entered: nobody looks for their own work in there.
NOT_ENTERED = ("node_modules", ".git", "__pycache__", ".venv", "venv", ".next", ".cache")
# Left out of archives: made anew by tools, and most of the bytes.
NOT_PACKED = tuple(name for name in NOT_ENTERED if name != ".git")
MAX_READ = 1_000_000
MAX_WRITE = 64 * 1024 * 1024
MAX_LISTED = 100_000
ARCHIVES = {"tar": "application/x-tar", "tar.gz": "application/gzip", "zip": "application/zip"}

Result = TypeVar("Result")


def list_files(
    sandbox: Sandbox,
    path: str = ".",
    limit: int = 5000,
    *,
    depth: int | None = None,
    everything: bool = False,
) -> tuple[list[FileEntry], bool]:
    """Everything below `path`, parents first; the flag says that the list was cut short.

    Folders of tools (NOT_ENTERED) are entered only with `everything`.
    """
    exclude = () if everything else NOT_ENTERED
    limit = min(limit, MAX_LISTED)
    return _ask(sandbox, lambda files: files.list_files(path, depth, limit, exclude))


def stat(sandbox: Sandbox, path: str, *, follow: bool = True) -> FileStat:
    """What is known of one file, folder or (without `follow`) link."""
    return _ask(sandbox, lambda files: files.stat(path, follow))


def read_file(sandbox: Sandbox, path: str, max_bytes: int = MAX_READ) -> bytes:
    """A file's whole content; refused when it is larger than `max_bytes`."""
    return _ask(sandbox, lambda files: files.read_file(path, max_bytes))


def open_file(
    sandbox: Sandbox,
    path: str,
    *,
    offset: int = 0,
    length: int | None = None,
    max_bytes: int | None = None,
) -> Reading:
    """A file's content as it comes; close it. Failures on the way are EngineErrors."""
    return _ask(
        sandbox,
        lambda files: files.open_file(path, offset=offset, length=length, max_bytes=max_bytes),
    )


def write_files(sandbox: Sandbox, files: Sequence[tuple[str, bytes]]) -> None:
    """Write files with their parent directories, each atomically; modes are kept."""
    size = sum(len(content) for _, content in files)
    if size > MAX_WRITE:
        raise Refusal(
            f"{size} bytes are too much for one write.", "Write the files in parts.", code="limit"
        )
    content: list[File] = [(path, data, None) for path, data in files]
    _change(sandbox, lambda place, _: place.write_files(content))


def write_file(
    sandbox: Sandbox,
    path: str,
    content: Iterable[bytes],
    *,
    mode: int | None = None,
    append: bool = False,
    expect: str | None = None,
) -> str:
    """Write one file as its content comes, atomically unless appended; returns its version.

    With `expect` only over that version ("" for a new file); else Refusal, code conflict.
    """
    return _change(
        sandbox,
        lambda files, writing: files.write_file(
            path, writing.passing(content), mode=mode, append=append, expect=expect
        ),
    )


def make_directory(sandbox: Sandbox, path: str, *, parents: bool = True) -> None:
    _change(sandbox, lambda files, _: files.make_directory(path, parents))


def remove(sandbox: Sandbox, path: str, *, recursive: bool = False) -> None:
    """As root of the sandbox what root has made in the user's directories."""

    def removed(files: FileOperations) -> None:
        files.remove(path, recursive)

    _change(sandbox, lambda files, _: file_places.or_as_root(files, removed), grows=False)


def move(sandbox: Sandbox, source: str, target: str, *, overwrite: bool = False) -> None:
    """As root of the sandbox what root has made in the user's directories."""

    def moved(files: FileOperations) -> None:
        files.move(source, target, overwrite)

    _change(sandbox, lambda files, _: file_places.or_as_root(files, moved), grows=False)


def copy(sandbox: Sandbox, source: str, target: str) -> None:
    """Copy a file, or a folder with everything in it."""
    _change(sandbox, lambda files, _: files.copy(source, target))


def set_mode(sandbox: Sandbox, path: str, mode: int) -> None:
    """Set the permission bits (0 to 0o777)."""
    _change(sandbox, lambda files, _: files.set_mode(path, mode), grows=False)


def search(
    sandbox: Sandbox,
    text: str,
    *,
    path: str = ".",
    where: str = "content",
    case: bool = False,
    names: str = "",
    limit: int = 200,
) -> tuple[list[Match], bool, int]:
    """Lines (`where` content) or names that hold `text`: (matches, whether there are more, texts
    looked at). `names` restricts a search for lines to files whose name matches, e.g. *.py."""
    return _ask(
        sandbox,
        lambda files: files.search(
            text, path=path, where=where, case=case, names=names, limit=limit, exclude=NOT_ENTERED
        ),
    )


def pack(sandbox: Sandbox, path: str, kind: str, *, everything: bool = False) -> Reading:
    """A folder as one archive (a key of ARCHIVES), as it is made; close it. What root has made
    comes along where the sandbox runs and has a root; else the archive names it."""
    if kind not in ARCHIVES:
        raise Refusal(
            f"There is no kind of archive named {kind!r}.", f"Choose {', '.join(ARCHIVES)}."
        )
    exclude = () if everything else NOT_PACKED
    return _ask(sandbox, lambda files: files.as_root().pack(path, kind, exclude))


def unpack(sandbox: Sandbox, path: str, content: Iterable[bytes]) -> Unpacked:
    """Unpack a tar, tar.gz or zip into the directory `path` as it comes, modes included."""
    result = _change(sandbox, lambda files, writing: files.unpack(path, writing.passing(content)))
    event_log.record(
        sandbox,
        SandboxEvent.Kind.FILES,
        f"An archive with {result.files} files was unpacked into {path}.",
        path=path,
        files=result.files,
        bytes=result.bytes,
    )
    return result


def in_words(reading: Reading) -> Generator[bytes, None, None]:
    """The blocks of a reading, with what goes wrong on the way as a Refusal; closes it."""
    with reading:
        try:
            yield from reading
        except EngineError as error:
            raise told(error) from error


def _change(
    sandbox: Sandbox, operation: Callable[[FileOperations, Writing], Result], *, grows: bool = True
) -> Result:
    """Carry out what changes files, within what the sandbox and its owner may have."""
    if sandbox.deleted_at is not None:
        raise not_found()
    running = file_places.agent(sandbox)
    writing = Writing(sandbox, grows=grows)
    try:
        result = file_places.by(
            sandbox, running, lambda files: operation(files.within(writing.budget), writing)
        )
    except EngineError as error:
        refusal = writing.failed(error, running=running is not None)
        raise refusal or told(error, stopped=running is None) from error
    except BaseException as error:
        writing.failed(error, running=running is not None)
        raise
    writing.done(running=running is not None)
    events.files_changed(sandbox.id)
    return result


def _ask(sandbox: Sandbox, operation: Callable[[FileOperations], Result]) -> Result:
    if sandbox.deleted_at is not None:
        raise not_found()
    running = file_places.agent(sandbox)
    try:
        return file_places.by(sandbox, running, operation)
    except EngineError as error:
        raise told(error, stopped=running is None) from error
