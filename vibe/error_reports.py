"""What an error report (Sentry) may hold: the place in the code and the words, and no secrets.

A report is made anew from the parts that are known to be harmless, so that what a later version of
the library adds stays here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.argv import ArgvIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.rq import RqIntegration

from vibe.redaction import GONE, redacted

KEPT = ("event_id", "timestamp", "platform", "level", "logger", "release", "environment", "modules")
FRAME = (
    "filename", "module", "function", "lineno", "in_app", "context_line", "pre_context",
    "post_context",
)  # fmt: skip
HEADERS = {"content-type", "content-length", "user-agent", "accept"}
# Whoever knows a sandbox's id sees its previews.
_SANDBOX = re.compile(r"(?<![a-z0-9_])[a-z0-9]{20}(?![a-z0-9])")


def start(dsn: str) -> None:
    """Report errors of this process, and of those forked from it, to `dsn`."""
    sentry_sdk.init(
        dsn=dsn,
        before_send=without_secrets,
        before_breadcrumb=_breadcrumb,
        include_local_variables=False,
        max_request_body_size="never",
        send_default_pii=False,
        server_name="",
        # Only those that are looked through here; the one for programs' arguments is not.
        auto_enabling_integrations=False,
        integrations=[DjangoIntegration(), RqIntegration()],
        disabled_integrations=[ArgvIntegration()],
        auto_session_tracking=False,
        propagate_traces=False,
        trace_propagation_targets=[],
        enable_metrics=False,
    )


def without_secrets(event: Mapping[str, Any], _hint: object) -> Any:
    """The report as it may go out."""
    kept: dict[str, Any] = {name: event[name] for name in KEPT if name in event}
    if event.get("transaction_info", {}).get("source") != "url":
        kept["transaction"] = _text(event.get("transaction"))
    if (request := event.get("request")) is not None:
        kept["request"] = _request(request)
    if (entry := event.get("logentry")) is not None:
        kept["logentry"] = {"message": _text(entry.get("formatted") or entry.get("message"))}
    if (exception := event.get("exception")) is not None:
        kept["exception"] = {"values": [_exception(one) for one in exception.get("values", ())]}
    crumbs = event.get("breadcrumbs") or {}
    found = crumbs.get("values", ()) if isinstance(crumbs, Mapping) else crumbs
    kept["breadcrumbs"] = {"values": [_crumb(one) for one in found]}
    runtime = event.get("contexts", {}).get("runtime")
    if runtime is not None:
        kept["contexts"] = {"runtime": {name: runtime.get(name) for name in ("name", "version")}}
    return kept


def _request(request: Mapping[str, Any]) -> dict[str, Any]:
    """The method and a few headers; the address is what `transaction` tells of it."""
    headers = request.get("headers") or {}
    return {
        "method": request.get("method"),
        "headers": {n: _text(v) for n, v in headers.items() if n.lower() in HEADERS},
    }


def _exception(one: Mapping[str, Any]) -> dict[str, Any]:
    trace = one.get("stacktrace") or {}
    frames = [
        {name: frame[name] for name in FRAME if name in frame} for frame in trace.get("frames", ())
    ]
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "value": _text(one.get("value")),
        "stacktrace": {"frames": frames},
    }


def _breadcrumb(crumb: Mapping[str, Any], _hint: object) -> Any:
    return _crumb(crumb)


def _crumb(crumb: Mapping[str, Any]) -> dict[str, Any]:
    """That something happened; of a log line also its words. Queries, keys and addresses stay."""
    kept = {n: crumb[n] for n in ("timestamp", "type", "category", "level") if n in crumb}
    if crumb.get("type") == "log":
        kept["message"] = _text(crumb.get("message"))
    return kept


def _text(value: object) -> str | None:
    return None if value is None else _SANDBOX.sub(GONE, redacted(str(value)))
