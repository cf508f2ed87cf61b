"""The native JSON API: its endpoints, its documentation page and their addresses."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path, re_path
from django.views.decorators.csrf import csrf_exempt

from chat.api import (
    attachments,
    attempts,
    checks,
    context,
    conversations,
    elements,
    events,
    forks,
    instructions,
    memory,
    models,
    portable,
    problems,
    providers,
    queue,
    search,
    shares,
    skills,
    tool_servers,
    turns,
    versions,
)
from chat.api import usage as spending
from sandboxes.api import (
    commands,
    drives,
    file_content,
    files,
    log_download,
    log_search,
    logs,
    network,
    pictures,
    ports,
    quotas,
    run,
    sandboxes,
    snapshots,
    standard_input,
    terminals,
    usage,
)
from sandboxes.api import elements as page_elements
from sandboxes.api import events as sandbox_events
from vibe.api import docs, errors, idempotency, keys, webhooks
from vibe.api.guard import guarded
from vibe.api.openapi import Api

DESCRIPTION = """\
Sandboxes, commands, files and conversations of this server, for programs.

Send an API key with every request: `Authorization: Bearer vibe_…`. Make one in the settings page
or with `python3 manage.py create_api_key USERNAME`. What belongs to somebody else answers 404.

Errors have one shape: `{"error": {"code", "message", "hint"}}`. Lists come in pages, newest first:
send `next` of one page as `before` to get the following one.

Output and events stream: `commands/{id}/logs?follow=1` as newline-delimited JSON and
`turns/{id}/events` as server-sent events. Both resume at a cursor, so a dropped connection
costs nothing.
"""

api = Api(
    root="/api/v1/",
    title="Vibe",
    version="1",
    description=DESCRIPTION,
    docs_url=None,
    urls_namespace="api",
)
errors.register(api)
for tag, module in (
    ("Sandboxes", sandboxes),
    ("Sandboxes", sandbox_events),
    ("Sandboxes", usage),
    ("Snapshots", snapshots),
    ("Drives", drives),
    ("Commands", commands),
    ("Commands", run),
    ("Commands", logs),
    ("Commands", log_search),
    ("Commands", log_download),
    ("Commands", standard_input),
    ("Terminals", terminals),
    ("Files", files),
    ("Files", file_content),
    ("Network", network),
    ("Ports", ports),
    ("Pages", page_elements),
    ("Pages", pictures),
    ("Conversations", portable),  # before: "import" is no id
    ("Conversations", conversations),
    ("Conversations", context),
    ("Conversations", memory),
    ("Problems", problems),
    ("Attachments", attachments),
    ("Turns", turns),
    ("Turns", events),
    ("Conversations", forks),
    ("Conversations", search),
    ("Conversations", shares),
    ("Turns", attempts),
    ("Turns", checks),
    ("Turns", queue),
    ("Versions", versions),
    ("Versions", elements),
    ("Models", models),
    ("Models", providers),
    ("Tools", tool_servers),
    ("Usage", spending),
    ("Account", instructions),
    ("Account", skills),
    ("Account", keys),
    ("Account", quotas),
    ("Webhooks", webhooks),
):
    module.router.add_decorator(idempotency.once)
    api.add_router("", module.router, tags=[tag])

_patterns, _app_name, _namespace = api.urls
for _pattern in _patterns:
    if isinstance(_pattern, URLPattern):
        _pattern.callback = guarded(_pattern.callback)

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", (_patterns, _app_name, _namespace)),
    path("api/docs", docs.page, name="api_docs"),
    re_path(r"^api/", csrf_exempt(errors.not_found), name="api_not_found"),
]
