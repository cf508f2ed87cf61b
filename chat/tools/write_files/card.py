from __future__ import annotations

from chat.models import Part
from chat.tools import written_files
from chat.tools.card import ToolCard, Verbs, WrittenFile
from vibe.templatetags.markup import duration


class Card(ToolCard):
    verbs = Verbs("Writing", "Wrote", "Could not write")
    folds = True

    def subject(self) -> str:
        paths = [path for path, _ in written_files.named(self.part)]
        return paths[0] if len(paths) == 1 else f"{len(paths)} files" if paths else "files"

    def result(self) -> str:
        return duration(self.part.duration) if self.state == Part.State.DONE else ""

    def files(self) -> list[WrittenFile]:
        return written_files.listed(self.part, self.state)

    def detail(self) -> str:
        return ""
