"""What the caller has of what one user may have."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from sandboxes.services import quota_list
from vibe.api.authentication import access, caller

router = Router(auth=access("read"))


class QuotaOut(Schema):
    name: str = Field(
        description="disk, sandboxes, running, commands, snapshots, drives, logs, conversations, "
        "keys, webhooks, messages.",
        examples=["disk"],
    )
    used: int
    most: int = Field(description="0: no limit.")
    unit: str = Field(description="bytes; empty for what is counted one by one.")
    text: str = Field(examples=["Disk 1.2 GB of 20 GB"])


class QuotasOut(Schema):
    items: list[QuotaOut]


@router.get("/quotas", response=QuotasOut, summary="List your quotas")
def list_quotas(request: HttpRequest) -> Any:
    """What you may have in all, and how much of it you have. What would go beyond is refused with
    429 and the code `limit`."""
    return {"items": quota_list.list_for(caller(request))}
