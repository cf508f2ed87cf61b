"""Versions of a conversation's workspace: list, compare, download, name, restore."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router, Schema
from pydantic import Field

from chat.models import Version
from chat.services import conversations
from chat.services.versioning import versions
from sandboxes import transfers
from sandboxes.services import checkpoints, version_files
from vibe.api.authentication import access, caller
from vibe.api.fields import Before, JsonObject, Limit, Text
from vibe.api.later import later
from vibe.api.pagination import PAGE, Page, paginate
from vibe.data.database import in_thread

router = Router(auth=access("chat"))
SETTLE_SECONDS = 10.0
RESTORE_SECONDS = 120.0


class LeftOut(Schema):
    count: int
    paths: list[str] = Field(description="The first of them.")


class VersionOut(Schema):
    id: str = Field(examples=["ver_9z5b3n6k2v8q5a1c7m4x"])
    number: int | None = Field(description="Null until its files are saved.")
    title: str = Field(examples=["Build a todo app in Flask"])
    name: str
    favourite: bool
    reason: Literal["turn", "changed", "restore", "undo"]
    turn_id: str | None
    restores_id: str | None = Field(description="The version whose files these are.")
    created_at: datetime
    status: Literal["requested", "made", "unchanged", "failed"]
    files_changed: int
    lines_added: int
    lines_removed: int
    data_files: list[str] = Field(description="Databases of the app that it holds.")
    left_out: dict[str, LeftOut] = Field(description="What it does not hold, by reason.")
    servers: list[str] = Field(description="Commands that ran on in the background.")
    next_steps: list[str] = Field(
        description="Commands to run now, since the restore has changed lock files.",
    )
    error: str

    @staticmethod
    def resolve_servers(version: Any) -> list[str]:
        return [one["line"] for one in version.checkpoint.servers]

    @staticmethod
    def resolve_status(version: Any) -> str:
        return version.checkpoint.status

    @staticmethod
    def resolve_files_changed(version: Any) -> int:
        return version.checkpoint.files_changed

    @staticmethod
    def resolve_lines_added(version: Any) -> int:
        return version.checkpoint.lines_added

    @staticmethod
    def resolve_lines_removed(version: Any) -> int:
        return version.checkpoint.lines_removed

    @staticmethod
    def resolve_data_files(version: Any) -> list[str]:
        return version.checkpoint.data_files

    @staticmethod
    def resolve_left_out(version: Any) -> dict[str, Any]:
        return version.checkpoint.left_out

    @staticmethod
    def resolve_next_steps(version: Any) -> list[str]:
        return version.checkpoint.next_steps

    @staticmethod
    def resolve_error(version: Any) -> str:
        return version.checkpoint.error


class VersionPatch(JsonObject):
    name: Text | None = Field(None, max_length=versions.NAME_LENGTH)
    favourite: bool | None = None


class VersionRestoreIn(JsonObject):
    data: Literal["restore", "keep"] = Field(
        "restore", description="Whether the databases of the app go back too, or stay."
    )


class FileChangeOut(Schema):
    path: str
    status: Literal["added", "changed", "deleted"]
    added: int | None = Field(description="Lines; null for what is no text.")
    removed: int | None
    patch: str | None = Field(description="Unified diff.")


class ChangesOut(Schema):
    files: list[FileChangeOut]
    more: int = Field(description="Files that changed besides these.")
    added: int
    removed: int


@router.get(
    "/conversations/{slug:conversation_id}/versions",
    response=Page[VersionOut],
    summary="List versions",
)
def list_versions(
    request: HttpRequest, conversation_id: str, limit: Limit = PAGE, before: Before = ""
) -> Any:
    """Of the workspace, the newest first: one after each turn, one before a turn when files had
    changed meanwhile, one for each restore."""
    conversation = conversations.get_for(caller(request), conversation_id)

    def page() -> Any:
        rows = versions.list_for(conversation)
        return paginate(rows, by="created_at", limit=limit, before=before)

    async def found() -> Any:
        if conversation.sandbox_id:
            await checkpoints.settled(conversation.sandbox_id, SETTLE_SECONDS)
        return await in_thread(page)

    return later(Page[VersionOut], found)


@router.get("/versions/{slug:version_id}", response=VersionOut, summary="Get a version")
def get_version(request: HttpRequest, version_id: str) -> Any:
    return versions.get_for(caller(request), version_id)


@router.patch("/versions/{slug:version_id}", response=VersionOut, summary="Name a version")
def change_version(request: HttpRequest, version_id: str, data: VersionPatch) -> Any:
    version = versions.get_for(caller(request), version_id)
    return versions.change(version, name=data.name, favourite=data.favourite)


@router.get(
    "/versions/{slug:version_id}/changes", response=ChangesOut, summary="What a version changed"
)
def version_changes(request: HttpRequest, version_id: str, since: Text = "") -> Any:
    """Against the version before it, or against the version whose id is `since`."""
    user = caller(request)
    version = versions.get_for(user, version_id)
    other = versions.get_for(user, since) if since else None
    return versions.changes(version, since=other)


@router.get(
    "/versions/{slug:version_id}/archive",
    summary="Download a version",
    openapi_extra={
        "responses": {
            200: {
                "description": "The bytes",
                "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
            }
        }
    },
)
def version_archive(request: HttpRequest, version_id: str) -> HttpResponseBase:
    """All its files as a zip, made while it is sent."""
    version = versions.get_for(caller(request), version_id)
    content = version_files.archive(version.checkpoint)
    subject = conversations.subject(version.conversation_id)
    return transfers.made_as_file(
        content, f"version-{version.number}.zip", "application/zip", subject
    )


@router.post(
    "/versions/{slug:version_id}/restore",
    response={201: VersionOut},
    summary="Restore a version",
)
def restore_version(
    request: HttpRequest, version_id: str, data: VersionRestoreIn | None = None
) -> Any:
    """Puts its files in the place of the present ones and starts its servers again. What is there
    now becomes a version before, so this can be taken back. 409 while a turn is under way. Answers
    with the new version when that is done."""
    user = caller(request)
    version = versions.get_for(user, version_id)
    made = versions.restore(version, keep_data=data is not None and data.data == "keep")

    async def found() -> Version:
        await checkpoints.settled(made.checkpoint.sandbox_id, RESTORE_SECONDS)
        return await in_thread(versions.outcome, user, made.pk)

    return later(VersionOut, found, status=201)
