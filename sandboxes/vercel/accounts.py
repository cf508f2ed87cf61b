"""What the command-line client asks of the platform around sandboxes, when it is not told."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router

from sandboxes.vercel.access import ApiKeyBearer, caller

router = Router(auth=ApiKeyBearer("read"))
PROJECT = "vercel-sandbox-default-project"


@router.get("/user", summary="Who am I")
def user(request: HttpRequest) -> dict[str, Any]:
    name = caller(request).username
    return {"user": {"defaultTeamId": team_id(request), "username": name}}


@router.get("/teams", summary="List teams: one, of the user alone")
def teams(request: HttpRequest) -> dict[str, Any]:
    return {"teams": [_team(request)], "pagination": {"count": 1, "next": None}}


@router.get("/teams/{team}", summary="Get a team")
def team(request: HttpRequest, team: str) -> dict[str, Any]:
    return _team(request)


@router.get("/projects/{project}", summary="Get a project: every name is one")
def project(request: HttpRequest, project: str) -> dict[str, Any]:
    return {"id": project, "name": project, "accountId": team_id(request)}


def team_id(request: HttpRequest) -> str:
    return f"team_{caller(request).pk}"


def _team(request: HttpRequest) -> dict[str, Any]:
    name = caller(request).username
    return {
        "id": team_id(request),
        "slug": name,
        "name": name,
        "membership": {"role": "OWNER"},
        "billing": {"plan": "pro"},
    }
