from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Ticking off", "Step done", "Could not tick off")

    def subject(self) -> str:
        return str(self.part.result.get("step") or "")
