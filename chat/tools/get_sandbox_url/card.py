from __future__ import annotations

from chat.models import Part
from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Getting the address", "Preview", "No preview")

    def subject(self) -> str:
        # The address is long, and the answer names it; it is behind the words.
        port = self.part.result.get("port") or self.part.arguments.get("port", "")
        return f"port {port}".strip()

    def link(self) -> str:
        return str(self.part.result.get("url") or "")

    def preview_port(self) -> int | None:
        port = self.part.result.get("port")
        return port if self.state == Part.State.DONE and isinstance(port, int) else None
