"""What a sandbox's root installs into its system is part of its snapshots."""

from __future__ import annotations

import pytest

from sandboxes.host import isolation
from sandboxes.services import forks, readiness, snapshots
from tests.fixtures.observed import made, run
from tests.fixtures.waiting import PATIENCE

pytestmark = pytest.mark.sandbox


@pytest.fixture(autouse=True)
def own_root() -> None:
    has = getattr(isolation, "root_of_its_own", None)
    if has is None or not has():
        pytest.skip("sandboxes have no system of their own on this machine")


def as_root(sandbox, script: str) -> None:
    run(sandbox, script, sudo=True)


CHECK = (
    "test $(tool) = installed && test ! -e /usr/bin/wc && id carol && touch mine &&"
    " test $(stat -c %U /usr/local/bin/tool) = carol"
)
INSTALL = (
    "printf '#!/bin/sh\\necho installed\\n' > /usr/local/bin/tool; chmod 755 /usr/local/bin/tool;"
    " rm /usr/bin/wc; useradd -m carol; chown carol /usr/local/bin/tool"
)


def test_what_was_installed_in_the_system_is_in_a_snapshot_and_in_a_copy(sandbox):
    as_root(sandbox, INSTALL)
    run(sandbox, CHECK)
    snapshot = made(sandbox)
    copy = readiness.wait_until_running(forks.fork(sandbox), PATIENCE)
    run(copy, CHECK)
    as_root(copy, "touch /usr/bin/another")
    as_root(sandbox, "rm /usr/local/bin/tool; userdel carol")
    snapshots.restore(sandbox, snapshot)
    readiness.wait_until_running(sandbox, PATIENCE)
    run(sandbox, CHECK)
