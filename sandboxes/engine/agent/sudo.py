"""The program `sudo` of a sandbox: hands its arguments, streams and signals to the agent."""

from __future__ import annotations

import array
import json
import os
import signal
import socket
import sys
from typing import Any

ADDRESS = "\0vibe-sudo"
USAGE = "usage: sudo [-nEHSik] [-u user] [VAR=value] command [argument ...]"
NO_ROOT = (
    "sudo: there is no root in this sandbox: its system directories are read-only here.\n"
    "      Install for yourself instead, without sudo: pip install --user, npm install -g.\n"
    "      (Root needs a platform that runs as root, on a file system with mapped owners.)"
)
FLAGS, FORWARDED = "nEHSikKsbPAvl", ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2",
                                     "SIGCONT", "SIGTSTP", "SIGALRM")  # fmt: skip
WITH_VALUE = {"-u": "user", "--user": "user", "-g": "", "--group": "", "-p": "", "--prompt": "",
              "-C": "", "-h": "", "-D": "directory", "--chdir": "directory"}  # fmt: skip
LONG = {"--non-interactive": "n", "--preserve-env": "E", "--set-home": "H", "--stdin": "S",
        "--login": "i", "--reset-timestamp": "k", "--remove-timestamp": "K", "--shell": "s",
        "--validate": "v", "--list": "l"}  # fmt: skip


def parse(arguments: list[str]) -> dict:
    """{user, flags, assignments, argv}; raises SystemExit with the usage."""
    asked: dict[str, Any] = {
        "user": "root",
        "directory": "",
        "flags": set(),
        "assignments": {},
        "argv": [],
    }
    rest = list(arguments)
    while rest and rest[0].startswith("-"):
        word = rest.pop(0)
        if word == "--":
            break
        name, equals, value = word.partition("=")
        if word in ("-V", "--version"):
            print("sudo of a sandbox")
            raise SystemExit(0)
        if name in WITH_VALUE or (word[:2] in WITH_VALUE and not word.startswith("--")):
            key = WITH_VALUE[name if name in WITH_VALUE else word[:2]]
            if not equals and name in WITH_VALUE:
                if not rest:
                    raise SystemExit(USAGE)
                value = rest.pop(0)
            elif name not in WITH_VALUE:
                value = word[2:]
            if key:
                asked[key] = value
        elif name in LONG:
            asked["flags"].add(LONG[name])
        elif word.startswith("--") or set(word[1:]) - set(FLAGS + "u"):
            raise SystemExit(f"sudo: unknown option {word}\n{USAGE}")
        else:
            asked["flags"] |= set(word[1:]) - {"u"}
            if "u" in word[1:] and rest:  # as in -nu USER
                asked["user"] = rest.pop(0)
    while rest and "=" in rest[0] and rest[0].split("=")[0].isidentifier():
        name, _, value = rest.pop(0).partition("=")
        asked["assignments"][name] = value
    asked["argv"] = rest
    return asked


def main() -> int:
    asked = parse(sys.argv[1:])
    flags, argv = asked["flags"], asked["argv"]
    if flags & {"k", "K", "v", "l"} and not argv:
        return 0
    if flags & {"i", "s"}:
        shell = ["/bin/sh" if not os.path.exists("/bin/bash") else "/bin/bash"]
        login = ["-l"] if "i" in flags else []
        argv = [*shell, *login, *(["-c", 'exec "$0" "$@"', *argv] if argv else [])]
    if not argv:
        print(USAGE, file=sys.stderr)
        return 1
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.connect(ADDRESS)
    except OSError:
        print(NO_ROOT, file=sys.stderr)
        return 1
    request = {
        "argv": argv,
        "env": {**os.environ, **asked["assignments"]},
        "user": asked["user"],
        "login": "i" in flags,
    }
    content = os.memfd_create("request")
    os.write(content, json.dumps(request).encode())
    here = os.open(asked["directory"] or ".", os.O_RDONLY | os.O_DIRECTORY)
    for name in FORWARDED:
        number = getattr(signal, name)
        signal.signal(number, lambda which, _: sock.send(json.dumps({"signal": which}).encode()))
    rights = array.array("i", [content, 0, 1, 2, here])
    sock.sendmsg([b'{"op": "run"}'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
    answer = json.loads(sock.recv(65536) or b'{"error": "the sandbox is ending"}')
    if "error" in answer:
        print(f"sudo: {answer['error']}", file=sys.stderr)
        return 1
    code = answer["exit"]
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
