"""`manage.py test` leaves a person's data alone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.slow

# One that asks the database.
SOME_TEST = "tests/vibe/api/test_api_rate_limit.py::test_zero_means_no_limit"


def test_tests_run_on_a_data_directory_of_their_own(tmp_path: Path) -> None:
    environment = {
        **os.environ, "VIBE_DATA_DIR": str(tmp_path), "DATABASE_URL": "",
        "VIBE_BOOTSTRAP": "0", "VIBE_TEST_INSTALL": "",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", "test", "-n", "0", "-q", SOME_TEST],
        cwd=settings.BASE_DIR, env=environment, text=True, capture_output=True, timeout=180,
    )  # fmt: skip
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert not list(tmp_path.glob("test.sqlite3*"))
    assert not (tmp_path / "redis").exists()
