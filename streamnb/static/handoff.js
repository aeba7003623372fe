// The handoff: selection, focus, formulas and what was unfolded are kept when the static output takes the page's place.

// Text is counted without white space: the two differ in that, and in nothing else that counts.
const visibleLength = (text) => text.replace(/\s+/g, "").length;

function positionOf(blocks, node, offset) {
  const index = blocks.findIndex((block) => block.contains(node));
  if (index < 0) return null;
  const range = document.createRange();
  range.setStart(blocks[index], 0);
  range.setEnd(node, offset);
  return { index, count: visibleLength(range.toString()) };
}

function locatePosition(blocks, { index, count }) {
  const walker = document.createTreeWalker(blocks[index], NodeFilter.SHOW_TEXT);
  for (let left = count; walker.nextNode(); ) {
    const { data } = walker.currentNode;
    for (let at = 0; at <= data.length; at++)
      if (visibleLength(data.slice(0, at)) === left) return [walker.currentNode, at];
    left -= visibleLength(data);
  }
  return null;
}

function focusElement(box) {
  box.tabIndex = -1;
  box.focus({ preventScroll: true });
}

// A formula stays as it was read, in its own font; MathJax, which comes after this, finds nothing left to set.  It sets
// the saved one when the notebook is opened again.
const FORMULA_SELECTOR = ".snb-maths, .mathjax_process, .snb-maths-source";

function keepFormulas(blocks, fresh) {
  for (const [index, block] of blocks.entries()) {
    const shown = queryWithin(block, FORMULA_SELECTOR);
    const saved = queryWithin(fresh[index], FORMULA_SELECTOR);
    if (shown.length !== saved.length) continue;
    for (const [at, formula] of shown.entries())
      if (formula.matches(".snb-maths") && saved[at].matches(".mathjax_process")) saved[at].replaceWith(formula);
  }
}

const foldTitle = (fold) => fold.firstElementChild.textContent;

const HANDOFF_TIMEOUT_MS = 5000;

function handOff({ root, blocks, answer }, nth = 0) {
  const outputChild = root.closest(".jp-OutputArea-child");
  const area = outputChild?.parentElement;
  if (!area) return;
  const index = [...area.children].indexOf(outputChild);
  const selection = document.getSelection();
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const text = selection.toString();
  const positions = hasSelection(root) && [positionOf(blocks, anchorNode, anchorOffset), positionOf(blocks, focusNode, focusOffset)];
  const focused = root.contains(document.activeElement);
  const unfolded = [...root.querySelectorAll("details[open]")].filter((fold) => toggledByReader.has(fold)).map(foldTitle);
  const watch = new MutationObserver(() => {
    const fresh = area.children[index]?.querySelectorAll(".snb-answer:not(.snb-live)")[nth];
    if (!fresh) return;
    watch.disconnect();
    clearTimeout(timer); // it holds all that this function knows: the whole of the live output
    fresh.addEventListener("click", loadPicture);
    withCodeActions(fresh);
    if (blocks.length === fresh.childElementCount) keepFormulas(blocks, fresh.children);
    for (const fold of fresh.closest(".streamnb").querySelectorAll("details")) fold.open = unfolded.includes(foldTitle(fold));
    if (focused && document.activeElement === document.body) focusElement(fresh);
    const ends = positions && positions.every(Boolean) && positions.map((at) => locatePosition(fresh.children, at));
    if (!ends || !ends.every(Boolean)) return;
    selection.setBaseAndExtent(...ends[0], ...ends[1]);
    if (visibleLength(selection.toString()) !== visibleLength(text)) selection.removeAllRanges();
  });
  watch.observe(area, { childList: true, subtree: true });
  // To a cell that was moved in mid-stream nothing comes by itself any more: the page asks for it.
  let timer = setTimeout(() => {
    if (root.isConnected) answer.requestWhole();
    timer = setTimeout(() => watch.disconnect(), HANDOFF_TIMEOUT_MS);
  }, HANDOFF_TIMEOUT_MS);
}

// A page that was loaded again, or whose cell was moved, does not know any more where the saved output belongs.  The
// widget does: the notebook still shows it there.  Where the front end keeps its notebook to itself, the widget stays.
const VIEW_MIME = "application/vnd.jupyter.widget-view+json";

function replaceInNotebook(manager, { id, data, metadata }) {
  for (const { outputs } of manager?.context?.model?.cells ?? [])
    for (let at = 0; at < (outputs?.length ?? 0); at++)
      if (outputs.get(at).data[VIEW_MIME]?.model_id === id) outputs.set(at, { output_type: "display_data", data, metadata });
}

// The kernel closes a model that has ended and that no page shows.
function sendGoneIfUnused(pages, model) {
  if (!pages.size) model.send({ kind: "gone" });
}
