"""Start one bubblewrap with the agent in it, and let go of it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from .. import agent_process, limits, seccomp, sockets
from ..errors import EngineError
from ..link import opening
from ..link.opening import Opening
from ..spec import HOME, USER, USER_ID, WORKSPACE, SandboxSpec
from . import argv, interpreter, masks, ranges, writable
from .binary import Binary
from .mounts import Source, staged

MAX_COMPLAINT = 4000


class Launch:
    """One attempt to start a sandbox. Everything it opens is closed by close()."""

    def __init__(self, binary: Binary, spec: SandboxSpec, place: Path) -> None:
        """`place` is the directory of what sandboxes share."""
        self.binary = binary
        self.spec = spec
        self.place = place
        # Begun first, because it takes as long as all that is prepared meanwhile.
        self.ids = None if spec.base is None else ranges.Namespace(spec.base)
        self.link = Opening() if spec.link else None
        self.opened: list[int] = []
        self.namespace: int | None = None
        self.process: subprocess.Popen[bytes] | None = None
        self.deadline = time.monotonic() + agent_process.READY_TIMEOUT

    def run(self, listener: socket.socket, cgroup: str, own: tuple[Path, Path, Path]) -> int:
        """Start it and return the host pid of the agent; raises EngineError.

        `own` are its workspace, its home and its /tmp.
        """
        self.own = own
        info_read, info_write = self._pipe()
        gate_read, gate_write = self._pipe()
        arguments = self._arguments(info_write, gate_read)
        agent = self._agent(listener)
        if self.ids is not None:
            self.system = writable.prepare(self.spec)
            self.namespace = self.ids.descriptor()
        kept = (info_read, gate_write)
        passed = [fd for fd in (*self.opened, listener.fileno()) if fd not in kept]

        joined = False

        def start(places: argv.Places) -> subprocess.Popen[bytes]:
            nonlocal joined
            if self.spec.uid is not None:  # we are in the thread that made the stage, and it ends
                joined = limits.enter(cgroup)
            options = self._file(arguments(places))
            # Through a file, so that no path of the host shows in `ps`.
            command = [str(places.binary), "--args", str(options), "--", *agent]
            if self.namespace is not None:
                command = [*ranges.entering(self.namespace), *command]
            return self._popen(command, [*passed, options])

        self.process = self._reachable(start)
        self._close(info_write)
        pid = self._child_pid(info_read)
        if not joined:  # the child waits behind the gate, so nothing escapes the group
            limits.join(cgroup, self.process.pid)
            limits.join(cgroup, pid)
        if self.link is not None:
            opening.keep(pid, self.link)
            self.link.begin(pid)  # while the agent loads
            self.link = None
        os.write(gate_write, b"\n")
        return pid

    def let_go(self) -> None:
        """End bwrap's own process, which only waits: the sandbox belongs to nobody now.

        Saves its memory, and leaves no zombie to whichever process has started the sandbox.
        """
        if self.process:
            self.process.kill()
            self.process.wait()

    def complaint(self) -> str:
        """What bwrap or the agent wrote before it gave up; ends it when it still runs."""
        if self.process is None or self.process.stderr is None:
            return ""
        self.process.kill()
        self.process.wait()
        os.set_blocking(self.process.stderr.fileno(), False)
        try:
            text = os.read(self.process.stderr.fileno(), MAX_COMPLAINT).decode("utf-8", "replace")
        except OSError:
            text = ""
        return text.strip()

    def close(self) -> None:
        if self.process and self.process.stderr:
            self.process.stderr.close()
        if self.ids is not None:
            self.ids.close()
        if self.link is not None:
            self.link.close()
        sockets.close_all(self.opened if self.namespace is None else [*self.opened, self.namespace])
        self.namespace = None
        self.opened = []

    def _reachable(
        self, start: Callable[[argv.Places], subprocess.Popen[bytes]]
    ) -> subprocess.Popen[bytes]:
        agent = agent_process.SOURCE.resolve()
        if self.spec.uid is None:
            return start(
                argv.Places(
                    self.binary.path,
                    agent,
                    *self.own,
                    self.spec.network,
                    mounts=self.spec.mounts,
                    runtimes=self.spec.runtimes,
                    system=self.spec.system,
                )
            )
        package = self.binary.directories[0]
        program = self.binary.path.relative_to(package)
        # Under their own names: the binary finds its libraries in the directory beside its own.
        own = {path.name: path.resolve() for path in self.binary.directories}
        own |= dict(zip(("+workspace", "+home", "+tmp"), self.own, strict=True))
        own["+agent"] = agent
        if self.spec.network is not None:
            own["+network"] = self.spec.network
        if self.spec.runtimes is not None:
            own["+runtimes"] = self.spec.runtimes
        mounts = {f"+mount-{number}": mount for number, mount in enumerate(self.spec.mounts)}
        own |= {name: mount.source for name, mount in mounts.items()}
        sources = {name: Source(path) for name, path in own.items()}
        if self.namespace is not None:
            root = self.spec.system or writable.MACHINE
            sources |= writable.sources(self.system, self.place, root, self.namespace)
        elif self.spec.system is not None:
            sources["+root"] = Source(self.spec.system)

        def start_staged(paths: dict[str, Path]) -> subprocess.Popen[bytes]:
            binary = paths[package.name] / program
            inside = (paths["+agent"], paths["+workspace"], paths["+home"], paths["+tmp"])
            layers = paths if self.namespace is not None else None
            seen = tuple(replace(mount, source=paths[name]) for name, mount in mounts.items())
            network, system = paths.get("+network"), paths.get("+root")
            runtimes = paths.get("+runtimes")
            return start(argv.Places(binary, *inside, network, layers, seen, runtimes, system))

        try:
            return staged(sources, start_staged)
        except PermissionError as error:
            raise EngineError(
                f"This process is root but may not mount ({error.strerror}).",
                "Run the platform as an ordinary user, or give its container CAP_SYS_ADMIN.",
            )

    def _agent(self, listener: socket.socket) -> list[str]:
        owned = self.ids is not None
        user = {"name": USER, "uid": USER_ID, "gid": USER_ID, "home": HOME} if owned else None
        env = argv.base_environment()
        around = agent_process.Surroundings(WORKSPACE, HOME, env, True, identity=user)
        settings = agent_process.settings_file(self.spec, around)
        self.opened.append(settings)
        ours = owned or self.spec.system is not None
        python = interpreter.command() if ours else agent_process.INTERPRETER
        return agent_process.command_line(python, argv.AGENT_DIRECTORY, listener.fileno(), settings)

    def _arguments(self, info: int, gate: int) -> Callable[[argv.Places], list[str]]:
        files = {} if self.ids is not None else interpreter.read_only_files(self.spec.system)
        content = {name: self._memory("content", text) for name, text in files.items()}
        filter_ = self._memory("seccomp", seccomp.program())
        hidden = masks.hidden(self.spec.system or writable.MACHINE)
        if self.ids is not None or self.spec.system is not None:
            hidden += masks.behind(hidden, self.spec.system)
        masked = argv.masked({name: self._memory("nothing", "") for name in hidden})

        def build(places: argv.Places) -> list[str]:
            layers = places.layers
            system = None if layers is None else writable.filesystem(layers)
            isolation = argv.isolation() if layers is None else writable.isolation()
            return [
                *isolation,
                *argv.filesystem(places, self.spec.limits, content, system),
                *masked,
                *("--seccomp", str(filter_), "--info-fd", str(info), "--block-fd", str(gate)),
            ]

        return build

    def _popen(self, command: list[str], passed: list[int]) -> subprocess.Popen[bytes]:
        user = self.spec.uid if self.namespace is None else None  # it is entered as root
        identity: dict[str, Any] = (
            {} if user is None else {"user": user, "group": user, "extra_groups": []}
        )
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=passed,
            cwd="/",
            env={},
            start_new_session=True,
            **identity,
        )

    def _child_pid(self, info: int) -> int:
        """Read bwrap's note of its child; it closes the pipe when it gives up."""
        text = b""
        while not text.rstrip().endswith(b"}"):
            if not sockets.readable(info, sockets.remaining(self.deadline)):
                raise EngineError("bwrap did not start in time.")
            chunk = os.read(info, 4096)
            if not chunk:
                raise EngineError("bwrap could not make the sandbox.")
            text += chunk
        return int(json.loads(text)["child-pid"])

    def _pipe(self) -> tuple[int, int]:
        read, write = os.pipe()
        self.opened += [read, write]
        return read, write

    def _memory(self, name: str, content: str | bytes) -> int:
        data = content if isinstance(content, bytes) else content.encode()
        self.opened.append(agent_process.anonymous_file(name, data))
        return self.opened[-1]

    def _file(self, arguments: list[str]) -> int:
        return self._memory("arguments", "\0".join(arguments) + "\0")

    def _close(self, descriptor: int) -> None:
        self.opened.remove(descriptor)
        os.close(descriptor)
