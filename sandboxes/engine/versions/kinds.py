"""What a file or folder is for, by its name: dependencies, data of the app, lock files."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Mapping

# Made anew by a package manager, a compiler or a test run, wherever they lie.
MADE = frozenset({
    "node_modules", "bower_components", "jspm_packages", ".pnpm-store", ".venv", "__pycache__",
    ".pytest_cache", ".mypy_cache", ".ruff_cache", ".tox", ".nox", ".eggs", ".next", ".nuxt",
    ".output", ".svelte-kit", ".astro", ".vite", ".parcel-cache", ".turbo", ".cache", ".gradle",
    ".dart_tool",
})  # fmt: skip
# Made anew only where what makes them says so: one of these files lies beside.
BUILT = frozenset({"dist", "build", "out", "target", "coverage"})
BUILDERS = frozenset({
    "package.json", "pyproject.toml", "setup.py", "Cargo.toml", "pom.xml", "build.gradle",
    "CMakeLists.txt",
})  # fmt: skip
ENVIRONMENT = "pyvenv.cfg"
CACHE_TAG = "CACHEDIR.TAG"

DATA_ENDINGS = (".sqlite", ".sqlite3", ".db", ".db3", ".duckdb", ".rdb")
# SQLite's neighbours of a database. Its -shm is made of the -wal whenever it is missing.
BESIDE_DATA = ("-wal", "-journal")
SHARED_MEMORY = "-shm"

# Where people keep words that are for nobody else, by what tools of the field call them.
SECRET = re.compile(
    r"(\.env(\..+)?|.+\.env|\.envrc|\.dev\.vars|\.npmrc|\.yarnrc\.yml|\.pypirc|\.netrc|_netrc"
    r"|\.git-credentials|\.pgpass|\.my\.cnf|\.htpasswd|\.vault[-_]pass.*|\.boto"
    r"|id_(rsa|dsa|ecdsa|ed25519).*|.+\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|asc|gpg|tfstate|tfvars)"
    r"|.*(secret|credential|service[-_]?account).*\.(json|ya?ml|toml|ini|txt)"
    r"|secrets?|credentials?|master\.key)",
    re.IGNORECASE,
)
PATTERN_OF_ONE = (".example", ".sample", ".template", ".dist", ".defaults")
SECRET_FOLDERS = frozenset({".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker", ".gcloud"})

LOCKS = {
    "package-lock.json": "npm ci",
    "npm-shrinkwrap.json": "npm ci",
    "pnpm-lock.yaml": "pnpm install --frozen-lockfile",
    "yarn.lock": "yarn install",
    "bun.lock": "bun install",
    "bun.lockb": "bun install",
    "requirements.txt": "pip install -r requirements.txt",
    "poetry.lock": "poetry install",
    "uv.lock": "uv sync",
    "Pipfile.lock": "pipenv sync",
    "composer.lock": "composer install",
    "Gemfile.lock": "bundle install",
    "go.sum": "go mod download",
    "Cargo.lock": "cargo fetch",
}


def is_repository(name: str) -> bool:
    """Also as file systems write it that do not tell capitals apart."""
    return name.casefold() == ".git"


def is_made(name: str, beside: Collection[str]) -> bool:
    """Whether the folder `name`, with `beside` in the same folder, is made anew by a tool."""
    return name in MADE or (name in BUILT and not BUILDERS.isdisjoint(beside))


def is_data(path: str) -> bool:
    """Whether the file is one that an app keeps its data in."""
    name = path.rpartition("/")[2].lower()
    for ending in BESIDE_DATA:
        name = name.removesuffix(ending)
    return name.endswith(DATA_ENDINGS)


def is_secret(path: str) -> bool:
    """Whether the file is, by its name, one that holds passwords, keys or tokens."""
    *folders, name = path.lower().split("/")
    if not SECRET_FOLDERS.isdisjoint(folders):
        return True
    return bool(SECRET.fullmatch(name)) and not name.endswith(PATTERN_OF_ONE)


def is_shared_memory(path: str) -> bool:
    return path.endswith(SHARED_MEMORY) and is_data(path.removesuffix(SHARED_MEMORY))


def install_command(path: str) -> str:
    """What a person would run in the workspace when this lock file has changed; empty for any
    other file."""
    folder, _, name = path.rpartition("/")
    line = LOCKS.get(name, "")
    return f"(cd {shlex.quote(folder)} && {line})" if line and folder else line


def install_commands(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """The same for each lock file that is another than before; both are contents by path."""
    changed = [path for path, content in after.items() if before.get(path) != content]
    return [line for line in dict.fromkeys(map(install_command, changed)) if line]
