"""What the API says about ports and who may enter their previews."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from ninja import Schema
from pydantic import Field

from sandboxes.services.preview_access import LONGEST
from vibe.api.fields import JsonObject

Access = Literal["private", "link", "team", "public"]


class PortOut(Schema):
    port: int = Field(examples=[3000])
    listening: bool = Field(description="Whether a program in the sandbox answers on it now.")
    url: str = Field(examples=["http://3000-8x2m0qk4v7c1a9z5b3n6.vibe.localhost:8000/"])
    access: Access = Field(description="Who may enter its preview now.")
    expires_at: datetime | None = Field(description="When it is private again.")
    link: str = Field(
        description="The address to give to others, a secret in it where that is needed; empty "
        "while it is private."
    )


class PortPatch(JsonObject):
    access: Access = Field(
        description="`private`: its owner. `link`: whoever has `link`. `team`: everybody who is "
        "signed in to this platform. `public`: whoever has `url`."
    )
    expires_in: int | None = Field(
        None, ge=1, le=LONGEST, description="Seconds until it is private again."
    )


class PortsOut(Schema):
    items: list[PortOut]
