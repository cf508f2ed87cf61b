#!/usr/bin/env python3
"""The one entry point: `python3 manage.py up` and `python3 manage.py test`.

Down to the version check this file must parse on any Python, so that an old one gets a sentence
and not a syntax error.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - see above
    sys.exit(
        "Vibe needs Python 3.11 or newer; this is Python %d.%d (%s).\n"  # noqa: UP031 - for any Python
        "Install a newer one (Debian and Ubuntu: apt install python3 python3-venv) "
        "and run it by name, for example: python3.12 manage.py up"
        % (sys.version_info[:2] + (sys.executable,))  # noqa: RUF005 - for any Python
    )

from vibe.bootstrap import prepare

if __name__ == "__main__":
    prepare(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vibe.settings")

    from vibe.commandline import run

    run(sys.argv)
