// Prompts that read like prose: a cell that begins with `%%stream` loses the colours of Python and gets a few of Markdown.
//
// The editor's own elements stay as they are: a class on the cell takes the colours away, and the browser's highlights
// (CSS.highlights) colour ranges of its text.  Where there are none, the text is plain; without the class it is Python.

const PROMPT_CELL = /^(?:\s*(?:#.*)?\n|%%(?:time|timeit|capture)\b.*\n)*%%stream(?:\s|$)/;
const FENCE = /^\s{0,3}(`{3,}|~{3,})/;
// In the order in which they win; a mark is what stands for a look, such as the stars around bold words.
const HIGHLIGHT_PATTERNS = {
  value: /\{\{.*?\}\}/g,
  code: /(`+)(?!`).*?[^`]\1(?!`)/g,
  heading: /^#{1,6}\s.*/g,
  mark: /^\s*(?:[-*+]|\d+[.)])\s|^\s*>|\*\*|__|~~|\]\([^)\s]*\)|!?\[/g,
};
const highlights = Object.fromEntries(
  globalThis.CSS?.highlights && globalThis.Highlight
    ? ["magic", ...Object.keys(HIGHLIGHT_PATTERNS)].map((kind) => [kind, highlightOf(`snb-${kind}`)])
    : [],
);
const rangesByEditor = new WeakMap(); // by editor: what of it is highlighted

function highlightOf(name) {
  if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
  return CSS.highlights.get(name);
}

// See whether an editor holds a prompt, and colour it so, or no more.
function colourPrompt(editor) {
  const cell = editor.closest(".jp-CodeCell");
  if (!cell || editor.firstElementChild?.matches(".cm-gap")) return; // its first line is out of sight
  removeColours(editor);
  const lines = [...editor.querySelectorAll(":scope > .cm-line")];
  const isPrompt = PROMPT_CELL.test(lines.map((line) => line.textContent).join("\n"));
  cell.classList.toggle("snb-prose", isPrompt);
  if (isPrompt && highlights.magic) rangesByEditor.set(editor, colourLines(lines));
}

function removeColours(editor) {
  for (const [kind, range] of rangesByEditor.get(editor) ?? []) highlights[kind].delete(range);
  rangesByEditor.delete(editor);
}

function colourLines(lines) {
  const ranges = [];
  const start = lines.findIndex((line) => /^%%stream/.test(line.textContent));
  const add = (kind, line, from, to) => {
    const range = makeRange(line, from, to);
    highlights[kind].add(range);
    ranges.push([kind, range]);
  };
  add("magic", lines[start], 0, lines[start].textContent.length);
  let fence = "";
  for (const line of lines.slice(start + 1)) {
    const text = line.textContent;
    const mark = FENCE.exec(text)?.[1] ?? "";
    if (mark && (!fence || mark.startsWith(fence))) {
      fence = fence ? "" : mark;
      add("mark", line, 0, text.length);
    } else if (!fence) for (const [kind, from, to] of findHighlights(text)) add(kind, line, from, to);
  }
  return ranges;
}

function findHighlights(text) {
  const taken = [];
  for (const [kind, pattern] of Object.entries(HIGHLIGHT_PATTERNS))
    for (const { index, 0: match } of text.matchAll(pattern))
      if (!taken.some(([, from, to]) => index < to && index + match.length > from)) taken.push([kind, index, index + match.length]);
  return taken;
}

function makeRange(line, from, to) {
  const range = document.createRange();
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let before = 0; walker.nextNode(); before += walker.currentNode.length) {
    const { currentNode: node } = walker;
    if (from >= before && from <= before + node.length) range.setStart(node, from - before);
    if (to <= before + node.length) {
      range.setEnd(node, to - before);
      break;
    }
  }
  return range;
}
