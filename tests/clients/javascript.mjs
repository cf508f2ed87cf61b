// Drives one release of @vercel/sandbox, unmodified, through all that it offers.
// Prints the name of each operation that worked; ends with 1 at the first that did not.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";
import { recorded } from "./recording.mjs";

const [directory, release] = process.argv.slice(2);
const require = createRequire(path.join(directory, "package.json"));
const exported = await import(pathToFileURL(require.resolve(release)).href.replace(/\.cjs$/, ".js"));
const worked = recorded(exported);
const { Drive, Sandbox, Snapshot } = exported;
const old = release === "sb1";
const made = [];

const box = await Sandbox.create({ ports: [3000], timeout: 200_000, env: { BASE: "1" } });
made.push(box);
assert.equal(box.status, "running");

const ran = await box.runCommand("sh", ["-c", "echo out $BASE; echo err >&2; exit 3"]);
assert.equal(ran.exitCode, 3);
assert.equal(await ran.stdout(), "out 1\n");
assert.equal(await ran.stderr(), "err\n");
assert.match(await ran.output(), /out 1\n/);

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
assert.equal((await box.getCommand(live.cmdId)).cmdId, live.cmdId);
await live.kill("SIGTERM");
assert.equal((await live.wait()).exitCode, 143);
await assert.rejects(box.runCommand({ cmd: "no-such-program", detached: true }), /400/);

const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, n) => n % 256));
await box.writeFiles([{ path: "a/b.bin", content: bytes }, { path: "/tmp/x", content: Buffer.from("x") }]);
assert.deepEqual(await box.readFileToBuffer({ path: "a/b.bin" }), bytes);
assert.equal(await box.readFileToBuffer({ path: "nothing" }), null);
assert.ok(await box.readFile({ path: "/tmp/x" }));
assert.ok(await box.downloadFile({ path: "a/b.bin" }, { path: "/tmp/vibe-client-download" }));
await box.mkDir("made");

const fs = box.fs;
await fs.mkdir("/vercel/sandbox/fs");
await fs.writeFile("/vercel/sandbox/fs/t", "text");
await fs.appendFile("/vercel/sandbox/fs/t", "+");
assert.equal(await fs.readFile("/vercel/sandbox/fs/t", "utf8"), "text+");
await fs.copyFile("/vercel/sandbox/fs/t", "/vercel/sandbox/fs/u");
await fs.rename("/vercel/sandbox/fs/u", "/vercel/sandbox/fs/v");
await fs.chmod("/vercel/sandbox/fs/v", 0o755);
await fs.chown("/vercel/sandbox/fs/v", 1000, 1000);
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

await box.runCommand({ cmd: "sh", args: ["-c", "echo hello > page; exec python3 -m http.server 3000"], detached: true });
assert.equal(box.domain(3000), box.routes.find(({ port }) => port === 3000).url);
let page;
for (let tries = 0; tries < 100 && !page?.ok; tries++) {
  page = await fetch(`${box.domain(3000)}/page`);
  if (!page.ok) await new Promise((resolve) => setTimeout(resolve, 100));
}
assert.equal(await page.text(), "hello\n");

await box.extendTimeout(60_000);
assert.equal(await box.updateNetworkPolicy("deny-all"), "deny-all");
const snapshot = await box.snapshot();
assert.equal(snapshot.status, "created");
assert.equal((await Snapshot.get({ snapshotId: snapshot.snapshotId })).snapshotId, snapshot.snapshotId);
assert.ok(await Snapshot.list({}));
const restored = await Sandbox.create({ source: { type: "snapshot", snapshotId: snapshot.snapshotId } });
made.push(restored);
assert.deepEqual(await restored.readFileToBuffer({ path: "a/b.bin" }), bytes);
assert.ok(await Sandbox.list({}));

if (!old) {
  assert.equal((await box.runCommand("cat", ["page"])).exitCode, 0); // resumes by itself
  await box.update({ tags: { k: "v" }, timeout: 100_000 });
  assert.deepEqual(box.tags, { k: "v" });
  assert.equal((await Sandbox.get({ name: box.name })).name, box.name);
  assert.ok(await box.listSessions());
  assert.ok(await box.listSnapshots());
  assert.ok(await Snapshot.tree({ snapshotId: snapshot.snapshotId }));
  const fork = await Sandbox.fork({ sourceSandbox: box.name });
  made.push(fork);
  assert.equal((await fork.runCommand("cat", ["page"])).exitCode, 0);
  const name = `made-once-${Date.now()}`;
  const [one, two] = [await Sandbox.getOrCreate({ name }), await Sandbox.getOrCreate({ name })];
  made.push(one);
  assert.equal(one.name, two.name);
}
if (Drive) await drives();
if (!old && process.env.PLATFORM_IS_ROOT) await users();
if (!old) await sessions();

await restored.stop({ blocking: true });
assert.equal(restored.status, "stopped");
await snapshot.delete();
assert.equal(snapshot.status, "deleted");
if (old) {
  assert.equal((await Sandbox.get({ sandboxId: restored.sandboxId })).status, "stopped");
} else {
  for (const each of made) await each.delete();
}
for (const name of worked) console.log(name);

async function drives() {
  const drive = await Drive.getOrCreate({ name: `drive-${Date.now()}` });
  const writer = await Sandbox.create({ mounts: { "/data": drive }, persistent: false });
  assert.equal((await writer.runCommand("sh", ["-c", "echo kept > /data/file"])).exitCode, 0);
  assert.equal((await Drive.getOrCreate({ name: drive.name })).currentSandboxName, writer.name);
  await assert.rejects(Sandbox.create({ mounts: { "/data": drive } }), /409/);
  const reader = await Sandbox.create({ mounts: { "/seen": drive.snapshot() }, persistent: false });
  assert.equal(await (await reader.runCommand("cat", ["/seen/file"])).stdout(), "kept\n");
  assert.notEqual((await reader.runCommand("touch", ["/seen/more"])).exitCode, 0);
  await writer.delete();
  await reader.delete();
  const listed = await Drive.list({ namePrefix: drive.name });
  assert.deepEqual(listed.drives.map((one) => one.name), [drive.name]);
  await drive.delete();
}

async function users() {
  const root = box.asUser("root");
  assert.equal(await (await root.runCommand("id", ["-un"])).stdout(), "root\n");
  const alice = await box.createUser("alice");
  await assert.rejects(box.createUser("alice"), /already exists/);
  assert.equal(await (await alice.runCommand("sh", ["-c", "id -un; pwd"])).stdout(), "alice\n/home/alice\n");
  await alice.mkDir("mine");
  await alice.writeFiles([{ path: "mine/f", content: Buffer.from("hers") }]);
  assert.equal((await alice.readFileToBuffer({ path: "mine/f" })).toString(), "hers");
  assert.ok(await alice.readFile({ path: "mine/f" }));
  assert.ok(await alice.downloadFile({ path: "mine/f" }, { path: "/tmp/vibe-client-download" }));
  await box.createGroup("devs");
  await box.addUserToGroup("alice", "devs");
  assert.match(await (await alice.runCommand("id", ["-Gn"])).stdout(), /devs/);
  await box.removeUserFromGroup("alice", "devs");
  await alice.addToGroup("devs");
  await alice.removeFromGroup("devs");
  assert.doesNotMatch(await (await alice.runCommand("id", ["-Gn"])).stdout(), /devs/);
}

async function sessions() {
  const session = box.currentSession();
  assert.equal(session.status, "running");
  const { url, token } = await session.openInteractive();
  assert.match(url, /^wss?:\/\//);
  assert.ok(token && (await box.openInteractive()).token);
  await session.mkDir("by-session");
  await session.writeFiles([{ path: "by-session/f", content: Buffer.from("x") }]);
  assert.equal((await session.readFileToBuffer({ path: "by-session/f" })).toString(), "x");
  assert.ok(await session.readFile({ path: "by-session/f" }));
  assert.ok(await session.downloadFile({ path: "by-session/f" }, { path: "/tmp/vibe-client-download" }));
  const ran = await session.runCommand("true");
  assert.equal((await session.getCommand(ran.cmdId)).exitCode, 0);
  assert.equal(session.domain(3000), session.routes.find(({ port }) => port === 3000).url);
  await session.extendTimeout(1000);
  await session.update({ networkPolicy: "deny-all" });
  assert.ok((await session.snapshot()).snapshotId);
}
