// What a log view follows: the bytes of its command from where it begins, and how the command ends.

import { endingWords } from "./log-foot.js";
import { Lines } from "./log-lines.js";
import { wantedLines } from "./log-links.js";
import { LogSource } from "./log-source.js";
import { size } from "./units.js";

// Of a larger log the page gets the end first, and the rest when one asks for it.
const FIRST_BYTES = 16 * 1024 * 1024;

/** Empty the view and follow its command anew; `everything`: all of it, however much that is. */
export function begin(view, { everything = false } = {}) {
  const { command } = view.dataset;
  const after = Number(view.dataset.after) || 0;
  const wanted = view.large ? wantedLines(command) : null;
  view.source?.close();
  empty(view, new Lines({ skipFirst: after > 0 }));
  view.selection = view.pending = wanted;
  view.stuck = !wanted && !everything;
  if (!command) {
    view.source = null;
    return view.paint(true);
  }
  const last = view.large && !after ? (everything ? Number.MAX_SAFE_INTEGER : FIRST_BYTES) : 0;
  view.source = new LogSource(
    command,
    { after, last },
    {
      start: (offset, line, status) => {
        view.toggleAttribute("data-begun", true);
        view.toggleAttribute("data-running", status !== "finished");
        beginsAt(view, offset, line);
      },
      bytes: (stream, data, at) => view.changed(view.lines.push(stream, data, at)),
      gap: (missing, line) => {
        view.lines.note(`… ${size(missing)} left out here …`, line);
        view.changed(view.lines.count - 1);
      },
      end: (ending) => ended(view, ending),
      state: (word) => view.word(word),
      gone: () => view.toggleAttribute("data-gone", true),
    },
  );
  if (view.visible) view.source.open();
  view.paint(true);
}

function empty(view, lines) {
  view.lines = view.search.lines = lines;
  view.layout.reset();
  view.search.changed(0);
  view.anchor = null;
  view.earlier.hidden = true;
  view.box.scrollTop = 0;
  view.first = view.last = -1;
  view.word("");
  view.voice.reset();
  delete view.dataset.ended;
  for (const name of ["data-running", "data-begun", "data-gone"]) view.removeAttribute(name);
}

/** The page got only the end of a large log. */
function beginsAt(view, offset, line) {
  if (!offset) return;
  if (view.pending && view.pending[0] < line) return begin(view, { everything: true });
  view.lines.base = line - 1;
  view.earlier.hidden = false;
  view.earlier.textContent = `Load the ${size(offset)} before`;
}

function ended(view, ending) {
  view.word(endingWords(ending));
  view.dataset.ended = ending.tone;
  view.removeAttribute("data-running");
  if (view.pending) view.show(view.pending[0]);
  if (view.stuck && view.large) view.voice.say(`The command has ended: ${ending.outcome}`);
  view.changed(view.lines.count);
}
