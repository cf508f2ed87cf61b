import { Sandbox as Zero } from "sb0";
import { Sandbox as One } from "sb1";
import { Sandbox as Two } from "sb2";
import { Sandbox as FirstTwo } from "sb20";
import { Sandbox as Three } from "sb3";

const RELEASES = { sb0: Zero, sb1: One, sb20: FirstTwo, sb2: Two, sb3: Three };

/** A sandbox with a server; its `domain`, once the server answers there. */
export async function POST(_request, { params }) {
  const { release } = await params;
  const box = await RELEASES[release].create({ ports: [3000], timeout: 120_000 });
  const script = `echo '<h1>Made with ${release}</h1>' > index.html; exec python3 -m http.server 3000`;
  await box.runCommand({ cmd: "sh", args: ["-c", script], detached: true });
  const address = box.domain(3000);
  while (!(await fetch(address)).ok) await new Promise((resolve) => setTimeout(resolve, 100));
  return Response.json({ address, routes: box.routes });
}
