from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Waiting for", "Answers:", "No answer from")

    def subject(self) -> str:
        return f"port {self.part.arguments.get('port', '')}".strip()
