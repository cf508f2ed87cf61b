"""`python3 manage.py env vercel`: prints what points the Vercel Sandbox clients at this server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from vibe import addresses
from vibe.accounts.services import api_keys, sandbox_tokens, users
from vibe.client import vercel
from vibe.refusal import Refusal
from vibe.up.instance import running_url


class Command(BaseCommand):
    help = (
        "Print the shell lines that point the official Vercel Sandbox clients at this server for "
        "half a day: "
        'eval "$(python3 manage.py env vercel USERNAME)"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clients", choices=["vercel"])
        parser.add_argument("username", nargs="?", help="whose sandboxes they are")
        parser.add_argument("--key", default="", help="an API key of the user, instead of the name")
        parser.add_argument("--url", default="", help="the server's address; else this one's")
        parser.add_argument("--directory", help="where the files go that the clients load first")

    def handle(self, *args: Any, **options: Any) -> None:
        own = running_url(settings.DATA_DIR) or settings.PUBLIC_URL
        url = options["url"] or addresses.for_programs(own)
        token = self._token(options["key"], options["username"])
        directory = Path(options["directory"] or settings.DATA_DIR / "clients" / "vercel").resolve()
        vercel.write_preloads(directory)
        preview = addresses.preview_origin(own, settings.PREVIEW_DOMAIN, "SANDBOX", "PORT")
        self.stdout.write(vercel.exports(url, token, preview, directory))

    def _token(self, key: str, username: str | None) -> str:
        try:
            if key:
                row = api_keys.authenticate(key)
                if row is None:
                    raise Refusal("This API key does not work here.", "Name the user instead.")
            elif username:
                row = sandbox_tokens.key_for(users.get(username), "Vercel clients")
            else:
                raise Refusal("For whom?", "Name the user, or give an API key with --key.")
            return sandbox_tokens.issue(row)
        except Refusal as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from None
