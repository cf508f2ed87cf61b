from __future__ import annotations

from chat.models import Part
from chat.tools.card import ToolCard, Verbs
from vibe.templatetags.markup import duration


class Card(ToolCard):
    verbs = Verbs("Creating sandbox", "Created sandbox", "Could not create sandbox")
    folds = True

    def subject(self) -> str:
        return str(self.part.result.get("name") or self.part.arguments.get("name") or "")

    def result(self) -> str:
        return duration(self.part.duration) if self.state == Part.State.DONE else ""
