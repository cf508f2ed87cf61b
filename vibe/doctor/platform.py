"""Checks of what the platform itself needs: database, Redis, isolation, model providers."""

from __future__ import annotations

from collections.abc import Iterator

import redis
from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from sandboxes.engine import Level
from vibe.doctor.finding import Finding
from vibe.up import valkey
from vibe.up.instance import CannotStart
from vibe.up.preparation import check_redis


def database() -> Iterator[Finding]:
    kind = connection.vendor
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        advice = "Check DATABASE_URL and that the server runs."
        if kind == "sqlite":
            advice = f"Check the rights of {settings.DATA_DIR} and the space on its disk."
        yield Finding("Database", False, f"{kind}: {str(error).strip()}", advice)
        return
    if plan:
        # `up` does this by itself, so nothing is broken.
        yield Finding(
            "Database", True, f"{kind}; {len(plan)} migrations are applied at the next start"
        )
    else:
        yield Finding("Database", True, f"{kind}; every migration is applied")


def queue() -> Iterator[Finding]:
    if settings.REDIS_SOCKET is None:
        try:
            check_redis()
        except CannotStart as error:
            yield Finding("Redis", False, "the one of REDIS_URL", str(error))
        else:
            yield Finding("Redis", True, "the one of REDIS_URL answers")
        return
    try:
        binary = valkey.find_binary()
    except valkey.ValkeyMissing as error:
        yield Finding("Redis", False, "no server found", str(error))
        return
    state = "runs" if valkey.answers(settings.REDIS_SOCKET) else "is started by `up`"
    yield Finding("Redis", True, f"embedded server {state} ({binary.name})")


def workers() -> Iterator[Finding]:
    """Only while the platform runs: whether both workers take jobs."""
    from vibe.health.views import WORKERS
    from vibe.up.preparation import worker_is_alive

    if settings.REDIS_SOCKET is not None and not valkey.answers(settings.REDIS_SOCKET):
        return
    try:
        for kind in WORKERS:
            alive = worker_is_alive(kind)
            yield Finding(
                f"Worker {kind}", alive, "takes jobs" if alive else "does not run",
                "Start the platform: python3 manage.py up", required=False,
            )  # fmt: skip
    except redis.RedisError:
        return


def isolation() -> Iterator[Finding]:
    from sandboxes.engine import levels

    reports = levels.report()
    works = [report for report in reports if report.works]
    best = works[0] if works else None
    for report in reports:
        details = ", ".join(f"{key} {value}" for key, value in report.details.items())
        text = "; ".join(part for part in (report.reason, details) if part)
        # A lower level matters only where no higher one works.
        matters = best is None or best.level is Level.NONE
        yield Finding(
            f"Isolation {report.level}", report.works, text, report.hint,
            required=matters and report.level is Level.FULL and not settings.ALLOW_UNISOLATED,
        )  # fmt: skip


def limits() -> Iterator[Finding]:
    """How much of its limits this machine lets us enforce; shown, never fatal."""
    from sandboxes.engine import limits as engine_limits
    from sandboxes.engine import sleep as engine_sleep

    mode = engine_limits.mode()
    advice = "Run the platform as root, or as a systemd unit with Delegate=yes, for all of them."
    yield Finding("Limits", mode != "rlimit", engine_limits.WHAT_HOLDS[mode], advice,
                  required=False)  # fmt: skip
    yield Finding(
        "Sleep", (sleeps := engine_sleep.on_this_machine()),
        "sandboxes whose servers nobody uses stand still" if sleeps
        else "no freezer among the control groups here; unused servers go on taking processor time",
        advice, required=False,
    )  # fmt: skip
    yield Finding(
        "Limits of files", True,
        "counted while something grows, every 5 s; not held by the kernel (project quotas), so "
        "what programs write can be beyond for as long",
    )  # fmt: skip


def network() -> Iterator[Finding]:
    """What the network policy `registries` opens; asks the package managers when none has yet."""
    from sandboxes.host import registries

    try:
        found = registries.refreshed()
    except ValueError as error:
        yield Finding("Registries", False, str(error), "Correct VIBE_EGRESS_ALLOW.")
        return
    if not found:
        yield Finding(
            "Registries", False, "none found; sandboxes cannot install packages",
            "Set up pip or npm on this machine, or name hosts in VIBE_EGRESS_ALLOW.",
            required=False,
        )  # fmt: skip
    for registry in found:
        # Credentials are used for it, and never shown.
        known = ", with credentials" if registry.logins else ""
        yield Finding("Registry", True, f"{registry.pattern} ({registry.source}{known})")


def versions() -> Iterator[Finding]:
    """What keeps the versions of workspaces."""
    from sandboxes.engine.versions import process

    try:
        yield Finding("Versions", True, f"kept by {process.git()}")
    except process.VersionFailed as error:
        advice = "Debian and Ubuntu: apt install git"
        yield Finding("Versions", False, str(error), advice, required=False)


def providers() -> Iterator[Finding]:
    from chat.providers import configured

    for name, detail in configured():
        yield Finding(f"Model {name}", True, detail, required=False)
