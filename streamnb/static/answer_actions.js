// Below an answer that has ended: *Copy*, *Insert below*, *Ask again* and, where it broke off, *Continue*; above it,
// that its turn of a conversation was set aside.
//
// Elements of the page only, as those of code_actions.js.  Nothing happens but by a person's own click or key.

const ASIDE_LABEL = "Set aside";

// `notes` is what the kernel has told: by cell, why it is `aside`, and the variable of its answer in `names`.
function withAnswerActions(notebook, answer, notes) {
  const root = outputOf(answer);
  const index = notebook.indexOf(root);
  if (index < 0) return;
  const { id } = notebook.cells[index];
  markAside(root, notes.aside[id]);
  const foot = root.querySelector(":scope > .snb-footer");
  if (!foot) return; // several side by side
  const row = foot.querySelector(".snb-actions") ?? makeActions(notebook, root, foot);
  const state = notebook.savedOutput(root)?.metadata?.streamnb?.state;
  row.name = notes.names[id];
  row.lastElementChild.hidden = !row.name || state === "complete" || !notebook.sourceOf(root).trim();
}

function makeActions(notebook, root, foot) {
  const act = (label, className, run) => {
    const own = button(label, className, async (event) => event.isTrusted && flash(own, await run()));
    return own;
  };
  const row = make(
    "span",
    "snb-actions snb-own",
    act("Copy this answer", "snb-copy-answer", () => copyText(notebook.sourceOf(root))),
    act("Insert this answer below", "snb-insert", () => insertBelow(root, notebook.sourceOf(root), "answer", "markdown")),
    act("Ask again: run this cell", "snb-again", () => runAgain(notebook, root)),
    act("Continue in a new cell", "snb-continue", () => insertBelow(root, `%stream continue ${row.name}`, "continue")),
  );
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "This answer");
  row.addEventListener("keydown", keepFromNotebook);
  foot.prepend(row);
  return row;
}

// The button that was pressed goes with the old answer; the new one is followed as after any other run.
function runAgain(notebook, root) {
  Object.assign(reader, { hasRun: true, runAt: performance.now() });
  return notebook.run(root);
}

function markAside(root, reason) {
  const mark = root.querySelector(":scope > .snb-set-aside");
  if (mark?.lastChild.data === reason) return;
  mark?.remove();
  if (!reason) return;
  const note = make("div", "snb-set-aside", make("strong", "", ASIDE_LABEL), reason);
  note.setAttribute("role", "note");
  root.prepend(note);
}
