from __future__ import annotations

from chat.tools import written_files
from chat.tools.card import ToolCard, Verbs, WrittenFile


class Card(ToolCard):
    verbs = Verbs("Editing", "Edited", "Could not edit")
    folds = True

    def subject(self) -> str:
        paths = [path for path, _ in written_files.named(self.part)]
        return paths[0] if paths else str(self.part.arguments.get("path", ""))

    def files(self) -> list[WrittenFile]:
        return written_files.listed(self.part, self.state)

    def detail(self) -> str:
        return ""
