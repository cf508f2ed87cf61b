from __future__ import annotations

from chat.tools.card import ToolCard, Verbs


class Card(ToolCard):
    verbs = Verbs("Looking at", "Looked at", "Could not look at")
    folds = True

    def subject(self) -> str:
        arguments = self.part.arguments
        return f"port {arguments.get('port', 3000)} {arguments.get('path') or '/'}"

    def result(self) -> str:
        failed = self.part.result.get("failed")
        return str(failed[0])[:120] if isinstance(failed, list) and failed else ""
