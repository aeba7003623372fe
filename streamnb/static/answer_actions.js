// Below an answer that has ended: *Copy*, *Insert below*, *Ask again* and, where it broke off, *Continue*; above it,
// that its turn of a conversation was set aside.  Of several side by side each has a row of its own.
//
// Elements of the page only, as those of code_actions.js.  Nothing happens but by a person's own click or key.

const SET_ASIDE_LABEL = "Set aside";
const PYTHON_NAME = /^(?:i|jupyter-)?py(?:thon|con)?(?:[23](?:\.\d+)*)?$/; // as magic/code_cell.py
const BLOCK_SEPARATOR = "\n\n# ---\n\n";

// `notes` is what the kernel has told: by cell, why it is `aside`, and in `names` its answers that can go on.
function withAnswerActions(notebook, answer, notes) {
  const root = outputOf(answer);
  const index = notebook.cellIndexOf(root);
  if (index < 0) return;
  const { id } = notebook.cells[index];
  markSetAside(root, notes.aside[id]);
  const foot = answer.closest(".streamnb").querySelector(":scope > .snb-footer");
  const column = [...root.querySelectorAll(".snb-column")].findIndex((own) => own.contains(answer));
  const { text, state, name } = notebook.savedAnswer(root, column);
  if (!foot || (column >= 0 && !name)) return; // it was saved by a version that kept no ranges
  const row = foot.querySelector(".snb-actions") ?? foot.insertBefore(makeActions(notebook, answer, column), foot.firstChild);
  row.name = notes.names[id]?.find((own) => column < 0 || own.endsWith(`["${name}"]`));
  row.lastElementChild.hidden = !row.name || state === "complete" || !text.trim();
}

function makeActions(notebook, answer, column) {
  const root = outputOf(answer);
  const act = (label, className, run) => {
    const own = button(label, className, async (event) => event.isTrusted && flash(own, await run()));
    return own;
  };
  const saved = () => notebook.savedAnswer(root, column);
  const part = column < 0 ? "answer" : `answer ${column + 1}`;
  const hasCode = column >= 0 && notebook.asksForCode(root) && codeOf(answer);
  const insertAnswer = () => insertBelow(root, saved().text, part, "markdown");
  const insertItsCode = () => insertBelow(root, unfinishedComment(saved()) + codeOf(answer), `${part} code`);
  const row = make(
    "span",
    "snb-actions snb-own",
    act("Copy this answer", "snb-copy-answer", () => copyText(saved().text)),
    hasCode
      ? act("Insert this answer's code below", "snb-insert", insertItsCode)
      : act("Insert this answer below", "snb-insert", insertAnswer),
    column < 0
      ? act("Ask again: run this cell", "snb-again", () => runAgain(notebook, root))
      : act("Ask all again: run this cell", "snb-again snb-again-all", () => runAgain(notebook, root)),
    act("Continue in a new cell", "snb-continue", () => insertBelow(root, `%stream continue ${row.name}`, `${part} continue`)),
  );
  row.setAttribute("role", "group");
  row.setAttribute("aria-label", "This answer");
  row.addEventListener("keydown", keepFromNotebook);
  return row;
}

// What `--code` puts into a cell: the blocks in the notebook's language, or those that name none.
function codeOf(answer) {
  const fences = queryWithin(answer, "pre.snb-pre");
  const named = fences.filter((fence) => PYTHON_NAME.test(fence.dataset.snbLanguage ?? ""));
  const chosen = named.length ? named : fences.filter((fence) => !fence.dataset.snbLanguage);
  const codes = chosen.map(runnableCode).filter(Boolean);
  const isMagic = (code) => /^\s*%%/.test(code); // takes all that stands below it, and stands above all
  const ownCell = (code) => (isMagic(code) ? `# ${code.trim().split(/\s/)[0]} needs a cell of its own: Insert below on it` : code);
  return (codes.length > 1 ? codes.map(ownCell) : codes).join(BLOCK_SEPARATOR);
}

const unfinishedComment = ({ state }) => (state === "complete" ? "" : `# unfinished: the answer is ${state}\n`);

// The button that was pressed goes with the old answer; the new one is followed as after any other run.
function runAgain(notebook, root) {
  Object.assign(reader, { hasRun: true, runAt: performance.now(), panel: notebookPanelOf(root) });
  return notebook.runCell(root);
}

function markSetAside(root, reason) {
  const mark = root.querySelector(":scope > .snb-set-aside");
  if (mark?.lastChild.data === reason) return;
  mark?.remove();
  if (!reason) return;
  const note = make("div", "snb-set-aside", make("strong", "", SET_ASIDE_LABEL), reason);
  note.setAttribute("role", "note");
  root.prepend(note);
}
