"""`python3 manage.py create_api_key USERNAME`: prints a new API key, alone, on stdout."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from vibe.accounts.services import api_keys, users
from vibe.refusal import Refusal


class Command(BaseCommand):
    help = "Make an API key for a user and print it; it cannot be shown again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")
        parser.add_argument(
            "--create-user", action="store_true", help="make the user when there is none"
        )
        parser.add_argument("--name", default="", help="what the key is for")
        parser.add_argument(
            "--scope",
            action="extend",
            nargs="+",
            default=[],
            dest="scopes",
            metavar="S",
            help="what the key may do; none means all that its user may do",
        )
        parser.add_argument("--days", type=int, help="how long the key works; without: no end")

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        try:
            user = (users.get_or_create if options["create_user"] else users.get)(username)
            _, key = api_keys.create(user, options["name"], options["scopes"], days=options["days"])
        except Refusal as error:
            hint = error.hint
            if not options["create_user"] and not hint:
                hint = "Add --create-user to make one."
            raise CommandError(f"{error.message} {hint}".strip()) from None
        self.stdout.write(key)
