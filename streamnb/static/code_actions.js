// *Copy* and *Insert below* on each block of code, in a live answer and in a saved one.
//
// Elements of the page only: what is saved is the kernel's HTML, which has none of them.

// The source of a block: its text as the answer has it, without the line feed before the closing fence.
const sourceOf = (fence) => (fence.querySelector("code") ?? fence).textContent.replace(/\n$/, "");

async function copy(text, own) {
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

function withCodeActions(block) {
  for (const fence of within(block, "pre")) {
    if (fence.lastElementChild?.classList.contains("snb-own")) continue;
    const copying = button("Copy this code", "snb-copy", () => copy(sourceOf(fence), copying));
    const actions = make("span", "snb-code-actions snb-own", copying);
    if (canInsert()) {
      const inserting = button("Insert this code below", "snb-insert", () => insertCode(fence, inserting));
      actions.append(inserting);
    }
    actions.append(wrapSwitch(fence));
    actions.addEventListener("keydown", keepFromNotebook);
    fence.append(actions);
  }
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
  flash(own, insertBelow(fence, sourceOf(fence), `block ${number}`));
}
