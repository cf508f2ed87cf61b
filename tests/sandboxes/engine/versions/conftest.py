from __future__ import annotations

from pathlib import Path

import pytest

from tests.sandboxes.engine.versions.workspaces import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.below(tmp_path)
