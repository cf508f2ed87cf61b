// One CodeMirror for one file. Loaded with its library when the first file is opened.

import {
  bracketMatching,
  Compartment,
  closeBrackets,
  closeBracketsKeymap,
  defaultKeymap,
  drawSelection,
  EditorState,
  EditorView,
  foldGutter,
  foldKeymap,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSelectionMatches,
  highlightSpecialChars,
  history,
  historyKeymap,
  indentOnInput,
  indentUnit,
  indentWithTab,
  keymap,
  lineNumbers,
  search,
  searchKeymap,
  Text,
  unifiedMergeView,
} from "../vendor/codemirror/codemirror.min.js";
import { languageOf } from "./editor-languages.js";
import { look } from "./editor-look.js";

const LEAVING = "Press Tab to leave the text.";
const comparing = new Compartment();

/** A text as CodeMirror holds it; only "\n" ends a line, so that every other byte is kept. */
export const textOf = (string) => Text.of(string.split("\n"));

/** An editor with `text`; `changed()` is called after each change of it. */
export function makeView({ path, text, changed }) {
  const leaving = (view) => {
    view.dispatch({ effects: EditorView.announce.of(LEAVING) });
    return false; // what else Escape does, it does
  };
  return new EditorView({
    state: EditorState.create({
      doc: textOf(text),
      extensions: [
        EditorView.cspNonce.of(document.querySelector("script[nonce]").nonce),
        EditorView.contentAttributes.of({
          "aria-label": `Text of ${path}`,
          "aria-describedby": "editor-help",
          spellcheck: "false",
          tabindex: "0", // or what scrolls around it counts as out of the keyboard's reach
        }),
        lineNumbers(),
        foldGutter(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        EditorState.allowMultipleSelections.of(true),
        EditorState.tabSize.of(4),
        indentUnit.of(indentIn(text)),
        indentOnInput(),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightActiveLineGutter(),
        highlightSelectionMatches(),
        search({ top: true }),
        keymap.of([
          ...closeBracketsKeymap,
          ...defaultKeymap,
          ...searchKeymap,
          ...historyKeymap,
          ...foldKeymap,
          indentWithTab,
          { key: "Escape", run: leaving },
        ]),
        comparing.of([]),
        languageOf(path),
        look,
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed();
        }),
      ],
    }),
  });
}

/** Have another text in the view; what both begin and end with stays, and so does the cursor. */
export function replaceText(view, text) {
  const old = view.state.doc.toString();
  const shorter = Math.min(old.length, text.length);
  let begin = 0;
  while (begin < shorter && old[begin] === text[begin]) begin += 1;
  let end = 0;
  while (end < shorter - begin && old.at(-1 - end) === text.at(-1 - end)) end += 1;
  view.dispatch({
    changes: {
      from: begin,
      to: old.length - end,
      insert: textOf(text.slice(begin, text.length - end)),
    },
    userEvent: "input.replace",
  });
}

/** Put the cursor at the start of a line, counted from one, and the line in the middle. */
export function goToLine(view, number) {
  const { from } = view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines)));
  view.dispatch({
    selection: { anchor: from },
    effects: EditorView.scrollIntoView(from, { y: "center" }),
  });
  view.focus();
}

/** Mark what differs from `original`, with the lines of that which are gone; null: no more. */
export function compareWith(view, original) {
  const marks = unifiedMergeView({ original: textOf(original ?? ""), mergeControls: false });
  view.dispatch({ effects: comparing.reconfigure(original === null ? [] : marks) });
}

function indentIn(text) {
  if (/^\t/m.test(text)) return "\t";
  return /^ {2}\S/m.test(text) ? "  " : "    ";
}
