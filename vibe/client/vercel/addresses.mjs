// What addresses.cjs does, for modules that are imported; in the thread that loads them.
import addresses from "./addresses.cjs";

export async function load(url, context, next) {
  const loaded = await next(url, context);
  return { ...loaded, source: addresses.changed(loaded.source) };
}
