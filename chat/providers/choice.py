"""A model as one chooses it."""

from __future__ import annotations

from dataclasses import dataclass

DEMO = "demo"
# How hard a model can be told to think; each model has some of them, its first is the default.
# "auto" tells it nothing.
EFFORTS = ("auto", "off", "minimal", "low", "medium", "high", "xhigh")


@dataclass(frozen=True)
class ModelChoice:
    """A model to choose; `reason` says why it is not `available`. `own`: of the user's own
    provider."""

    id: str
    label: str
    provider: str
    available: bool = True
    reason: str = ""
    efforts: tuple[str, ...] = ()
    sees_images: bool = False
    uses_tools: bool = True
    own: bool = False
    # Under which heading of a list it stands; most under none.
    group: str = ""

    def effort(self, wanted: str) -> str:
        """The effort that it is asked with: the wanted one if it has it, else its first; "" where
        it has none."""
        if wanted in self.efforts:
            return wanted
        return self.efforts[0] if self.efforts else ""
