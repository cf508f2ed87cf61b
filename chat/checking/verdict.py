"""From what was found to one word and one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chat.models import Check


@dataclass(frozen=True)
class Verdict:
    status: str
    reason: str


def verdict(steps: Sequence[dict[str, Any]], lacks: str, strangers: Sequence[str] = ()) -> Verdict:
    """Failed for what was seen to fail, unchecked for what is not known, else checked.

    `lacks` is why the check is not complete; `strangers` are hosts that the app wants and the
    check does not reach.
    """
    failed = [one for one in steps if one.get("outcome") == "failed"]
    unsure = [one for one in steps if one.get("outcome") == "unsure"]
    passed = [one for one in steps if one.get("outcome") == "ok"]
    if failed:
        more = f" And {len(failed) - 1} more." if len(failed) > 1 else ""
        return Verdict(Check.Status.FAILED, f"{_said(failed[0])}{more}")
    if lacks:
        return Verdict(Check.Status.UNCHECKED, lacks)
    if unsure:
        return Verdict(Check.Status.UNCHECKED, _said(unsure[0]))
    if not passed:
        return Verdict(Check.Status.UNCHECKED, "There was nothing to check.")
    number = len(passed)
    beside = f" It asks for {', '.join(strangers[:3])}, out of reach here." if strangers else ""
    return Verdict(Check.Status.CHECKED, f"{number} step{'s' * (number != 1)} passed.{beside}")


def _said(step: dict[str, Any]) -> str:
    detail = str(step.get("detail") or "").split("\n", 1)[0]
    return f"{step.get('what')}: {detail}" if detail else f"{step.get('what')}."
