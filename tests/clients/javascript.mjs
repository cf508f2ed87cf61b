// Drives one release of @vercel/sandbox, unmodified, through all that it offers.
// Prints the name of each public operation that worked; ends with 1 at the first that did not.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const [directory, release] = process.argv.slice(2);
const require = createRequire(path.join(directory, "package.json"));
const { Sandbox, Snapshot } = await import(pathToFileURL(require.resolve(release)).href.replace(/\.cjs$/, ".js"));
const old = release === "sb1";
const worked = (name) => console.log(name);
const made = [];

const box = await Sandbox.create({ ports: [3000], timeout: 200_000, env: { BASE: "1" } });
made.push(box);
assert.equal(box.status, "running");
worked("Sandbox.create");

const ran = await box.runCommand("sh", ["-c", "echo out $BASE; echo err >&2; exit 3"]);
assert.equal(ran.exitCode, 3);
assert.equal(await ran.stdout(), "out 1\n");
assert.equal(await ran.stderr(), "err\n");
assert.match(await ran.output(), /out 1\n/);
for (const name of ["Sandbox#runCommand", "Command#stdout", "Command#stderr", "Command#output"])
  worked(name);

const started = Date.now();
const loop = "for i in 1 2 3; do echo $i; sleep 0.3; done; sleep 60";
const live = await box.runCommand({ cmd: "sh", args: ["-c", loop], detached: true });
const seen = [];
for await (const line of live.logs()) {
  seen.push([line.stream, line.data, Date.now() - started]);
  if (seen.length === 3) break;
}
assert.deepEqual(seen.map((line) => line.slice(0, 2)), ["1\n", "2\n", "3\n"].map((text) => ["stdout", text]));
assert.ok(seen[2][2] - seen[0][2] > 400, "lines come as they are printed");
worked("Command#logs");
assert.equal((await box.getCommand(live.cmdId)).cmdId, live.cmdId);
worked("Sandbox#getCommand");
await live.kill("SIGTERM");
assert.equal((await live.wait()).exitCode, 143);
worked("Command#kill");
worked("Command#wait");
await assert.rejects(box.runCommand({ cmd: "no-such-program", detached: true }), /400/);

const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 256));
await box.writeFiles([{ path: "a/b.bin", content: bytes }, { path: "/tmp/x", content: Buffer.from("x") }]);
worked("Sandbox#writeFiles");
assert.deepEqual(await box.readFileToBuffer({ path: "a/b.bin" }), bytes);
assert.equal(await box.readFileToBuffer({ path: "nothing" }), null);
worked("Sandbox#readFileToBuffer");
assert.ok(await box.readFile({ path: "/tmp/x" }));
worked("Sandbox#readFile");
assert.ok(await box.downloadFile({ path: "a/b.bin" }, { path: "/tmp/vibe-client-download" }));
worked("Sandbox#downloadFile");
await box.mkDir("made");
worked("Sandbox#mkDir");

const fs = box.fs;
await fs.mkdir("/vercel/sandbox/fs");
await fs.writeFile("/vercel/sandbox/fs/t", "text");
await fs.appendFile("/vercel/sandbox/fs/t", "+");
assert.equal(await fs.readFile("/vercel/sandbox/fs/t", "utf8"), "text+");
await fs.copyFile("/vercel/sandbox/fs/t", "/vercel/sandbox/fs/u");
await fs.rename("/vercel/sandbox/fs/u", "/vercel/sandbox/fs/v");
await fs.chmod("/vercel/sandbox/fs/v", 0o755);
assert.equal((await fs.stat("/vercel/sandbox/fs/v")).mode & 0o777, 0o755);
await fs.symlink("t", "/vercel/sandbox/fs/l");
assert.equal(await fs.readlink("/vercel/sandbox/fs/l"), "t");
assert.ok((await fs.lstat("/vercel/sandbox/fs/l")).isSymbolicLink());
assert.equal(await fs.realpath("/vercel/sandbox/fs/l"), "/vercel/sandbox/fs/t");
await fs.truncate("/vercel/sandbox/fs/t", 2);
assert.deepEqual((await fs.readdir("/vercel/sandbox/fs")).sort(), ["l", "t", "v"]);
await fs.access("/vercel/sandbox/fs/t");
assert.equal(await fs.exists("/vercel/sandbox/fs/none"), false);
await assert.rejects(fs.readFile("/vercel/sandbox/fs/none"), { code: "ENOENT" });
await fs.unlink("/vercel/sandbox/fs/l");
assert.ok(await fs.mkdtemp("/tmp/t-"));
await fs.mkdir("/vercel/sandbox/fs/empty");
await fs.rmdir("/vercel/sandbox/fs/empty");
await fs.rm("/vercel/sandbox/fs", { recursive: true });
for (const name of "readFile writeFile appendFile mkdir readdir stat lstat unlink rm rmdir rename copyFile access exists chmod symlink readlink realpath truncate mkdtemp".split(" "))
  worked(`FileSystem#${name}`);

await box.runCommand({ cmd: "sh", args: ["-c", "echo hello > page; exec python3 -m http.server 3000"], detached: true });
let page;
for (let tries = 0; tries < 100 && !page?.ok; tries++) {
  page = await fetch(`${box.domain(3000)}/page`);
  if (!page.ok) await new Promise((resolve) => setTimeout(resolve, 100));
}
assert.equal(await page.text(), "hello\n");
worked("Sandbox#domain");

await box.extendTimeout(60_000);
worked("Sandbox#extendTimeout");
assert.equal(await box.updateNetworkPolicy("deny-all"), "deny-all");
worked("Sandbox#updateNetworkPolicy");
const snapshot = await box.snapshot();
assert.equal(snapshot.status, "created");
worked("Sandbox#snapshot");
assert.equal((await Snapshot.get({ snapshotId: snapshot.snapshotId })).snapshotId, snapshot.snapshotId);
worked("Snapshot.get");
assert.ok(await Snapshot.list({}));
worked("Snapshot.list");
const restored = await Sandbox.create({ source: { type: "snapshot", snapshotId: snapshot.snapshotId } });
made.push(restored);
assert.deepEqual(await restored.readFileToBuffer({ path: "a/b.bin" }), bytes);
assert.ok(await Sandbox.list({}));
worked("Sandbox.list");

if (!old) {
  assert.equal((await box.runCommand("cat", ["page"])).exitCode, 0); // resumes by itself
  await box.update({ tags: { k: "v" }, timeout: 100_000 });
  assert.deepEqual(box.tags, { k: "v" });
  worked("Sandbox#update");
  assert.equal((await Sandbox.get({ name: box.name })).name, box.name);
  worked("Sandbox.get");
  assert.ok(await box.listSessions());
  worked("Sandbox#listSessions");
  assert.ok(await box.listSnapshots());
  worked("Sandbox#listSnapshots");
  assert.ok(await Snapshot.tree({ snapshotId: snapshot.snapshotId }));
  worked("Snapshot.tree");
  const fork = await Sandbox.fork({ sourceSandbox: box.name });
  made.push(fork);
  assert.equal((await fork.runCommand("cat", ["page"])).exitCode, 0);
  worked("Sandbox.fork");
  const name = `made-once-${Date.now()}`;
  const [one, two] = [await Sandbox.getOrCreate({ name }), await Sandbox.getOrCreate({ name })];
  made.push(one);
  assert.equal(one.name, two.name);
  worked("Sandbox.getOrCreate");
}
await restored.stop({ blocking: true });
assert.equal(restored.status, "stopped");
worked("Sandbox#stop");
await snapshot.delete();
assert.equal(snapshot.status, "deleted");
worked("Snapshot#delete");
if (old) {
  assert.equal((await Sandbox.get({ sandboxId: restored.sandboxId })).status, "stopped");
  worked("Sandbox.get");
} else {
  for (const each of made) await each.delete();
  worked("Sandbox#delete");
}
