from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted


class Card(ToolCard):
    verbs = Verbs("Deleting", "Deleted", "Could not delete")

    def subject(self) -> str:
        paths = self.part.result.get("paths") or self.part.arguments.get("paths")
        if not isinstance(paths, list) or not paths:
            return ""
        return str(paths[0]) if len(paths) == 1 else counted(len(paths), "path")
