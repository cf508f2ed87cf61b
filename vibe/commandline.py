"""Runs a management command and says in a sentence what a person can mend himself."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


def run(argv: Sequence[str]) -> None:
    """Run `argv` (as `manage.py` got it); exits with status 1 and a sentence on a bad setting."""
    with in_a_sentence():
        if argv[1:2] == ["up"]:
            _up(argv[2:])
        else:
            from django.core.management import execute_from_command_line

            execute_from_command_line(list(argv))


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """Exit with status 1 and a sentence on a setting or a permission that a person can mend."""
    from vibe.env import SettingError

    try:
        yield
    except SettingError as error:
        sys.exit(f"A setting is wrong: {error}\ndocs/settings.md lists every setting.")
    except PermissionError as error:
        if error.filename is None:
            raise
        sys.exit(
            f"No permission for {error.filename}. "
            "Set VIBE_DATA_DIR to a directory that you may write to."
        )


def _up(arguments: Sequence[str]) -> None:
    """Run `up` past Django: the process lives as long as the platform and must stay small."""
    from argparse import ArgumentParser

    from vibe.embedded import options
    from vibe.embedded.launcher import run as run_platform

    parser = ArgumentParser(prog="manage.py up", description=options.HELP)
    options.add_arguments(parser)
    given = parser.parse_args(arguments)
    run_platform(given.host, given.port, browser=not given.no_browser)
