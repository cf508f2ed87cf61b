"""Runs a management command and says in a sentence what a person can mend himself."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def run(argv: Sequence[str]) -> None:
    """Run `argv` (as `manage.py` got it); exits with status 1 and a sentence on a bad setting."""
    from vibe.env import SettingError

    try:
        if argv[1:2] == ["up"]:
            _up(list(argv))
        else:
            from django.core.management import execute_from_command_line

            execute_from_command_line(list(argv))
    except SettingError as error:
        sys.exit(f"A setting is wrong: {error}\ndocs/settings.md lists every setting.")
    except PermissionError as error:
        if error.filename is None:
            raise
        sys.exit(
            f"No permission for {error.filename}. "
            "Set VIBE_DATA_DIR to a directory that you may write to."
        )


def _up(argv: list[str]) -> None:
    """Run `up` at once: it loads the apps itself while the first processes start already."""
    from vibe.management.commands.up import Command

    Command().run_from_argv(argv)
