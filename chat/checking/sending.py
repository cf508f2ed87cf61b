"""What the forms of an app send is tried on a copy of it: the data of the app is its person's."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Any

from chat.checking.copies import copy_of
from chat.models import Check
from sandboxes.models import Command, PageVisit, Sandbox
from sandboxes.output import replay
from sandboxes.services import commands, page_visits, servers, trial_copies, waiting
from vibe.data.database import in_thread
from vibe.refusal import Refusal

VISIT_SECONDS, LOOK_SECONDS = 90.0, 20.0
LOG_BYTES = 64 * 1024
# Where an app keeps things; what it has written to logs, nobody reads again.
FIND = (
    "grep -rliaF -m1 --exclude-dir=node_modules --exclude-dir=.git --exclude-dir=.venv "
    "--exclude='*.log' --exclude=nohup.out -e {token} . \"$HOME\" /tmp /var/tmp 2>/dev/null"
    " | head -n 1 | grep -q ."
)


async def tried(
    check: Check, port: int, held: Sequence[dict[str, Any]], steps: list[dict[str, Any]]
) -> None:
    """Send the forms that were held back, on a copy; their steps are replaced by what comes of it,
    and where there can be no copy by why."""
    found: dict[str, dict[str, Any]] = {}
    why = "The form is not there in the copy."
    try:
        async with copy_of(check, port) as copy:
            visit = await _visited(copy, port, [str(one.get("key")) for one in held])
            why = visit.error or why
            found = {str(one.get("what")): one for one in visit.result.get("steps") or []}
            for one in visit.result.get("untraced") or []:
                step = found.get(str(one.get("what")))
                if step is not None:
                    await _trace(copy, step, str(one.get("token")))
            if hosts := await in_thread(trial_copies.refused_hosts, copy):
                _excuse(list(found.values()), hosts)
    except Refusal as refusal:
        why = f"{refusal} {refusal.hint}".strip()
    for one in held:
        what = str(one.get("what"))
        step = found.get(what) or {"what": what, "outcome": "unsure", "seconds": 0.0}
        if what not in found:
            step["detail"] = f"It was not sent. {why}"
        for place, known in enumerate(steps):
            if known.get("what") == what:
                steps[place] = {**step, "what": f"{what}, on a copy"}


async def _visited(copy: Sandbox, port: int, keys: list[str]) -> PageVisit:
    plan = {"path": "/", "explore": True, "forms": [], "only": keys}
    visit = await in_thread(page_visits.ask, copy, port, plan, VISIT_SECONDS)
    ended = await page_visits.ended(visit.pk, page_visits.patience(visit))
    if ended is None:
        await in_thread(lambda: page_visits.settle(visit.pk, error="Nobody waits any more."))
        raise Refusal("No browser came to look at the copy.")
    return ended


async def _trace(copy: Sandbox, step: dict[str, Any], token: str) -> None:
    """What a page does not show may still be kept: in a file or database of the copy."""
    line = FIND.format(token=shlex.quote(token))
    looking = await in_thread(lambda: commands.run(copy, "sh", ["-c", line], timeout=LOOK_SECONDS))
    ended = await waiting.finished_within(looking, LOOK_SECONDS + 5)
    if ended.cause == Command.Cause.EXITED and ended.exit_code == 0:
        step.update(outcome="ok", detail="What was typed is in the files of the app.")
    elif await in_thread(_is_logged, copy, token):
        step["detail"] = f"{step.get('detail')} It stands in the log of the server alone."


def _is_logged(copy: Sandbox, token: str) -> bool:
    texts = (replay.text(one, max_bytes=LOG_BYTES, tail=True) for one in servers.running(copy))
    return any(token.lower() in text.lower() for text in texts)


def _excuse(steps: list[dict[str, Any]], hosts: list[str]) -> None:
    """A copy sends nothing to others: what fails for want of that is not the app's fault."""
    for step in steps:
        if step.get("outcome") == "failed":
            step["outcome"] = "unsure"
            needs = f"It needs {', '.join(hosts[:3])}, out of reach for a copy."
            step["detail"] = f"{needs} {step.get('detail')}"
