// A part of the page beside the app's frame: what development builds say of where an element is
// written. React's are https://github.com/facebook/react (_debugSource up to 18, _debugStack since
// 19), Vue's __file, Svelte's __svelte_meta; attributes are those of the inspectors of Vue and Astro.

const OWNERS = 8;
const NOT_OWN = /\/node_modules\/|\/@vite\/|\/@react-refresh|react-stack-(?:top|bottom)-frame/;
const CALL = /((?:https?|webpack-internal|file|about|turbopack):[^\s()]*):(\d+):(\d+)\)?$/;
const PLACE = /^(.+?):(\d+):(\d+)$/;

/** `[{file, line, column}]`, the likeliest first; never throws, whatever the app's things do. */
async function hintsOf(frame, element) {
  const found = [];
  for (const look of [ofAttributes, ofReact, ofVue, ofSvelte]) {
    try {
      found.push(...(await look(frame, element)));
    } catch {
      // A page may have put anything in these places.
    }
  }
  return found
    .filter(({ file }) => typeof file === "string" && file)
    .slice(0, 6)
    .map(({ file, line, column }) => ({
      file: part(file, 500),
      line: whole(line),
      column: whole(column),
    }));
}

const whole = (value) => (Number.isSafeInteger(value) && value > 0 && value < 1e6 ? value : 0);

function ofAttributes(_, element) {
  const vue = PLACE.exec(element.getAttribute("data-v-inspector") ?? "");
  if (vue) return [{ file: vue[1], line: Number(vue[2]), column: Number(vue[3]) }];
  const astro = element.getAttribute("data-astro-source-file");
  const [line, column] = (element.getAttribute("data-astro-source-loc") ?? "").split(":");
  return astro ? [{ file: astro, line: Number(line), column: Number(column) }] : [];
}

async function ofReact(frame, element) {
  const key = Object.keys(element).find((name) =>
    /^__react(?:Fiber|InternalInstance)\$/.test(name),
  );
  let fiber = key && element[key];
  for (let up = 0; fiber && up < OWNERS; up += 1) {
    const source = fiber._debugSource;
    if (source?.fileName)
      return [{ file: source.fileName, line: source.lineNumber, column: source.columnNumber }];
    const place = placeIn(fiber._debugStack?.stack ?? fiber._debugStack);
    if (place) return [await written(frame, place)];
    // Made within a component of a package: the place where that is used.
    fiber = fiber._debugOwner;
  }
  return [];
}

/** The first line of a stack that is the app's own. */
function placeIn(stack) {
  const lines = String(stack ?? "").split("\n", 60);
  for (const line of lines) {
    const call = NOT_OWN.test(line) ? null : CALL.exec(line.trim());
    if (call) return { file: call[1], line: Number(call[2]), column: Number(call[3]) };
  }
  return null;
}

function ofVue(_, element) {
  for (
    let one = element.__vueParentComponent, up = 0;
    one && up < OWNERS;
    one = one.parent, up += 1
  )
    if (one.type?.__file && !/node_modules/.test(one.type.__file))
      return [{ file: one.type.__file }];
  return [];
}

function ofSvelte(_, element) {
  const { file, line, column } = element.__svelte_meta?.loc ?? {};
  return file ? [{ file, line, column: column + 1 }] : [];
}
