"""Runs a management command and says in a sentence what a person can mend himself."""

from __future__ import annotations

from collections.abc import Sequence

from vibe.env import in_a_sentence


def run(argv: Sequence[str]) -> None:
    """Run `argv` (as `manage.py` got it); exits with status 1 and a sentence on a bad setting."""
    with in_a_sentence():
        if argv[1:2] == ["up"]:
            _up(argv[2:])
        else:
            from django.core.management import execute_from_command_line

            execute_from_command_line(list(argv))


def _up(arguments: Sequence[str]) -> None:
    """Run `up` past Django: the process lives as long as the platform and must stay small."""
    from argparse import ArgumentParser

    from vibe.up import options
    from vibe.up.launcher import run as run_platform

    parser = ArgumentParser(prog="manage.py up", description=options.HELP)
    options.add_arguments(parser)
    given = parser.parse_args(arguments)
    run_platform(given.host, given.port, browser=not given.no_browser, reload=given.reload)
