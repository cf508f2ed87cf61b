from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Typing into", "Typed into", "Could not type into")
    folds = True

    def subject(self) -> str:
        return str(self.part.arguments.get("target") or "")[:120]

    def result(self) -> str:
        failed = self.part.result.get("failed")
        return str(failed[0])[:120] if isinstance(failed, list) and failed else ""
