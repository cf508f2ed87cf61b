// A part of what sandboxes/preview/injection puts into pages, all within one function: where the app
// has got to.

const pathNow = () => location.pathname + location.search + location.hash;
const tellPath = () => tell({ path: cut(pathNow()) });
for (const name of ["pushState", "replaceState"]) {
  const original = History.prototype[name];
  History.prototype[name] = {
    [name](...given) {
      const done = original.apply(this, given);
      tellPath();
      return done;
    },
  }[name];
}
addEventListener("popstate", tellPath);
addEventListener("hashchange", tellPath);
