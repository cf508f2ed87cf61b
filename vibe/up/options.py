"""The command line of `up`, for the short road past Django and for `manage.py help up` alike."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError

from vibe.settings.addresses import HTTP_HOST, HTTP_PORT

HELP = "Run the whole platform: Redis, web, workers. Ctrl-C stops all of it."


def port_number(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ArgumentTypeError(f"{text} is no port; it must be a number from 1 to 65535")
    return int(text)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default=HTTP_HOST, help="Address to listen on.")
    parser.add_argument("--port", type=port_number, default=HTTP_PORT, help="Port to listen on.")
    parser.add_argument(
        "--no-browser", action="store_true", help="Do not open the browser when ready."
    )
    parser.add_argument(
        "--reload",
        action="store_true",
        help="For work on Vibe itself: start again what a saved file concerns, reload open pages.",
    )
