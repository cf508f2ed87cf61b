from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted, mappings


class Card(ToolCard):
    verbs = Verbs("Planning the check", "Planned the check", "Could not plan the check")
    folds = True

    def subject(self) -> str:
        return counted(len(mappings(self.part.arguments.get("steps"))), "step")

    def detail(self) -> str:
        steps = mappings(self.part.arguments.get("steps"))
        return "\n".join(
            " ".join(str(one.get(name) or "") for name in ("do", "target", "text")).strip()
            for one in steps[:30]
        )
