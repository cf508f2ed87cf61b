"""The network policy of a sandbox: look at it, change it; of a running one at once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import ConfigDict, Field

from sandboxes.engine.egress.response_form import read_back
from sandboxes.host import registries
from sandboxes.models import Sandbox
from sandboxes.services import finding, network, waiting
from vibe.api.authentication import access, caller
from vibe.api.fields import JsonObject, Text
from vibe.api.later import later
from vibe.data.database import in_thread

router = Router(auth=access("run"))

FORMS = (
    '"deny-all", "registries" or "internet"; or {"allow": ["example.com", "*.example.org"], '
    '"subnets": {"allow": [], "deny": ["192.0.2.0/24"]}}; or "allow" as an object of domains with '
    "lists of rules {match, transform | forwardURL | response}. {mode: registries, allow: […]} "
    "adds hosts to the registries."
)


class NetworkPolicyOut(Schema):
    """What a sandbox reaches. Values of headers are never shown."""

    model_config = ConfigDict(extra="allow")

    mode: str = Field(description="deny-all, registries, internet or custom.")
    allowedDomains: list[str] = Field([], examples=[["api.example.com"]])
    allowedCIDRs: list[str] = []
    deniedCIDRs: list[str] = []
    injectionRules: list[dict[str, Any]] = Field([], description="Names of headers put in.")
    forwardRules: list[dict[str, Any]] = []
    responseRules: list[dict[str, Any]] = []
    registries: list[str] = Field(
        [], description="The hosts that `registries` opens on this machine; empty in other modes."
    )


@router.get(
    "/sandboxes/{sandbox_id}/network-policy",
    response=NetworkPolicyOut,
    summary="Get the network policy",
)
def get_policy(request: HttpRequest, sandbox_id: Text) -> Any:
    return shown(finding.get_for(caller(request), sandbox_id))


@router.put(
    "/sandboxes/{sandbox_id}/network-policy",
    response=NetworkPolicyOut,
    summary="Change the network policy",
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"description": FORMS}}},
        }
    },
)
def put_policy(request: HttpRequest, sandbox_id: Text) -> Any:
    """Of a running sandbox it holds when the answer comes: new connections follow it, and open
    ones that it forbids have been ended."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    seen = network.position(sandbox)
    network.set_policy(sandbox, network.from_json(request.body), wait=0)
    if sandbox.is_live:
        return later(NetworkPolicyOut, lambda: _in_force(sandbox.id, seen))
    return shown(sandbox)


class HostIn(JsonObject):
    host: Text = Field(max_length=255, examples=["git.example.com"])
    port: int = Field(443, ge=1, le=65535, description="80 and 443 go together.")


@router.post(
    "/sandboxes/{sandbox_id}/network-policy/hosts",
    response=NetworkPolicyOut,
    summary="Allow one more host",
)
def allow_host(request: HttpRequest, sandbox_id: Text, data: HostIn) -> Any:
    """Adds a host to what the policy opens: beside the registries, to the listed hosts, or as the
    only one where nothing was open. All else of the policy stays."""
    sandbox = finding.get_for(caller(request), sandbox_id)
    seen = network.position(sandbox)
    network.allow_host(sandbox, data.host, data.port, wait=0)
    if sandbox.is_live:
        return later(NetworkPolicyOut, lambda: _in_force(sandbox.id, seen))
    return shown(sandbox)


async def _in_force(sandbox_id: str, seen: int) -> dict[str, Any]:
    sandbox = await waiting.policy_in_force(sandbox_id, seen, network.APPLY_SECONDS)
    return await in_thread(shown, sandbox)


def shown(sandbox: Sandbox) -> dict[str, Any]:
    policy = network.policy_of(sandbox)
    hosts = registries.hosts() if policy.mode == "registries" else []
    return {**read_back(policy), "registries": hosts}
