"""Runs a management command and says in a sentence what a person can mend himself."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def run(argv: Sequence[str]) -> None:
    """Run `argv` (as `manage.py` got it); exits with status 1 and a sentence on a bad setting."""
    from django.core.management import execute_from_command_line

    from vibe.env import SettingError

    try:
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
