from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Renaming", "Renamed", "Could not rename")

    def subject(self) -> str:
        source = str(self.part.arguments.get("source") or "")
        target = str(self.part.arguments.get("target") or "")
        return f"{source} → {target}" if target else source
