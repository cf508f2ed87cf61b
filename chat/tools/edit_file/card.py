from __future__ import annotations

from chat.tools import written_files
from chat.tools.card import ToolCard, Verbs, WrittenFile


class Card(ToolCard):
    verbs = Verbs("Editing", "Edited", "Could not edit")

    def subject(self) -> str:
        return str(self.part.arguments.get("path", ""))

    def files(self) -> list[WrittenFile]:
        return written_files.listed(self.part, self.state)

    def detail(self) -> str:
        return ""
