"""Drives the released Python client, unmodified; prints each operation that worked."""

from __future__ import annotations

from vercel.sandbox import sync as sandbox

worked = print

with sandbox.create_sandbox(tags={"suite": "python"}) as box:
    worked("create_sandbox")
    done = box.run_process("sh", ["-c", "echo out; echo err >&2; exit 3"], capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (3, "out\n", "err\n"), done
    worked("SyncSandbox.run_process")
    done = box.run_process("cat", input="typed\n", capture_output=True)
    assert done.stdout == "typed\n", done
    process = box.create_process("sleep", ["60"])
    worked("SyncSandbox.create_process")
    assert any(one.id == process.id for one in box.query_processes())
    worked("SyncSandbox.query_processes")
    process.terminate()
    assert process.wait() == 143, process
    worked("SyncProcess.terminate")
    worked("SyncProcess.wait")
    box.fs.mkdir("/vercel/sandbox/py")
    box.fs.write_bytes("/vercel/sandbox/py/a.bin", bytes(range(256)))
    assert box.fs.read_bytes("/vercel/sandbox/py/a.bin") == bytes(range(256))
    box.fs.write_text("/vercel/sandbox/py/t", "text")
    assert box.fs.read_text("/vercel/sandbox/py/t") == "text"
    assert {entry.path for entry in box.fs.listdir("/vercel/sandbox/py")} == {"a.bin", "t"}
    assert box.fs.exists("/vercel/sandbox/py/t") and box.fs.is_file("/vercel/sandbox/py/t")
    assert box.fs.is_dir("/vercel/sandbox/py")
    box.fs.rename("/vercel/sandbox/py/t", "/vercel/sandbox/py/u")
    box.fs.remove("/vercel/sandbox/py/u")
    try:
        box.fs.read_bytes("/vercel/sandbox/py/none")
    except sandbox.SandboxPathNotFoundError:
        pass
    else:
        raise AssertionError("a missing file was read")
    names = "mkdir write_bytes read_bytes write_text read_text listdir exists is_file is_dir"
    for name in (*names.split(), "rename", "remove"):
        worked(f"SyncSandboxFilesystem.{name}")
    box.update(tags={"k": "v"})
    worked("SyncSandbox.update")
    snapshot = box.snapshot()
    worked("SyncSandbox.snapshot")
    assert sandbox.get_snapshot(snapshot_id=snapshot.id).id == snapshot.id
    worked("get_snapshot")
    done = box.run_process("ls", ["py"], capture_output=True)
    assert done.stdout == "a.bin\n", done
    assert sandbox.get_sandbox(name=box.name).name == box.name
    worked("get_sandbox")
    assert any(True for _ in sandbox.query_sandboxes())
    worked("query_sandboxes")
    snapshot.delete()
    worked("SyncSnapshot.delete")
