from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Stopping", "Stopped", "Could not stop")
    folds = True

    def subject(self) -> str:
        if self.part.command:
            return self.part.command.line
        return str(self.part.result.get("command") or "")
