"""Programs and settings that every sandbox finds besides those of its system.

They lie in agent/programs: `first` comes before the system's programs on PATH, `last` after
them, so that what is there or installed later is taken. The rest are default settings.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

SOURCE = Path(__file__).parent / "agent" / "programs"
GIT_IDENTITY = ".config/git/config"  # in the home; ~/.gitconfig comes before it
NPMRC, GIT, PROFILE = "npmrc", "gitconfig", "profile"
PNPM = ".local/share/pnpm"


def environment(directory: str, home: str) -> dict[str, str]:
    """Variables of every command, so that package managers install for its user at the first
    try; `directory` is where SOURCE lies for the sandbox.

    None of them changes what is installed into a virtual environment or a project.
    """
    return {
        "PIP_BREAK_SYSTEM_PACKAGES": "1",  # the system's own are read-only, or a layer of our own
        "PIP_ROOT_USER_ACTION": "ignore",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "npm_config_globalconfig": f"{directory}/{NPMRC}",
        "PNPM_HOME": f"{home}/{PNPM}",
        "COREPACK_ENABLE_DOWNLOAD_PROMPT": "0",
        "COREPACK_ENABLE_AUTO_PIN": "0",
        "COREPACK_DEFAULT_TO_LATEST": "0",
    }


def path(directory: str, home: str, system: str) -> str:
    """PATH with these around the directories of the system."""
    own = f"{home}/.local/bin:{home}/{PNPM}:{home}/.yarn/bin"
    return f"{own}:{directory}/first:{system}:{directory}/last"


def git_settings() -> str:
    """The system's settings of git."""
    return (SOURCE / GIT).read_text()


def git_identity(name: str, email: str) -> dict[str, str]:
    """The file of a home by which commits have an author from the start, by its path."""

    def quoted(text: str) -> str:
        plain = "".join(letter for letter in text if letter.isprintable())
        return plain.replace("\\", "\\\\").replace('"', '\\"')

    text = f'[user]\n\tname = "{quoted(name)}"\n\temail = "{quoted(email)}"\n'
    return {GIT_IDENTITY: text}


def yarn_registry(url: str) -> dict[str, str]:
    """The files of a home by which every yarn asks that registry, by their paths; not a variable,
    which would come before the settings of a project."""
    settings = f'npmRegistryServer: "{url}"\n'
    if url.startswith("http://"):
        settings += f'unsafeHttpWhitelist: ["{urlsplit(url).hostname}"]\n'
    return {".yarnrc": f'registry "{url}"\n', ".yarnrc.yml": settings}


def profile(directory: str, path: str) -> str:
    """/etc/profile: a distribution's would take from login shells what PATH has."""
    text = (SOURCE / PROFILE).read_text()
    return text.replace("@DIRECTORY@", directory).replace("@PATH@", path)
