// *Copy* and *Insert below* on each block of code, in a live answer and in a saved one.
//
// Elements of the page only: what is saved is the kernel's HTML, which has none of them.

// The source of a block: its text as the answer has it, without the line feed before the closing fence.
const sourceOf = (fence) => (fence.querySelector("code") ?? fence).textContent.replace(/\n$/, "");

// What a cell can run of it: of a session with prompts only what was typed, as magic/code_cell.py.
const SESSION_PROMPT = /^(?:>>>|\.\.\.|In \[\d+\]:| +\.\.\.:)(?: |$)/;
function runnableCode(fence) {
  const code = sourceOf(fence).replace(/^\n+|\n+$/g, "");
  if (!/^(?:>>> |In \[\d+\]:)/.test(code)) return code;
  return code.split("\n").filter((line) => SESSION_PROMPT.test(line)).map((line) => line.replace(SESSION_PROMPT, "")).join("\n");
}

async function copyAndFlash(text, own) {
  flash(own, await copyText(text));
}

// Say on a button how it went; a screen reader hears its new name.
function flash(own, isDone) {
  const { title } = own;
  own.classList.add(isDone ? "snb-done" : "snb-failed");
  own.setAttribute("aria-label", isDone ? "Done" : "Not allowed here");
  setTimeout(() => {
    own.classList.remove("snb-done", "snb-failed");
    own.setAttribute("aria-label", title);
  }, 1500);
}

// Four elements for each of some hundred blocks are megabytes, so a block gets them when it comes near the view, or
// when the keyboard is about to come to it.  Shared by all modules of a page: which blocks wait, and for whom.
const pendingFences = (globalThis[Symbol.for("streamnb.waiting")] ??= watchTabKey(new WeakMap()));
const nearView = new IntersectionObserver(
  (entries) => entries.forEach(({ isIntersecting, target }) => isIntersecting && makeCodeActions(target)),
  { rootMargin: "50%", scrollMargin: "50%" },
);

function withCodeActions(block) {
  for (const fence of queryWithin(block, "pre")) {
    if (hasActions(fence)) continue;
    pendingFences.set(fence, makeCodeActions);
    nearView.observe(fence);
  }
}

function watchTabKey(blocks) {
  const act = ({ key, target }) => {
    if (key !== "Tab") return;
    const fences = [...document.querySelectorAll(".snb-answer pre")].filter((fence) => blocks.has(fence));
    const isBehind = (fence) => target.compareDocumentPosition(fence) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = fences.findIndex(isBehind);
    for (const fence of [fences.at(next < 0 ? -1 : next), fences[next - 1]]) blocks.get(fence)?.(fence);
  };
  addEventListener("keydown", act, { capture: true });
  return blocks;
}

const hasActions = (fence) => fence.lastElementChild?.classList.contains("snb-own");

function makeCodeActions(fence) {
  pendingFences.delete(fence);
  nearView.unobserve(fence);
  if (hasActions(fence)) return;
  const copying = button("Copy this code", "snb-copy", () => copyAndFlash(sourceOf(fence), copying));
  const actions = make("span", "snb-code-actions snb-own", copying);
  if (canInsert()) {
    const inserting = button("Insert this code below", "snb-insert", () => insertCode(fence, inserting));
    actions.append(inserting);
  }
  actions.append(wrapSwitch(fence));
  actions.addEventListener("keydown", keepFromNotebook);
  fence.append(actions);
}

// Long lines scroll, as in an editor, or are wrapped, as it pleases the reader.
function wrapSwitch(fence) {
  const own = button("Wrap the lines of this code", "snb-wrap", () => {
    const isWrapped = fence.toggleAttribute("data-snb-wrapped");
    own.setAttribute("aria-pressed", String(isWrapped));
  });
  own.setAttribute("aria-pressed", "false");
  return own;
}

// Enter and the space bar are for a button that has the focus; all other keys are the notebook's.
function keepFromNotebook(event) {
  if (event.key === "Enter" || event.key === " ") event.stopPropagation();
}

function insertCode(fence, own) {
  const number = [...outputOf(fence).querySelectorAll("pre")].indexOf(fence) + 1;
  flash(own, insertBelow(fence, runnableCode(fence), `block ${number}`));
}
