const text = document.getElementById("text");
const page = document.getElementById("page");
const START = `# A page of your own

Write **Markdown** on this side; it appears on the other one *at once*.

## What it knows

- headings, lists and quotes
- [links](https://example.org) and \`code\`
- blocks of code

> Nothing leaves your browser.

\`\`\`
const answer = 6 * 7;
\`\`\`

1. Change this text.
2. Save it as a file.
`;

function show() {
  page.innerHTML = render(text.value);
  localStorage.setItem("markdown", text.value);
  const words = (text.value.match(/\S+/g) || []).length;
  document.getElementById("count").textContent = `${words} ${words === 1 ? "word" : "words"}`;
}

text.value = localStorage.getItem("markdown") ?? START;
text.addEventListener("input", show);
document.getElementById("copy").addEventListener("click", async (event) => {
  await navigator.clipboard.writeText(page.innerHTML);
  event.target.textContent = "Copied";
  setTimeout(() => { event.target.textContent = "Copy HTML"; }, 1500);
});
document.getElementById("save").addEventListener("click", () => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text.value], { type: "text/markdown" }));
  link.download = "page.md";
  link.click();
  URL.revokeObjectURL(link.href);
});
show();
