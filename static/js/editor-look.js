// How CodeMirror looks: the page's own tokens, which are light and dark by themselves.

import {
  EditorView,
  HighlightStyle,
  syntaxHighlighting,
  tags,
} from "../vendor/codemirror/codemirror.min.js";

const theme = EditorView.theme({
  "&": {
    height: "100%",
    color: "var(--text)",
    backgroundColor: "var(--surface)",
    fontSize: "12.5px",
  },
  "&.cm-focused": { outline: "none", boxShadow: "inset 2px 0 var(--accent)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "20px", overscrollBehavior: "contain" },
  ".cm-content": { padding: "8px 0", caretColor: "var(--text)" },
  ".cm-line": { padding: "0 24px 0 8px" },
  ".cm-gutters": { backgroundColor: "var(--surface)", color: "var(--text-dim)", border: "0" },
  ".cm-lineNumbers .cm-gutterElement": { minWidth: "34px", padding: "0 4px 0 10px" },
  ".cm-foldGutter .cm-gutterElement": { width: "14px", textAlign: "center", cursor: "pointer" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  "&.cm-focused .cm-activeLine": {
    backgroundColor: "color-mix(in oklch, var(--hover) 60%, transparent)",
  },
  ".cm-activeLineGutter": { backgroundColor: "transparent", color: "var(--text)" },
  ".cm-cursor": { borderLeftColor: "var(--text)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    {
      background: "var(--accent-line)",
    },
  ".cm-selectionMatch": { backgroundColor: "var(--accent-surface)" },
  "&.cm-focused .cm-matchingBracket": {
    backgroundColor: "var(--active)",
    outline: "1px solid var(--line)",
  },
  "&.cm-focused .cm-nonmatchingBracket": { backgroundColor: "var(--danger-surface)" },
  ".cm-foldPlaceholder": {
    border: "0",
    padding: "0 6px",
    background: "var(--active)",
    color: "var(--text-soft)",
  },
  ".cm-searchMatch": {
    backgroundColor: "var(--warning-surface)",
    outline: "1px solid var(--warning-line)",
  },
  ".cm-searchMatch.cm-searchMatch-selected": { backgroundColor: "var(--warning-line)" },
  ".cm-panels": { backgroundColor: "var(--bg)", color: "var(--text)", zIndex: "2" },
  ".cm-panels.cm-panels-top": { borderBottom: "1px solid var(--line)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-panel.cm-search, .cm-panel.cm-gotoLine": {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "center",
    gap: "6px",
    padding: "6px 32px 6px 10px",
    font: "13px/1.4 var(--font)",
  },
  ".cm-panel.cm-search br": { flexBasis: "100%", content: "''", height: "0" },
  ".cm-panel.cm-search label": {
    display: "inline-flex",
    alignItems: "center",
    gap: "4px",
    fontSize: "12px",
  },
  ".cm-panel .cm-textfield": {
    margin: "0",
    minHeight: "26px",
    padding: "0 8px",
    fontSize: "13px",
    color: "var(--text)",
    background: "var(--surface)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
  },
  ".cm-panel .cm-button": {
    margin: "0",
    minHeight: "26px",
    padding: "0 8px",
    fontSize: "12px",
    color: "var(--text)",
    background: "var(--raised)",
    border: "1px solid var(--line-strong)",
    borderRadius: "6px",
  },
  ".cm-panel .cm-button:hover": { background: "var(--hover)" },
  ".cm-panel.cm-search [name=close], .cm-panel .cm-dialog-close": {
    top: "6px",
    right: "8px",
    width: "24px",
    height: "24px",
    color: "var(--text-soft)",
    fontSize: "16px",
    cursor: "pointer",
  },
  ".cm-specialChar": { color: "var(--danger)" },
  ".cm-deletedChunk": { backgroundColor: "var(--danger-surface)", paddingLeft: "8px" },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine": {
    backgroundColor: "var(--success-surface)",
  },
  "&.cm-merge-b .cm-changedText, .cm-changedText": { background: "var(--success-line)" },
  ".cm-deletedChunk .cm-deletedText, .cm-deletedText": { background: "var(--danger-line)" },
  ".cm-changedLineGutter": { background: "var(--success)" },
  ".cm-deletedLineGutter": { background: "var(--danger)" },
  // Smaller letters make a phone's browser zoom in.
  "@media (max-width: 767px)": {
    ".cm-scroller": { fontSize: "16px", lineHeight: "24px" },
    ".cm-panel .cm-textfield": { fontSize: "16px", minHeight: "36px" },
    ".cm-panel .cm-button": { minHeight: "36px" },
  },
});

const colour = (name) => ({ color: `var(--${name})` });
const highlighting = HighlightStyle.define([
  { tag: tags.comment, color: "var(--text-dim)", fontStyle: "italic" },
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], ...colour("ansi-magenta") },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], ...colour("ansi-green") },
  {
    tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit, tags.color],
    ...colour("ansi-cyan"),
  },
  { tag: [tags.typeName, tags.className, tags.tagName], ...colour("ansi-blue") },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName)],
    ...colour("ansi-blue"),
  },
  {
    tag: [tags.definition(tags.function(tags.variableName)), tags.labelName],
    ...colour("ansi-blue"),
  },
  { tag: [tags.standard(tags.variableName), tags.namespace], ...colour("ansi-blue") },
  {
    tag: [tags.attributeName, tags.propertyName, tags.special(tags.variableName)],
    ...colour("ansi-yellow"),
  },
  { tag: [tags.meta, tags.processingInstruction, tags.documentMeta], ...colour("text-dim") },
  { tag: tags.heading, ...colour("ansi-blue"), fontWeight: "600" },
  { tag: tags.strong, fontWeight: "600" },
  { tag: tags.emphasis, fontStyle: "italic" },
  { tag: [tags.link, tags.url], ...colour("accent"), textDecoration: "underline" },
  { tag: tags.invalid, ...colour("danger") },
]);

export const look = [theme, syntaxHighlighting(highlighting)];
