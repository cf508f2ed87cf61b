"""The APIs of the official Vercel Sandbox clients: /vercel/v2, /vercel/v3 and the older /v1."""

from __future__ import annotations

from typing import Any

from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from sandboxes.vercel import (
    accounts,
    commands,
    drives,
    errors,
    files,
    forks,
    interactive,
    sandboxes,
    sessions,
    shapes,
    snapshots,
    standard_input,
    v1,
)
from vibe.api.openapi import Api

DESCRIPTION = """\
What the official clients of Vercel Sandbox speak; they work unchanged with `http://HOST/vercel` as
their base URL and an API key of this server as their token. `python3 manage.py env vercel` prints
how to point them here. For new programs the native API at `/api/docs` says more.
"""


class ProtocolApi(Api):
    error = errors.Error
    error_type = "application/json"

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Like `snapshots_get`: many modules have a `get`."""
        function = operation.view_func
        return f"{function.__module__.rpartition('.')[2]}_{function.__name__}"

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        document["components"]["schemas"].update(shapes.components())
        return document


api = ProtocolApi(
    root="/vercel/v2/",
    title="Vibe, Vercel-compatible",
    version="3",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="vercel",
)
errors.register(api)
# In this order: `sessions`, `snapshots` and `drives` are no names of sandboxes.
for tag, module in (
    ("Sessions", sessions),
    ("Commands", commands),
    ("Commands", standard_input),
    ("Commands", interactive),
    ("Files", files),
    ("Snapshots", snapshots),
    ("Drives", drives),
    ("Sandboxes", sandboxes),
    ("Sandboxes", forks),
    ("Account", accounts),
):
    api.add_router("", module.router, tags=[tag])

old_api = ProtocolApi(
    root="/vercel/v1/",
    title="Vibe, Vercel-compatible, of the clients before sandboxes had names",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="vercel-v1",
)
errors.register(old_api)
old_api.add_router("", v1.router, tags=["Version 1"])
