"""RQ jobs of the queue `sandboxes:NODE`; each one hands its id to the supervisor or a service."""

from __future__ import annotations

from concurrent.futures import Future

from rq import Retry

from sandboxes.node import (
    checkpoint_files,
    disk_use,
    drive_files,
    idle,
    leftovers,
    log_retention,
    reconcile,
    row_retention,
    sessions,
    sleep,
    snapshot_files,
    stale_servers,
    starting,
)
from sandboxes.node.supervision.command import Outcome
from sandboxes.services import retention
from sandboxes.worker import supervisor, visits, warm_pool
from vibe.jobs.run import hands_over

# A worker that stops hands its commands to the next one, however often that happens.
HAND_OVER = 1_000_000_000


def start_session(session_id: str) -> None:
    looking = supervisor()
    session = starting.start(session_id, looking.open_network, looking.watch)
    warm_pool().used()
    if session is None:
        looking.session_settled(session_id)


def stop_session(session_id: str) -> None:
    supervisor().settle_network(session_id)
    disk_use.count_changed(sessions.stop(session_id))


def extend_session(session_id: str) -> None:
    sessions.extend(session_id)


def limit_session(session_id: str) -> None:
    sessions.apply_limits(session_id)


def remove_files(sandbox_id: str) -> None:
    leftovers.remove_sandbox(sandbox_id)


def make_snapshot(snapshot_id: str) -> None:
    snapshot_files.make(snapshot_id)


def remove_snapshot(snapshot_id: str) -> None:
    snapshot_files.remove(snapshot_id)


def make_checkpoint(checkpoint_id: str) -> None:
    checkpoint_files.make(checkpoint_id)


def prune_checkpoints(sandbox_id: str) -> None:
    checkpoint_files.prune(sandbox_id)


def refresh_servers(sandbox_id: str) -> None:
    stale_servers.restart(sandbox_id)


def copy_drive(drive_id: str) -> None:
    drive_files.copy(drive_id)


def remove_drive(drive_id: str) -> None:
    drive_files.remove(drive_id)


@hands_over
def run_command(command_id: str) -> Future[Retry | None]:
    """Lives as long as the command does, without a thread of its own."""

    async def look_after() -> Retry | None:
        outcome = await supervisor().run_command(command_id)
        return Retry(max=HAND_OVER) if outcome is Outcome.DETACHED else None

    return supervisor().begin(look_after())


@hands_over
def visit_page(visit_id: str) -> Future[None]:
    """Look at an app by the platform's browser, without a thread of the job's own."""
    return visits().begin(visit_id)


def apply_network_policy(session_id: str) -> None:
    supervisor().change_network(session_id)


def stop_command(command_id: str) -> None:
    supervisor().stop_command(command_id)


def reconcile_node() -> None:
    """Every minute: heal what a lost Redis or a lost process has left behind."""
    living = reconcile.reconcile_node(supervisor().supervised(), older_than=30.0)
    for session in living:
        supervisor().watch(session)


def rest() -> None:
    """Every ten seconds: let those fall asleep that only wait to be used."""
    sleep.fall_asleep()


def remove_old_logs() -> None:
    """Every ten minutes: output and rows that the settings no longer allow to be kept."""
    log_retention.enforce()
    row_retention.enforce()


def tidy_node() -> None:
    """Every minute: stop what nobody uses, give up what has expired, free what is left over, and
    count what is on the disk."""
    idle.stop_idle()
    retention.delete_expired()
    leftovers.sweep()
    drive_files.sweep()
    disk_use.count_changed()
