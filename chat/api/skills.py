"""Skills of a user, for all conversations."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from ninja.responses import Status
from pydantic import Field

from chat.services.context import skills
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text

router = Router(auth=access("chat"))
EXAMPLE = "---\nname: deploy\ndescription: How to deploy. Use when asked to.\n---\n\nPush it."


class OwnSkillOut(Schema):
    id: str = Field(examples=["skill_5a1c7m4x9z5b3n6k2v8q"])
    name: str
    description: str
    text: str
    updated_at: datetime


class SkillIn(JsonObject):
    text: Text = Field(
        min_length=1,
        max_length=skills.TEXT_LIMIT,
        description="A SKILL.md, which begins with name and description.",
        examples=[EXAMPLE],
    )


@router.get("/skills", response=list[OwnSkillOut], summary="List your skills")
def list_own_skills(request: HttpRequest) -> Any:
    return list(skills.list_for(caller(request)))


@router.post("/skills", response={201: OwnSkillOut}, summary="Add a skill")
def create_skill(request: HttpRequest, data: SkillIn) -> Any:
    """409 where you have one of this name."""
    return Status(201, skills.save(caller(request), data.text))


@router.put("/skills/{slug:skill_id}", response=OwnSkillOut, summary="Change a skill")
def change_skill(request: HttpRequest, skill_id: str, data: SkillIn) -> Any:
    return skills.save(caller(request), data.text, skill_id=skill_id)


@router.delete("/skills/{slug:skill_id}", response={204: None}, summary="Delete a skill")
def delete_skill(request: HttpRequest, skill_id: str) -> Any:
    skills.delete(skills.get_for(caller(request), skill_id))
    return Status(204, None)
