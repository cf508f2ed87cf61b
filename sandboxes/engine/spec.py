"""What goes into the engine and what comes out, as plain values."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from . import programs
from .ports import WAY_OUT

USER = "vercel-sandbox"
USER_ID = 1000
ALIAS = "ubuntu"  # the same account as the hosted images name it
GRACE = 5.0  # seconds between TERM and KILL
RANGE = 65_536  # ids of a sandbox that has a range of its own
FIRST_BASE = 300_000  # host id that the first range begins with
RANGES = 65_000  # so that all fit in 32 bits
WORKSPACE = "/vercel/sandbox"
HOME = f"/home/{USER}"
TEMPORARY = "/tmp"  # noqa: S108 - its own
PROGRAMS = "/run/vibe/agent/programs"  # where it sees programs.SOURCE
RUNTIMES = "/run/vibe/runtimes"
PATH = programs.path(
    PROGRAMS,
    HOME,
    "/vercel/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/run/vibe/bin",
)
NAME = re.compile(r"[a-z0-9]{1,40}")


class Level(StrEnum):
    """How well a sandbox is kept apart from the machine and from others; best first."""

    FULL = "full"
    REDUCED = "reduced"
    NONE = "none"

    @property
    def mounts(self) -> bool:
        """Whether its sandboxes see a file system of their own, which directories can join."""
        return self is Level.FULL

    @property
    def own_network(self) -> bool:
        """Whether each of its sandboxes has all ports to itself, and their traffic a count."""
        return self is Level.FULL


@dataclass(frozen=True)
class Limits:
    """Of a sandbox as a whole where cgroups are writable, else of each of its processes.

    `cpus` 0: no more than its fair share of all processors. The engine itself does not hold
    `disk_bytes` and `output_bytes`: whoever watches the sandbox does.
    """

    memory_bytes: int = 1 << 30
    processes: int = 256
    cpus: float = 0.0
    file_bytes: int = 512 << 20
    open_files: int = 4096
    shm_bytes: int = 64 << 20
    disk_bytes: int = 1 << 30
    output_bytes: int = 1 << 30


@dataclass(frozen=True)
class Mount:
    """A directory of the host that a sandbox sees at the absolute path `inside`."""

    source: Path
    inside: str
    read_only: bool = False


@dataclass(frozen=True)
class SandboxSpec:
    """A sandbox to start.

    `root` holds `workspace`, `home` and `tmp`, which outlive it. `run_dir` gets the control
    socket. `uid` is the host user to run as, needed when this process is root. `env` is the
    environment of every command. `timeout` is the time to live in seconds, 0 for no limit.
    `first_port` begins its share of TCP ports at the levels that share the host's network.
    `network` is a directory that it sees read-only at egress.inside.DIRECTORY. `base` is the
    first of RANGE host ids of its own, for engines with a writable root; `uid` is then the one
    of USER_ID in it. `shared` is a directory for what such sandboxes have in common. `mounts`
    are further directories, whose files belong to `uid`. `spare`: it is started ahead, to be
    handed over later. `system` is a directory with a root file system, in place of this machine's.
    `home_files` are what a new home begins with: {path in it: text}. `runtimes` is a directory that
    it sees read-only at RUNTIMES.
    """

    name: str
    root: Path
    run_dir: Path
    uid: int | None = None
    env: dict[str, str] = field(default_factory=dict)
    timeout: float = 0.0
    limits: Limits = field(default_factory=Limits)
    first_port: int = 0
    network: Path | None = None
    base: int | None = None
    shared: Path | None = None
    mounts: tuple[Mount, ...] = ()
    spare: bool = False
    system: Path | None = None
    home_files: dict[str, str] = field(default_factory=dict)
    runtimes: Path | None = None

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(f"a sandbox name is 1 to 40 of a-z and 0-9, not {self.name!r}")


@dataclass(frozen=True)
class SandboxHandle:
    """Everything needed to find a sandbox again, from any process; all fields fit in JSON."""

    level: str  # the text of a Level
    pid: int
    pid_started: int  # clock ticks after boot: tells a reused pid from the same process
    boot_id: str
    socket_path: str
    uid: int | None
    cgroup: str  # as written by limits.Cgroup; empty when there is none
    proxy_port: int = WAY_OUT  # on its 127.0.0.1, for the way out
    writable: bool = False  # its system directories are its own, and `sudo` works


@dataclass(frozen=True)
class TerminalSize:
    """In characters; 1 to 1000 each."""

    cols: int = 80
    rows: int = 24


@dataclass(frozen=True)
class ExecSpec:
    """A command to run. `cwd` is relative to the workspace or absolute; `timeout` 0 is none.

    When the time is over, everything that it has started gets TERM and after `grace` seconds KILL;
    with `limits_left` also what it has left running when it ended by itself.
    `stdin`: it reads what is written to it, instead of nothing. `terminal`: all its streams are
    a pseudo-terminal of that size, whose output comes as stdout. `sudo`: as the sandbox's root.
    """

    command: str
    argv: list[str]
    cwd: str = "."
    env: dict[str, str] = field(default_factory=dict)
    timeout: float = 0.0
    grace: float = GRACE
    limits_left: bool = False
    stdin: bool = False
    terminal: TerminalSize | None = None
    sudo: bool = False


@dataclass(frozen=True)
class InputState:
    """Of a command's standard input: how many bytes it has taken, and whether it takes more."""

    written: int
    open: bool


@dataclass(frozen=True)
class CommandExit:
    """How a command ended. `error` is not empty when the program could not be started.

    `requested`: its end was asked for by end() or signal(). `sandbox_ending`: its sandbox ended,
    and that ended it. `left`: processes of it that run on; after a time-out or an end that was
    asked for, those that do not end although they were killed.
    """

    code: int | None
    signal: int | None
    timed_out: bool = False
    requested: bool = False
    sandbox_ending: bool = False
    left: int = 0
    out_of_memory: bool = False
    error: str = ""
    cpu_seconds: float = 0.0
    max_rss: int = 0  # bytes
    wall_seconds: float = 0.0


@dataclass(frozen=True)
class Pipe:
    read: int
    write: int


@dataclass(frozen=True)
class FileEntry:
    """One line of a listing. `path` is relative to the workspace, absolute when outside it."""

    path: str
    kind: str  # file, dir, link or other
    size: int
    mtime: float
    mode: int


@dataclass(frozen=True)
class LevelReport:
    """Whether an isolation level works on this machine, and what to do when it does not."""

    level: Level
    works: bool
    reason: str
    hint: str = ""
    details: dict[str, str] = field(default_factory=dict)
