"""The card of a call to another server's tool."""

from __future__ import annotations

import json

from chat.tools.card import ToolCard, Verbs

ARGUMENTS = 2_000


class ServerCard(ToolCard):
    verbs = Verbs("Asking", "Asked", "No answer from")

    def subject(self) -> str:
        server, _, tool = self.part.tool.partition("__")
        return f"{self.part.result.get('server') or server} · {tool}"

    def detail(self) -> str:
        asked = json.dumps(self.part.arguments, ensure_ascii=False, indent=1, default=str)
        answer = self.part.result.get("text")
        shown = asked[:ARGUMENTS] if self.part.arguments else ""
        return "\n\n".join(filter(None, (shown, answer if isinstance(answer, str) else "")))
