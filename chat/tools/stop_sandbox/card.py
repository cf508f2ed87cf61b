from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Stopping sandbox", "Stopped sandbox", "Could not stop sandbox")

    def subject(self) -> str:
        return str(self.part.result.get("name") or self.part.arguments.get("sandbox") or "")
