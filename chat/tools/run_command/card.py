from __future__ import annotations

from chat.tools.card import ToolCard, Verbs
from sandboxes.models.command_line import as_typed
from vibe.templatetags.markup import duration


class Card(ToolCard):
    verbs = Verbs("Running", "Ran", "Failed")
    folds = True

    def subject(self) -> str:
        return self.part.command.line if self.part.command else self._typed()

    def result(self) -> str:
        command = self.part.command
        if command is None or not command.is_finished:
            return ""
        return " · ".join(filter(None, (command.own_outcome, duration(command.duration))))

    def detail(self) -> str:
        # The card unfolds to the command's log.
        return ""

    def _typed(self) -> str:
        """The line as far as the model has written it."""
        args = self.part.arguments.get("args")
        program = str(self.part.arguments.get("command", ""))
        words = [str(word) for word in args] if isinstance(args, list) else []
        return as_typed(program, words) if program else ""
