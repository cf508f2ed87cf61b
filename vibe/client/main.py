"""The commands of `vibe` and their options."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from vibe.client import chat, commands, completion, config, copying, sandboxes, shell, vercel
from vibe.client.connection import Connection
from vibe.client.errors import ClientError

Command = Callable[[Connection, Namespace], int]


def parser() -> ArgumentParser:
    top = ArgumentParser(prog="vibe", description="Sandboxes of a Vibe server, from the shell.")
    top.add_argument("--url", default="", help="address of the server (or VIBE_API_URL)")
    top.add_argument("--key", default="", help="API key (or VIBE_API_KEY)")
    add = top.add_subparsers(dest="name", required=True, metavar="COMMAND").add_parser

    def command(name: str, run: Command, help: str) -> ArgumentParser:
        made = add(name, help=help, description=help)
        made.set_defaults(run=run)
        return made

    add("login", help="keep the address and the key for later calls")
    made = command("create", sandboxes.create, "make and start a sandbox; prints its name")
    made.add_argument("name", nargs="?", help="made up when left out")
    made.add_argument("-p", "--port", type=int, action="append", default=[], help="to preview")
    made.add_argument("-e", "--env", action="append", default=[], metavar="NAME=VALUE")
    made.add_argument("--timeout", type=int, help="seconds that it lives")
    command("ls", sandboxes.list_all, "list the sandboxes")
    for name, run, words in (
        ("stop", sandboxes.stop, "stop sandboxes; their files stay"),
        ("rm", sandboxes.remove, "delete sandboxes with their files"),
    ):
        command(name, run, words).add_argument("sandbox", nargs="+")
    command("resume", sandboxes.resume, "start a stopped sandbox again").add_argument("sandbox")
    made = command("url", sandboxes.url, "print where a sandbox's ports are previewed")
    made.add_argument("sandbox")
    made.add_argument("port", nargs="?", type=int)
    made = command("exec", commands.execute, "run a command; ends with its exit code")
    made.add_argument("-d", "--detach", action="store_true", help="print its id and do not wait")
    made.add_argument("-C", "--cwd", help="directory, within the workspace or absolute")
    made.add_argument("-e", "--env", action="append", default=[], metavar="NAME=VALUE")
    made.add_argument("--sudo", action="store_true", help="as root of the sandbox")
    made.add_argument("--timeout", type=int, help="seconds; 0 for no limit")
    made.add_argument("sandbox")
    made.add_argument("words", nargs=REMAINDER, metavar="COMMAND")
    made = command("logs", commands.logs, "print a command's output")
    made.add_argument("-f", "--follow", action="store_true", help="go on until it has ended")
    made.add_argument("command", help="its id, cmd_…")
    made = command("cp", copying.copy, "copy files or folders; one side is SANDBOX:PATH")
    made.add_argument("source")
    made.add_argument("target")
    made = command("sh", shell.shell, "open a terminal in a sandbox")
    made.add_argument("sandbox")
    made.add_argument("words", nargs=REMAINDER, metavar="COMMAND", help="instead of a shell")
    made = command("chat", chat.chat, "talk with the model")
    made.add_argument("-m", "--model", help="see the server's list")
    made.add_argument("-c", "--conversation", help="go on with this one, conv_…")
    made.add_argument("words", nargs="*", metavar="MESSAGE")
    made = add("env", help="print what points the official Vercel Sandbox clients at the server")
    made.add_argument("clients", choices=["vercel"])
    made = add("completion", help="print what your shell needs to complete words")
    made.add_argument("shell", choices=sorted(completion.SHELLS))
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit code. What goes wrong is said in a sentence on stderr."""
    top = parser()
    options = top.parse_args(argv)
    try:
        if options.name == "completion":
            return completion.script(top, options)
        if options.name == "env":
            return _env(options)
        if options.name == "login":
            return _login(options)
        return int(options.run(Connection(config.load(options.url, options.key)), options))
    except ClientError as error:
        sys.stderr.write(f"vibe: {error}\n")
        return error.code
    except KeyboardInterrupt:
        return commands.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does; nothing is left to say.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141


def _env(options: Namespace) -> int:
    """The lines for `eval`, and the files that they name."""
    chosen = config.load(options.url, options.key)
    directory = config.file().parent / "vercel"
    vercel.write_preloads(directory)
    made = Connection(chosen).call("POST", "sandbox-tokens")
    print(vercel.exports(chosen.url, made["token"], made["preview"], directory))
    return 0


def _login(options: Namespace) -> int:
    url = options.url or input(f"Address [{config.DEFAULT_URL}]: ").strip() or config.DEFAULT_URL
    key = options.key or getpass.getpass("API key: ").strip()
    chosen = config.load(url, key)
    who = Connection(chosen).call("GET", "me")["username"]
    path = config.save(chosen)
    print(f"Signed in as {who}; kept in {path}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
