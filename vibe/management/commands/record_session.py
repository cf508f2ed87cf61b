"""`python3 manage.py record_session CONVERSATION FILE`: a stored conversation as a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from chat.models import Conversation
from chat.providers.recordings import written
from chat.services.portability.recording import record
from vibe.redaction import GONE
from vibe.refusal import Refusal


class Command(BaseCommand):
    help = "Write a stored conversation to a file that the model “Recorded: …” plays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("conversation", help="id of the conversation, conv_…")
        parser.add_argument("file", type=Path, help="where to write; its name names the recording")
        parser.add_argument("--title", default="", help="as the list of models shows it")
        parser.add_argument("--about", default="", help="one sentence about it")
        parser.add_argument("--force", action="store_true", help="write over a file that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = options["file"]
        conversation = Conversation.objects.filter(pk=options["conversation"]).first()
        if conversation is None:
            raise CommandError(
                f"There is no conversation {options['conversation']}. "
                "The address of its page holds its id."
            )
        try:
            recording = record(conversation, title=options["title"], about=options["about"])
        except Refusal as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from None
        text = written(recording)
        try:
            with file.open("w" if options["force"] else "x", encoding="utf-8") as out:
                out.write(text)
        except FileExistsError:
            raise CommandError(f"{file} is there already. Add --force to write over it.") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from None
        self.stdout.write(f"{file}: “{recording.title}”, parts: {len(recording.turns)}")
        if gone := text.count(GONE):
            self.stdout.write(
                f"“{GONE}” stands in it {gone} times. What looks like a secret was replaced by it: "
                "look at the file, and put back what was none."
            )
