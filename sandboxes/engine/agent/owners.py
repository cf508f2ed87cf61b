"""Which command a process belongs to, however it hides: sessions, groups, a second fork, sudo.

A process that lives below a command's first one is that command's. What has lost its parents has
become our child; then its mark tells. The mark is a resource limit that no kernel looks at any
more: every process inherits it, also over exec, and nobody in a sandbox can raise it again.
"""

from __future__ import annotations

import os
import resource

from . import processes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .command import Command

MARK = 10  # RLIMIT_LOCKS, without a meaning since Linux 2.4.25
EACH = 1 << 32  # marks of one agent, so that they tell also whose sandbox it was
LINE = b"Max file locks"


class Owners:
    """The children of this process by whose they are, and the marks that are worn.

    What looks at processes raises OSError when no descriptor is left for that.
    """

    def __init__(self) -> None:
        _, hard = resource.getrlimit(MARK)
        most = (os.getpid() + 1) * EACH - 1
        self._highest = most if hard == resource.RLIM_INFINITY else min(hard, most)
        self._next = self._highest
        self._marked: dict[int, Command] = {}
        self._children: dict[int, Command | None] = {}

    def new_mark(self) -> int:
        """One that no other command wears. They descend: who lowers his own cannot take the one
        of an older command."""
        while True:
            self._next = self._next - 1 or self._highest
            if self._next not in self._marked:
                return self._next

    def began(self, pid: int, command: Command | None) -> None:
        """A child was started for a command, or for none."""
        self._children[pid] = command
        if command is not None:
            self._marked[command.mark] = command

    def reaped(self, pid: int) -> Command | None:
        """A child was waited for; returns whose it was."""
        return self._children.pop(pid, None)

    def forget(self, command: Command) -> None:
        """Nothing of it is left."""
        self._marked.pop(command.mark, None)

    def of(self, command: Command) -> list[int]:
        """Its living processes, each after its parent."""
        return [pid for pid in self.to_end(command, strangers=False) if processes.look(pid)]

    def to_end(self, command: Command, strangers: bool = True) -> list[int]:
        """What has to be gone when it is said to be over: its processes, each after its parent,
        also those that have ended and were not waited for. With `strangers` also what has no
        command's mark: it has taken that off, so as not to be found."""
        family = processes.family()
        found: list[int] = []
        # Read after the rest. What hops from process to process is our child whenever it has left
        # its parent, which is our child until we wait for it: so nothing of a command runs when
        # none of our children is its own.
        for pid in processes.own_children():
            if self._is_known(pid):
                if self._children[pid] is command:
                    found += [pid, *processes.below(pid, family)]
            elif strangers:
                found += [one for one in (pid, *processes.below(pid, family)) if self._hides(one)]
        return found

    def left(self, command: Command) -> int:
        """How many processes of it live; cheap when none of our children is one of them.

        One that has just ended counts while nobody has waited for it: it may have started another.
        """
        for pid in processes.own_children():
            if self._is_known(pid) and self._children[pid] is command:
                return len(self.of(command)) or 1
        return 0

    def asking(self, pid: int) -> Command | None:
        """Whose a process anywhere below us is."""
        parent = pid
        while (fields := processes.look(parent)) is not None:
            above = int(fields[1])
            if above == os.getpid() and self._is_known(parent):
                return self._children[parent]
            if above in (0, 1, os.getpid()):
                break
            parent = above
        return self._marked.get(mark_of(pid))

    def _is_known(self, child: int) -> bool:
        if child in self._children:
            return True
        owner = self._marked.get(mark_of(child))
        if owner is not None:  # holds from here on: its number is its own until we wait for it
            self._children[child] = owner
        return owner is not None

    def _hides(self, pid: int) -> bool:
        return self._marked.get(mark_of(pid)) is None and processes.look(pid) is not None


def wear(mark: int) -> None:
    """In the forked child: this process and all that it starts is the command's."""
    resource.setrlimit(MARK, (mark, mark))


def of_agent(agent: int) -> list[int]:
    """All living processes that commands of an agent have started, also when it is gone itself."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()]
    worn = [pid for pid in pids if mark_of(pid) // EACH == agent]
    return [pid for pid in worn if processes.look(pid) is not None]


def mark_of(pid: int) -> int:
    """-1 for a process without any, and one that is gone."""
    fields = processes.read(f"/proc/{pid}/limits").partition(LINE)[2].split(maxsplit=2)
    # The hard limit: every process may set its soft one as it likes.
    return int(fields[1]) if len(fields) > 1 and fields[1].isdigit() else -1
