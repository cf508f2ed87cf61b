// A small part of Markdown: headings, lists, quotes, code, emphasis, links.
const escape = (text) => text.replace(/[&<>"]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[sign]);

function inline(text) {
  const codes = [];
  return escape(text)
    .replace(/`([^`]+)`/g, (_, code) => `\u0000${codes.push(code) - 1}\u0000`)
    .replace(/\[([^\]]+)\]\((https?:[^\s)]+|[\w./#-]+)\)/g, '<a href="$2" target="_blank" rel="noreferrer">$1</a>')
    .replace(/\*\*(.+?)\*\*/g, "<strong>$1</strong>")
    .replace(/(^|\W)[*_](.+?)[*_](?=\W|$)/g, "$1<em>$2</em>")
    .replace(/~~(.+?)~~/g, "<s>$1</s>")
    .replace(/\u0000(\d+)\u0000/g, (_, place) => `<code>${codes[place]}</code>`);
}

const BLOCKS = [
  [/^(#{1,3})\s+(.*)$/, ([, signs, text]) => `<h${signs.length}>${inline(text)}</h${signs.length}>`],
  [/^(?:---+|\*\*\*+)\s*$/, () => "<hr>"],
];
const RUNS = [
  [/^\s*[-*+]\s+(.*)$/, "ul", (text) => `<li>${inline(text)}</li>`],
  [/^\s*\d+[.)]\s+(.*)$/, "ol", (text) => `<li>${inline(text)}</li>`],
  [/^>\s?(.*)$/, "blockquote", (text) => `${inline(text)}<br>`],
];

function render(source) {
  const lines = source.split("\n");
  const out = [];
  while (lines.length) {
    const line = lines.shift();
    if (line.startsWith("```")) {
      const code = [];
      while (lines.length && !lines[0].startsWith("```")) code.push(lines.shift());
      lines.shift();
      out.push(`<pre><code>${escape(code.join("\n"))}</code></pre>`);
      continue;
    }
    const block = BLOCKS.find(([pattern]) => pattern.test(line));
    const run = RUNS.find(([pattern]) => pattern.test(line));
    if (block) {
      out.push(block[1](line.match(block[0])));
    } else if (run) {
      const [pattern, tag, item] = run;
      const items = [line];
      while (lines.length && pattern.test(lines[0])) items.push(lines.shift());
      out.push(`<${tag}>${items.map((one) => item(one.match(pattern)[1])).join("")}</${tag}>`);
    } else if (line.trim()) {
      const text = [line];
      while (lines.length && lines[0].trim() && ![...BLOCKS, ...RUNS].some(([pattern]) => pattern.test(lines[0])) && !lines[0].startsWith("```")) text.push(lines.shift());
      out.push(`<p>${inline(text.join("\n")).replace(/\n/g, "<br>")}</p>`);
    }
  }
  return out.join("\n");
}
