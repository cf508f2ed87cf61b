"""The suite has the settings of nobody."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.shield import ROOT, documented

NONSENSE = "nonsense-of-the-shell"
OTHER_DATABASE = "postgres://nobody@127.0.0.1:1/none"
# Prints the settings of a process of the tests, and of a platform that it starts.
PROGRAM = """
import json, os, subprocess, sys
from pathlib import Path

SHOW = (
    "import django, json, os; django.setup(); from django.conf import settings;"
    "names = [name for name in dir(settings._wrapped) if name.isupper()];"
    "print(json.dumps({name: repr(getattr(settings, name)) for name in names}), flush=True)"
)
import tests.conftest
from tests.fixtures.platform import environment_of

exec(SHOW)
environment = environment_of(Path(sys.argv[1]), DJANGO_SETTINGS_MODULE="vibe.settings")
subprocess.run([sys.executable, "-c", SHOW], env=environment, check=True)
print(json.dumps(dict(os.environ)))
"""


def settings_under(directory: Path, **environment: str) -> list[dict[str, str]]:
    """Of a test process and of a platform below `directory`; then the process's environment."""
    data = directory / "data"
    temporary = directory / "temporary"
    for made in (directory, data, temporary):
        made.mkdir()
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(data)],
        cwd=ROOT, text=True, capture_output=True, timeout=120, check=False,
        env={**plain, "PYTHONPATH": str(ROOT), "TMPDIR": str(temporary), **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # The names of directories are chance.
    said = re.sub(r"vibe-(test|\d+)-\w+", "NAME", done.stdout.replace(str(directory), "HERE"))
    shown = [json.loads(line) for line in said.splitlines()]
    for kept in shown[:2]:
        assert kept.pop("SECRET_KEY") != repr(NONSENSE)
    return shown


@pytest.mark.slow
def test_a_hostile_shell_reaches_no_settings(tmp_path: Path) -> None:
    names = documented() - {"DATABASE_URL"} | {"ANTHROPIC_AUTH_TOKEN", "SENTRY_ENVIRONMENT"}
    file = tmp_path / ".env"
    file.write_text("".join(f"{name}={NONSENSE}\n" for name in (*names, "DATABASE_URL")))
    hostile = {**dict.fromkeys(names, NONSENSE), "VIBE_ENV_FILE": str(file)}

    clean = settings_under(tmp_path / "clean", DATABASE_URL=OTHER_DATABASE)
    attacked = settings_under(tmp_path / "attacked", DATABASE_URL=OTHER_DATABASE, **hostile)

    assert attacked[:2] == clean[:2]
    tests, platform, environment = attacked
    assert NONSENSE not in json.dumps({k: v for k, v in environment.items() if "_TEST_" not in k})
    assert "nobody" in tests["DATABASES"]  # the suite runs where it is told to
    assert "sqlite3" in platform["DATABASES"]


@pytest.mark.slow
def test_the_settings_would_take_it() -> None:
    """What the test above keeps away does harm."""
    argv = [sys.executable, "-c", "import vibe.settings"]
    for name in ("VIBE_PORT", "VIBE_WARM_SANDBOXES", "VIBE_SANDBOX_IDLE"):
        done = subprocess.run(
            argv, cwd=ROOT, env={**os.environ, name: NONSENSE}, text=True, capture_output=True,
            timeout=120, check=False,
        )  # fmt: skip
        assert f"{name} is '{NONSENSE}'" in done.stderr
