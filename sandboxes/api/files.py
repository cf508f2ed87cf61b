"""Files of a sandbox, running or stopped: list, look for, make, change, remove."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from ninja.responses import Status

from sandboxes.api.file_schemas import (
    DirectoryIn,
    FileChangeIn,
    FileIn,
    FileStatOut,
    MatchesOut,
    MoveIn,
    WrittenOut,
)
from sandboxes.api.schemas import FilesOut
from sandboxes.services import files, finding
from vibe.api.authentication import access, caller
from vibe.api.fields import NO_NUL, Directory, Path, Text

router = Router(auth=access("files"))

Depth = Annotated[int, Query(ge=0, le=100, description="Levels of folders; 0: all of them.")]
Count = Annotated[int, Query(ge=1, le=files.MAX_LISTED, description="Most entries.")]
Everything = Annotated[
    bool, Query(description="Also what lies in folders of tools, such as node_modules and .git.")
]
Needle = Annotated[str, Query(min_length=1, max_length=1000, pattern=NO_NUL)]
Pattern = Annotated[
    str, Query(max_length=200, pattern=NO_NUL, description="Only in files with such names: *.py")
]


@router.get("/sandboxes/{sandbox_id}/files", response=FilesOut, summary="List files")
def list_files(
    request: HttpRequest,
    sandbox_id: Text,
    path: Directory = ".",
    depth: Depth = 0,
    limit: Count = 5000,
    everything: Everything = False,
) -> Any:
    """What lies below a directory of the workspace."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    items, truncated = files.list_files(
        sandbox, path, limit, depth=depth or None, everything=everything
    )
    return {"path": path, "items": items, "truncated": truncated}


@router.put("/sandboxes/{sandbox_id}/files", response=WrittenOut, summary="Write files")
def write_files(request: HttpRequest, sandbox_id: Text, data: list[FileIn]) -> Any:
    """Writes all of them, making directories as needed."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    files.write_files(sandbox, [(file.path, file.raw()) for file in data])
    return {"written": [file.path for file in data]}


@router.patch(
    "/sandboxes/{sandbox_id}/files", response=FileStatOut, summary="Move or set permissions"
)
def change_file(request: HttpRequest, sandbox_id: Text, path: Path, data: FileChangeIn) -> Any:
    """Answers with the file as it is afterwards."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    if data.target is not None:
        files.move(sandbox, path, data.target, overwrite=data.overwrite)
        path = data.target
    if data.mode is not None:
        files.set_mode(sandbox, path, data.mode)
    return files.stat(sandbox, path, follow=False)


@router.delete(
    "/sandboxes/{sandbox_id}/files", response={204: None}, summary="Remove a file or directory"
)
def remove_file(request: HttpRequest, sandbox_id: Text, path: Path, recursive: bool = False) -> Any:
    """A directory that is not empty goes only with `recursive=1`."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    files.remove(sandbox, path, recursive=recursive)
    return Status(204, None)


@router.get(
    "/sandboxes/{sandbox_id}/files/stat", response=FileStatOut, summary="Look at one file or folder"
)
def stat_file(request: HttpRequest, sandbox_id: Text, path: Path, follow: bool = True) -> Any:
    """With `follow=0` of a link itself, and not of what it points to."""
    return files.stat(finding.get_for(caller(request), sandbox_id), path, follow=follow)


@router.get(
    "/sandboxes/{sandbox_id}/files/search", response=MatchesOut, summary="Search in files or names"
)
def search_files(
    request: HttpRequest,
    sandbox_id: Text,
    text: Needle,
    where: Literal["content", "names"] = "content",
    case: bool = False,
    names: Pattern = "",
    path: Directory = ".",
    limit: Annotated[int, Query(ge=1, le=1000, description="Most matches.")] = 200,
) -> Any:
    """Plain text, not a pattern; with `where=names` also patterns such as `*.py`."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    items, truncated, count = files.search(
        sandbox, text, path=path, where=where, case=case, names=names, limit=limit
    )
    return {"items": items, "truncated": truncated, "files": count}


@router.post("/sandboxes/{sandbox_id}/files/move", response={204: None}, summary="Move or rename")
def move_file(request: HttpRequest, sandbox_id: Text, data: MoveIn) -> Any:
    files.move(finding.get_for(caller(request), sandbox_id), data.source, data.target)
    return Status(204, None)


@router.post(
    "/sandboxes/{sandbox_id}/files/copy", response={204: None}, summary="Copy a file or directory"
)
def copy_file(request: HttpRequest, sandbox_id: Text, data: MoveIn) -> Any:
    """With everything in it; never over something."""
    files.copy(finding.get_for(caller(request), sandbox_id), data.source, data.target)
    return Status(204, None)


@router.post(
    "/sandboxes/{sandbox_id}/files/directory", response={204: None}, summary="Make a directory"
)
def make_directory(request: HttpRequest, sandbox_id: Text, data: DirectoryIn) -> Any:
    files.make_directory(finding.get_for(caller(request), sandbox_id), data.path)
    return Status(204, None)
