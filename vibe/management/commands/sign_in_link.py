"""`python3 manage.py sign_in_link [USERNAME]`: prints a fresh one-time sign-in link."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from vibe.accounts.services import sign_in, users
from vibe.refusal import Refusal
from vibe.up.instance import running_url


class Command(BaseCommand):
    help = "Print a link that signs a user in once within a day; his earlier links end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", nargs="?", help="default: the first administrator")
        parser.add_argument(
            "--url", default="", help="the platform's address; default: of the one that runs here"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            username = options["username"]
            user = users.get(username) if username else sign_in.first_administrator()
            # `up --port` told no other program where it listens.
            url = options["url"] or running_url(settings.DATA_DIR) or settings.PUBLIC_URL
            self.stdout.write(sign_in.link_for(user, url))
        except Refusal as error:
            raise CommandError(str(error)) from None
