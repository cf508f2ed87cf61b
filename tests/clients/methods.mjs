// Prints the methods of the classes that @vercel/sandbox exports, those of its prototypes too.
import { createRequire } from "node:module";
import path from "node:path";
const [directory, release] = process.argv.slice(2);
const exported = createRequire(path.join(directory, "package.json"))(release);
for (const [name, value] of Object.entries(exported)) {
  if (typeof value !== "function" || !value.prototype) continue;
  for (const owner of [value, value.prototype])
    for (const [key, found] of Object.entries(Object.getOwnPropertyDescriptors(owner)))
      if (typeof found.value === "function" && key !== "constructor") console.log(`${name}.${key}`);
}
