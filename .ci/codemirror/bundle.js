// What of CodeMirror the page uses. Without completion and snippets of the languages: `html()`
// and its like bring those, their bare languages do not. Languages that need a big grammar
// (Python, YAML, XML) come from the small modes of CodeMirror 5.

export { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
export { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
export { cssLanguage } from "@codemirror/lang-css";
export { autoCloseTags, htmlLanguage } from "@codemirror/lang-html";
export {
  javascriptLanguage,
  jsxLanguage,
  tsxLanguage,
  typescriptLanguage,
} from "@codemirror/lang-javascript";
export { jsonLanguage } from "@codemirror/lang-json";
export { markdownLanguage } from "@codemirror/lang-markdown";
export {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  indentUnit,
  StreamLanguage,
  syntaxHighlighting,
} from "@codemirror/language";
export { dockerFile } from "@codemirror/legacy-modes/mode/dockerfile";
export { python } from "@codemirror/legacy-modes/mode/python";
export { shell } from "@codemirror/legacy-modes/mode/shell";
export { toml } from "@codemirror/legacy-modes/mode/toml";
export { xml } from "@codemirror/legacy-modes/mode/xml";
export { yaml } from "@codemirror/legacy-modes/mode/yaml";
export { unifiedMergeView } from "@codemirror/merge";
export { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
export { Compartment, EditorState, Text } from "@codemirror/state";
export {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
export { tags } from "@lezer/highlight";
