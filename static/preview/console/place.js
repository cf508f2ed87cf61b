// A part of what sandboxes/preview/injection puts into pages, all within one function: where the app
// has got to.

const tellPath = () => {
  const { pathname, search, hash } = location;
  tell({ path: cut(pathname + search + hash) });
};
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
