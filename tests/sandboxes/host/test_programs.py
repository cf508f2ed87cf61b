"""The names that tutorials type: in commands, terminals' shells and under sudo, as the table in
docs/programs.md says."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from sandboxes.engine.egress.discovery import npm, pip
from sandboxes.host import isolation
from sandboxes.services import creating, network, readiness
from tests.fixtures.length import length
from tests.sandboxes.host.indexes import reachable, shell

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
# Each installs a program from a registry, which takes seconds: not at every run of the suite.
FULL = pytest.mark.battery

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="needs npm")
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def ways(line: str) -> list[str]:
    """A line as it is typed in a command, in a login shell, in an interactive one, and to sudo."""
    quoted = shlex.quote(line)
    typed = [line, f"bash -lc {quoted}", f"bash -ic {quoted} 2>/dev/null", f"sh -lc {quoted}"]
    if isolation.root_of_its_own():
        typed += [f"sudo {line}", f"sudo -i {line}", f"sudo bash -lc {quoted}"]
    return typed


def everywhere(sandbox, line: str) -> None:
    for typed in ways(line):
        code, output = shell(sandbox, typed)
        assert code == 0, (typed, output)


@pytest.fixture
def python_index(discovered) -> None:
    reachable(pip.settings().index, "iniconfig/")


@pytest.fixture
def node_index(discovered) -> None:
    reachable(npm.settings().registry, "semver/latest")


@pytest.mark.parametrize("name", ["python", "python3", "pip", "pip3"])
def test_python_and_pip_are_found_everywhere(sandbox, name):
    if name.startswith("pip") and shell(sandbox, "python3 -m pip --version")[0]:
        pytest.skip("this machine's Python has no pip")
    everywhere(sandbox, f"{name} --version")


def test_what_this_machine_has_is_found_everywhere(sandbox):
    names = ("node", "npm", "npx", "git", "curl", "make", "gcc", "sqlite3", "psql", "jq", "rg")
    lines = [f"{name} --version" for name in names if Path(f"/usr/bin/{name}").exists()]
    everywhere(sandbox, f"sh -c {shlex.quote(' && '.join(lines) or 'true')}")


def test_without_pip_it_says_what_brings_it(sandbox):
    hide = "mkdir b; printf '#!/bin/sh\\nexit 1' > b/python3; chmod +x b/python3; PATH=$PWD/b:$PATH"
    code, output = shell(sandbox, f"{hide}; $(dirname $(command -v uv))/pip install six; uv -V")
    assert code == 127 and output.count("sudo apt-get install python3-pip") == 2


def test_python_is_the_one_of_an_active_virtual_environment(sandbox):
    make = "python3 -m venv --without-pip v && . v/bin/activate"
    code, output = shell(sandbox, f"{make} && python -c 'import sys; print(sys.prefix)'")
    assert (code, output.strip()) == (0, "/vercel/sandbox/v"), output


def test_pip_installs_for_the_user_at_the_first_try(python_index, sandbox):
    script = "pip install -q cowsay && cowsay -t moo && python -c 'import cowsay'"
    code, output = shell(sandbox, script)
    assert code == 0 and "moo" in output, output
    assert shell(sandbox, "command -v cowsay")[1].strip().endswith("/.local/bin/cowsay")


def test_pip_installs_into_an_active_virtual_environment(python_index, sandbox):
    script = "python -m venv v && . v/bin/activate && pip install -q iniconfig && python -c "
    code, output = shell(sandbox, script + "'import iniconfig; print(iniconfig.__file__)'")
    if "ensurepip" in output:
        pytest.skip("this machine's Python makes no environments with pip")
    assert code == 0 and "/vercel/sandbox/v/" in output, output


@FULL
def test_sudo_pip_installs_for_everybody(python_index, rooted):
    script = "sudo pip install -q iniconfig && python -c 'import iniconfig; print(iniconfig)'"
    code, output = shell(rooted, script)
    assert code == 0 and "/usr/local/lib" in output, output


@needs_npm
def test_npm_installs_programs_for_the_user_without_sudo(node_index, sandbox):
    code, output = shell(sandbox, "npm i -g --silent semver && semver 1.2.3; command -v semver")
    assert code == 0 and output.split() == ["1.2.3", "/home/vercel-sandbox/.local/bin/semver"]


@FULL
@needs_npm
def test_an_npmrc_of_the_users_own_decides_where_npm_installs(node_index, sandbox):
    script = "echo prefix=$HOME/mine > ~/.npmrc; npm i -g --silent semver && ls ~/mine/bin"
    assert shell(sandbox, script) == (0, "semver\n")


@FULL
@needs_npm
def test_sudo_npm_installs_for_everybody(node_index, rooted):
    code, output = shell(rooted, "sudo npm i -g --silent semver && command -v semver")
    assert code == 0 and not output.startswith("/home"), output


@FULL
@needs_npm
def test_npx_runs_a_package(node_index, sandbox):
    everywhere(sandbox, "npx --yes semver 1.2.3")


@needs_npm
@FULL
@pytest.mark.parametrize("name", length(["pnpm", "corepack"], ["pnpm", "yarn", "corepack", "bun"]))
def test_programs_of_npm_are_there_at_the_first_call(node_index, sandbox, name):
    everywhere(sandbox, f"{name} --version")


@FULL
@pytest.mark.parametrize(
    "name", length(["uv", "pipx"], ["uv", "uvx", "poetry", "pipx", "virtualenv"])
)
def test_programs_of_python_are_there_at_the_first_call(python_index, sandbox, name):
    everywhere(sandbox, f"{name} --version")


@needs_npm
def test_what_is_missing_is_installed_once_and_says_so(node_index, sandbox):
    first, second = (shell(sandbox, "pnpm --version")[1] for _ in range(2))
    assert "pnpm: not installed yet; installing pnpm@10 into" in first
    assert second.strip() == first.splitlines()[-1].strip()


@needs_npm
@FULL
@pytest.mark.parametrize(
    "script",
    [
        "pnpm init >/dev/null && pnpm add --silent is-number",
        "echo '{}' > package.json && yarn add --silent is-number",
        """echo '{"packageManager": "yarn@4.5.0"}' > package.json && touch yarn.lock &&
        echo 'nodeLinker: node-modules' > .yarnrc.yml && yarn add is-number""",
        "corepack enable pnpm && pnpm init >/dev/null && pnpm add --silent is-number",
    ],
    ids=["pnpm", "yarn 1", "yarn 4", "corepack enable"],
)
def test_every_package_manager_of_node_keeps_to_the_registry(node_index, sandbox, script):
    code, output = shell(sandbox, f"{script}; test -d node_modules/is-number")
    assert code == 0, output


@needs_npm
@FULL
@pytest.mark.parametrize(
    ("file", "line", "ask"),
    [
        (".npmrc", "registry=http://packages.example/", "npm config get registry"),
        (".yarnrc", 'registry "http://packages.example/"', "yarn config get registry"),
    ],
)
def test_a_registry_of_the_project_comes_first(node_index, sandbox, file, line, ask):
    write = f"printf '%s\\n' {shlex.quote(line)} > {file}; echo '{{}}' > package.json"
    assert shell(sandbox, f"{write}; {ask} 2>/dev/null") == (0, "http://packages.example/\n")


@needs_npm
@FULL
@pytest.mark.parametrize("install", ["pnpm add -g semver", "yarn global add semver"])
def test_programs_installed_globally_are_on_path(node_index, sandbox, install):
    code, output = shell(sandbox, f"{install} >/dev/null 2>&1; semver 1.2.3")
    assert (code, output.strip()) == (0, "1.2.3"), output


def test_an_active_virtual_environment_stays_as_it_is(python_index, sandbox):
    make = "python3 -m venv --without-pip v && . v/bin/activate && uv --version"
    code, output = shell(
        sandbox, f"{make} && ls v/bin && uv pip install -q iniconfig && ls v/lib/*/*"
    )
    assert code == 0 and "uv\n" not in output and "iniconfig" in output, output


@FULL
def test_uv_makes_a_project(python_index, sandbox):
    script = "uv init -q . && uv add -q iniconfig && uv run -q python -c 'import iniconfig'"
    code, output = shell(sandbox, script)
    assert code == 0, output


@needs_npm
def test_a_registry_out_of_reach_is_told_in_words(discovered, sandbox):
    network.set_policy(sandbox, "deny-all")
    code, output = shell(sandbox, "npm_config_fetch_retries=0 pnpm --version")
    assert code == 127
    assert "pnpm: it could not be installed" in output and "network policy" in output


@FULL
@needs_npm
def test_two_first_calls_at_once_both_work(node_index, sandbox):
    both = "pnpm --version >a 2>&1 & pnpm --version >b 2>&1; wait"
    script = f"{both}; grep -h installing a b; tail -n1 a b"
    code, output = shell(sandbox, script)
    assert code == 0 and output.count("installing") == 1 and output.count("10.") == 2, output


@needs_git
def test_a_commit_is_by_the_sandboxes_owner(owner, sandbox_worker):
    owner.first_name, owner.last_name, owner.email = "Al", 'O"Hara', "al@mail.example"
    owner.save()
    sandbox = readiness.wait_until_running(creating.create_sandbox(owner))
    script = "git init -q . && git commit -q --allow-empty -m one && git log --format='%an %ae %D'"
    assert shell(sandbox, script) == (0, 'Al O"Hara al@mail.example HEAD -> main\n')


@needs_git
def test_an_owner_without_an_address_commits_by_the_account(sandbox):
    code, output = shell(sandbox, "git config user.name; git config user.email")
    account = sandbox.owner.username
    address = sandbox.owner.email or f"{account}@noreply"
    assert (code, output.split()) == (0, [account, address])


@needs_git
def test_git_settings_of_the_users_own_come_first(sandbox):
    script = "printf '[user]\\n name = Me\\n' > ~/.gitconfig; git config user.name"
    assert shell(sandbox, script) == (0, "Me\n")


@needs_git
def test_root_and_the_user_work_in_each_others_repositories(rooted):
    script = (
        "sudo git init -q /vercel/sandbox/r && git -C r status >/dev/null && git init -q u && "
        "sudo git -C u commit -q --allow-empty -m one && git -C u log --format=%an"
    )
    code, output = shell(rooted, script)
    assert (code, output.strip()) == (0, rooted.owner.username), output


def test_a_login_shell_keeps_the_path(sandbox):
    script = "PATH=/opt/mine:$PATH; echo $PATH; bash -lc 'echo $PATH'"
    first, second = shell(sandbox, script)[1].splitlines()
    assert first == second and first.startswith("/opt/mine:")
