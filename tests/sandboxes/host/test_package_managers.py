"""Package managers for real, under the default policy, against the indexes of this machine."""

from __future__ import annotations

import functools
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from sandboxes.engine.egress.discovery import apt, npm, pip
from sandboxes.services import network
from tests.sandboxes.host.indexes import reachable, shell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


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
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    place = f"127.0.0.3:{server.server_port}"
    settings.EGRESS_ALLOW, settings.EGRESS_NETWORKS = [place], ["127.0.0.3/32"]
    yield place
    server.shutdown()
    server.server_close()
    thread.join()


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


def test_root_installs_a_package_of_the_distribution(rooted):
    if not apt.places():
        pytest.skip("apt knows no place on this machine")
    install = "sudo apt-get update -qq && sudo apt-get install -y -qq hello"
    code, output = shell(rooted, f"{install} && hello && dpkg -s hello")
    if "Temporary failure" in output or "Could not connect" in output:
        pytest.skip("this machine reaches no place of its distribution")
    assert code == 0 and "Hello, world!" in output, output
    assert not Path("/usr/bin/hello").exists()


@pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
def test_root_installs_a_program_with_npm_for_everybody(rooted):
    reachable(npm.settings().registry, "semver/latest")
    code, output = shell(rooted, "sudo npm install -g --silent semver && semver 1.2.3")
    assert code == 0 and output.strip().endswith("1.2.3"), output


def test_root_installs_a_library_with_pip_for_everybody(rooted):
    reachable(pip.settings().index, "iniconfig/")
    install = "sudo env PIP_BREAK_SYSTEM_PACKAGES=1 python3 -m pip install -q iniconfig"
    code, output = shell(rooted, f"{install} && python3 -c 'import iniconfig; print(iniconfig)'")
    if "No module named pip" in output:
        pytest.skip("this machine's Python has no pip")
    assert code == 0, output


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_root_clones_from_an_allowed_host(git_host, rooted):
    code, output = shell(rooted, f"sudo git clone -q http://{git_host}/repo.git /opt/repo")
    assert code == 0, output
    assert shell(rooted, "cat /opt/repo/readme") == (0, "cloned")
