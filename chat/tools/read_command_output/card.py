from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Reading output", "Read output of", "Could not read output")

    def subject(self) -> str:
        return str(self.part.result.get("line") or self.part.arguments.get("command_id") or "")
