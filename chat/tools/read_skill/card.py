from __future__ import annotations

from chat.tools.card import ToolCard, Verbs, counted

ORIGINS = {"operator": "of the platform", "user": "your own", "workspace": "of the workspace"}


class Card(ToolCard):
    verbs = Verbs("Reading skill", "Read skill", "Could not read skill")

    def subject(self) -> str:
        name, file = self.part.arguments.get("name", ""), self.part.arguments.get("file", "")
        return f"{name}/{file}" if file else str(name)

    def result(self) -> str:
        origin = ORIGINS.get(str(self.part.result.get("origin", "")), "")
        lines = self.part.result.get("lines")
        return "" if lines is None else f"{origin} · {counted(lines, 'line')}".strip(" ·")
