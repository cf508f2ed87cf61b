"""What one check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    ok: whether it is as it should be. required: whether the platform cannot work without it.
    advice: what to do when it is not ok; empty when nothing has to be done.
    """

    name: str
    ok: bool
    detail: str
    advice: str = ""
    required: bool = True

    @property
    def broken(self) -> bool:
        return self.required and not self.ok
