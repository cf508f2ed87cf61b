"""What others do, measured beside us: Docker, and Node's child_process polled as the fork does."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.engine.bubblewrap import binary

IMAGE = "busybox"
# Runs a program, collects its output, and looks every 100 ms whether there is some.
POLLING = """
const { spawn } = require("node:child_process");
const once = () => new Promise((done) => {
  const start = process.hrtime.bigint();
  const child = spawn("echo", ["hi"]);
  let output = "";
  child.stdout.on("data", (data) => { output += data; });
  const timer = setInterval(() => {
    if (!output) return;
    clearInterval(timer);
    done(Number(process.hrtime.bigint() - start) / 1e9);
  }, 100);
});
(async () => {
  const times = [];
  for (let n = 0; n < ROUNDS; n += 1) times.push(await once());
  console.log(JSON.stringify(times));
})();
"""


def node_polling(rounds: int) -> list[float] | None:
    """Seconds until a poll sees the first output; None without Node."""
    node = shutil.which("node")
    if node is None:
        return None
    script = POLLING.replace("ROUNDS", str(rounds))
    done = subprocess.run([node, "-e", script], capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout) if done.returncode == 0 else None


@contextmanager
def container() -> Iterator[list[str] | None]:
    """The words that run a program in a container; None where no engine or image is present."""
    engine = next((name for name in ("docker", "podman") if _works(name)), None)
    if engine is None:
        yield None
        return
    started = subprocess.run(
        [engine, "run", "-d", "--rm", "--pull=never", IMAGE, "sleep", "600"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    name = started.stdout.strip()
    try:
        yield [engine, "exec", name] if started.returncode == 0 else None
    finally:
        if name:
            subprocess.run([engine, "rm", "-f", name], capture_output=True, timeout=60)


def bubblewrap() -> list[str]:
    """The words that run a program in namespaces of its own, with nothing of ours in them."""
    links = [
        word
        for name in ("bin", "lib", "lib64")
        if Path(f"/{name}").is_symlink()
        for word in ("--symlink", f"usr/{name}", f"/{name}")
    ]
    return [
        str(binary.candidates()[0].path), "--unshare-all", "--new-session",
        "--ro-bind", "/usr", "/usr", *links, "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
    ]  # fmt: skip


def first_byte(words: list[str]) -> float:
    start = time.perf_counter()
    with subprocess.Popen([*words, "echo", "hi"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read(1)
        return time.perf_counter() - start


def _works(engine: str) -> bool:
    if shutil.which(engine) is None:
        return False
    done = subprocess.run([engine, "info"], capture_output=True, timeout=30)
    return done.returncode == 0
