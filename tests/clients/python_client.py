"""Drives the released Python client, unmodified, through all that it offers.

`python_client.py async` or `sync`: the synchronous client is the same program without its awaits.
Prints each operation that was called and did what it promises.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

KIND = sys.argv[1]
if KIND == "sync":
    from vercel.sandbox import sync as sandbox
else:
    from vercel import sandbox

WORKED: set[str] = set()
PREFIX = "Sync" if KIND == "sync" else ""
CLASSES = (
    "Sandbox", "Process", "SandboxFilesystem", "SandboxFilesystemBatch", "Snapshot", "Drive",
    "SandboxRuntimeSession", "SandboxUser", "InteractiveSession",
)  # fmt: skip


def noted(name: str, function: Any) -> Any:
    """The function, with a note of its success."""

    def called(*given: Any, **named: Any) -> Any:
        made = function(*given, **named)
        if not inspect.iscoroutine(made):
            WORKED.add(name)
            return made

        async def awaited() -> Any:
            found = await made
            WORKED.add(name)
            return found

        return awaited()

    return called


def record() -> None:
    for name in CLASSES:
        kind = getattr(sandbox, PREFIX + name)
        for owner in reversed(kind.__mro__[:-1]):
            for key, method in list(vars(owner).items()):
                if not key.startswith("_") and callable(method) and type(method) is type(record):
                    setattr(kind, key, noted(f"{PREFIX}{name}.{key}", method))
    for name in sandbox.__all__:
        if name[0].islower() and name != "sync":
            setattr(sandbox, name, noted(name, getattr(sandbox, name)))


async def main() -> None:
    name = f"{KIND}-{int(time.time())}"
    async with sandbox.create_sandbox(name=name, tags={"suite": "python"}) as box:
        done = await box.run_process(
            "sh", ["-c", "echo out; echo err >&2; exit 3"], capture_output=True
        )
        assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n"), done
        done = await box.run_process("cat", input="typed\n", capture_output=True)
        assert done.stdout == "typed\n", done
        await processes(box)
        await files(box)
        await terminal(box)
        if os.environ.get("PLATFORM_IS_ROOT"):
            await users(box)
        await box.update(tags={"k": "v"})
        assert box.tags == {"k": "v"}, box
        await box.extend_execution_time_limit(60)
        await box.update_network_policy(sandbox.NetworkPolicy.deny_all())
        await of_session(box)
        snapshot = await box.snapshot()
        assert (await sandbox.get_snapshot(snapshot_id=snapshot.id)).id == snapshot.id
        done = await box.run_process("ls", ["py"], capture_output=True)  # resumes by itself
        assert done.stdout == "a.bin\n", done
        assert (await sandbox.get_sandbox(name=name)).name == name
        assert name in [one.name async for one in sandbox.query_sandboxes()]
        assert [one async for one in sandbox.query_sessions(name=name)]
        assert [one async for one in sandbox.query_snapshots(name=name)]
        assert await box.list_sessions() and await box.list_snapshots()
        async with sandbox.fork_sandbox(source_sandbox=name, name=f"{name}-fork") as fork:
            done = await fork.run_process("ls", ["py"], capture_output=True)
            assert done.stdout == "a.bin\n", done
        await box.stop()
        async with sandbox.resume_sandbox(name=name) as resumed:
            assert (await resumed.run_process("true")).returncode == 0
        found, made = await sandbox.get_or_create_sandbox(name=name)
        assert (found.name, made) == (name, False)
        await snapshot.delete()
    await drives(name)
    other, made = await sandbox.get_or_create_sandbox(name=f"{name}-other")
    assert made
    await other.destroy()


async def processes(box: Any) -> None:
    process = await box.create_process("sleep", ["60"])
    assert process.id in [one.id for one in await box.query_processes()]
    assert (await box.get_process(process.id)).id == process.id
    await process.terminate()
    assert await process.wait() == 143, process
    process = await box.create_process(
        "sh", ["-c", "trap 'exit 9' USR1; echo up; while :; do sleep 0.1; done"]
    )
    while not await process.stdout.readline():
        pass
    await process.send_signal("SIGUSR1")
    assert await process.wait() == 9
    process = await box.create_process("sleep", ["60"])
    await process.refresh()
    await process.kill()
    assert await process.wait() == 137
    process = await box.create_process("sh", ["-c", "cat; echo err >&2"], stdin=-1)
    assert await process.communicate("given") == ("given", "err\n")


async def files(box: Any) -> None:
    await box.fs.mkdir("/vercel/sandbox/py")
    await box.fs.write_bytes("/vercel/sandbox/py/a.bin", bytes(range(256)))
    assert await box.fs.read_bytes("/vercel/sandbox/py/a.bin") == bytes(range(256))
    await box.fs.write_text("/vercel/sandbox/py/t", "text")
    assert await box.fs.read_text("/vercel/sandbox/py/t") == "text"
    assert {entry.path for entry in await box.fs.listdir("/vercel/sandbox/py")} == {"a.bin", "t"}
    assert await box.fs.exists("/vercel/sandbox/py/t")
    assert await box.fs.is_file("/vercel/sandbox/py/t")
    assert await box.fs.is_dir("/vercel/sandbox/py")
    await box.fs.rename("/vercel/sandbox/py/t", "/vercel/sandbox/py/u")
    await box.fs.remove("/vercel/sandbox/py/u")
    try:
        await box.fs.read_bytes("/vercel/sandbox/py/none")
    except sandbox.SandboxPathNotFoundError:
        pass
    else:
        raise AssertionError("a missing file was read")
    async with box.fs.batch(cwd="/vercel/sandbox/batch") as batch:
        batch.write_text("one", "1")
        batch.write_bytes("two", b"2")
    assert await box.fs.read_text("/vercel/sandbox/batch/two") == "2"
    async with box.fs.open("/vercel/sandbox/batch/three", "w") as file:
        await file.write("line 1\nline 2\n")
    async with box.fs.open("/vercel/sandbox/batch/three") as file:
        assert await file.readline() == "line 1\n"


async def terminal(box: Any) -> None:
    async with box.open_interactive("sh", cols=100, rows=30) as session:
        await session.resize(90, 20)
        await session.stream.send(b"stty size; exit 6\n")
        seen = b""
        while b"20 90" not in seen:
            seen += await session.stream.receive()
        assert await session.wait() == 6, seen
    async with box.open_interactive("sleep", ["60"]) as session:
        await session.aclose()


async def users(box: Any) -> None:
    root = box.as_user("root")
    assert (await root.run_process("id", ["-un"], capture_output=True)).stdout == "root\n"
    alice = await box.create_user("alice")
    done = await alice.run_process("sh", ["-c", "id -un; pwd"], capture_output=True)
    assert done.stdout == "alice\n/home/alice\n", done
    await alice.fs.write_text("hers", "mine")
    assert await alice.fs.read_text("hers") == "mine"
    process = await alice.create_process("id", ["-un"])
    assert await process.wait() == 0


async def of_session(box: Any) -> None:
    session = await box.session()
    await session.refresh()
    assert (await session.run_process("true")).returncode == 0
    process = await session.create_process("true")
    assert await (await session.get_process(process.id)).wait() == 0
    assert await session.query_processes()
    await session.extend_execution_time_limit(1)
    await session.update_network_policy(sandbox.NetworkPolicy.deny_all())
    async with session.open_interactive("true") as opened:
        assert await opened.wait() == 0
    if os.environ.get("PLATFORM_IS_ROOT"):
        await session.create_user("bob")
        assert session.as_user("bob").username == "bob"
    assert (await session.snapshot()).id
    await (await box.session()).stop()


async def drives(name: str) -> None:
    drive, made = await sandbox.get_or_create_drive(name=name)
    assert made
    async with sandbox.create_sandbox(mounts={"/data": drive}, persistent=False) as box:
        assert (await box.run_process("touch", ["/data/kept"])).returncode == 0
    assert (await sandbox.get_drive(name_or_id=drive.id)).name == name
    copy = await drive.fork(name=f"{name}-copy")
    mounts = {"/seen": copy.snapshot()}
    async with sandbox.create_sandbox(mounts=mounts, persistent=False) as box:
        done = await box.run_process("ls", ["/seen"], capture_output=True)
        assert done.stdout == "kept\n", done
    other = await sandbox.fork_drive(source=name, name=f"{name}-other")
    assert {name, copy.name, other.name} <= {one.name async for one in sandbox.query_drives()}
    await copy.delete()
    await sandbox.delete_drive(name=other.name)
    await drive.delete()


if __name__ == "__main__":
    record()
    if KIND == "sync":
        text = Path(__file__).read_text()
        text = re.sub(r"\b(await|async) ", "", text[text.index("async def main") :])
        text = text[: text.index("if __name__")].replace("aclose", "close")
        text = text.replace("stream.send(", "stream.write(").replace(
            "stream.receive()", "stream.read(99)"
        )
        exec(compile(text, f"{__file__} without awaits", "exec"))
        main()
    else:
        asyncio.run(main())
    print("\n".join(sorted(WORKED)))
