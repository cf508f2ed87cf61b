"""`python3 manage.py env vercel`: prints what points the Vercel Sandbox clients at this server."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from vibe.accounts.services import api_keys, users
from vibe.client import vercel
from vibe.refusal import Refusal
from vibe.up.instance import running_url


class Command(BaseCommand):
    help = (
        "Print the shell lines that point the official Vercel Sandbox clients at this server: "
        'eval "$(python3 manage.py env vercel USERNAME)"'
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("clients", choices=["vercel"])
        parser.add_argument("username", nargs="?", help="whose new API key to use")
        parser.add_argument("--key", default="", help="an API key that there is already")
        parser.add_argument("--url", default="", help="the server's address; else this one's")
        parser.add_argument("--directory", help="where the files go that the clients load first")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["url"] or running_url(settings.DATA_DIR) or settings.PUBLIC_URL
        key = options["key"] or self._new_key(options["username"])
        directory = Path(options["directory"] or settings.DATA_DIR / "clients" / "vercel").resolve()
        vercel.write_preloads(directory)
        public = urlsplit(url)
        colon = f":{public.port}" if public.port else ""
        preview = f"{public.scheme}://PORT-SANDBOX.{settings.PREVIEW_DOMAIN}{colon}"
        self.stdout.write(vercel.exports(url, key, preview, directory))

    def _new_key(self, username: str | None) -> str:
        if not username:
            raise CommandError("Name the user whose API key to make, or give one with --key.")
        try:
            return api_keys.create(users.get(username), "Vercel clients")[1]
        except Refusal as error:
            raise CommandError(f"{error.message} {error.hint}".strip()) from None
