"""Package managers for real, under the default policy, against the indexes of this machine."""

from __future__ import annotations

import functools
import shutil
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandboxes.engine.egress.discovery import npm, pip
from sandboxes.engine.egress.discovery.places import Place
from sandboxes.models import Sandbox
from sandboxes.output import replay
from sandboxes.services import commands, network

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PATIENCE = 180.0


@functools.cache
def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=10).close()
    except (OSError, urllib.error.URLError):
        return False
    return True


def reachable(place: Place | None, page: str) -> None:
    if place is None or not answers(f"{place.url.rstrip('/')}/{page}"):
        pytest.skip("this machine reaches no package index")


@pytest.fixture
def discovered(settings, transactional_db) -> None:
    """The registries of this machine are known before a sandbox starts."""
    settings.EGRESS_DISCOVERY = True
    network.refreshed_registries()


@pytest.fixture
def git_host(settings, tmp_path: Path) -> Iterator[str]:
    """`address:port` of a server with one repository, which the operator has opened."""
    source, bare = tmp_path / "source", tmp_path / "repo.git"
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example"]
    subprocess.run([*git, "init", "-q", str(source)], check=True)
    (source / "readme").write_text("cloned")
    subprocess.run([*git, "-C", str(source), "add", "."], check=True)
    subprocess.run([*git, "-C", str(source), "commit", "-qm", "one"], check=True)
    subprocess.run(["git", "clone", "-q", "--bare", str(source), str(bare)], check=True)
    subprocess.run(["git", "-C", str(bare), "update-server-info"], check=True)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.3", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    place = f"127.0.0.3:{server.server_port}"
    settings.EGRESS_ALLOW, settings.EGRESS_NETWORKS = [place], ["127.0.0.3/32"]
    yield place
    server.shutdown()
    server.server_close()
    thread.join()


def shell(sandbox: Sandbox, script: str) -> tuple[int | None, str]:
    command = commands.run(sandbox, "bash", ["-c", script])
    command = commands.wait(command, PATIENCE)
    return command.exit_code, replay.text(command)


def test_pip_installs_a_package(discovered, sandbox):
    reachable(pip.settings().index, "six/")
    install = "python3 -m pip install -q --target t six || (python3 -m venv v && v/bin/pip install"
    use = "PYTHONPATH=t python3 -c 'import six'"
    code, output = shell(sandbox, f"{install} -q --target t six); {use}")
    assert code == 0, output


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_npm_installs_a_package(discovered, sandbox):
    reachable(npm.settings().registry, "is-number/latest")
    install = "npm init -y >/dev/null && npm install is-number"
    code, output = shell(sandbox, f"{install} && node -e 'require(\"is-number\")'")
    assert code == 0, output


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_git_clones_from_an_allowed_host_alone(git_host, sandbox):
    network.set_policy(sandbox, "deny-all")
    assert "403" in shell(sandbox, f"git clone http://{git_host}/repo.git")[1]
    network.set_policy(sandbox, "registries")
    code, output = shell(sandbox, f"git clone -q http://{git_host}/repo.git && cat repo/readme")
    assert code == 0 and output.endswith("cloned"), output
