// Notes which methods of a client's classes were called and did what they promise.

export function recorded(exported) {
  const worked = new Set();
  for (const [name, value] of Object.entries(exported)) {
    if (typeof value !== "function" || !value.prototype) continue;
    for (const owner of [value, value.prototype])
      for (const [key, { value: method, writable }] of Object.entries(Object.getOwnPropertyDescriptors(owner)))
        if (typeof method === "function" && writable && key !== "constructor" && key !== "prototype")
          owner[key] = noted(method, () => worked.add(`${name}.${key}`));
  }
  return worked;
}

function noted(method, note) {
  return function (...given) {
    const made = method.apply(this, given);
    if (typeof made?.then === "function") made.then(note, () => {});
    else note();
    return made;
  };
}
