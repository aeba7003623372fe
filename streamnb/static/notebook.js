// The notebook around an output: its cells, reached through the page's widget manager.
//
// JupyterLab 4 and Notebook 7 give every widget the manager of its notebook, and a manager knows its document.
// What is used of the page's inside stands in this file and nowhere else: of the document its path and `cells`
// (`outputs`), of its shared model `cells` (`id`, `cell_type`, `getSource`, `setSource`, `getMetadata`,
// `setMetadata`, `executionState`) and `insertCell`; of the page's elements what `cellIndexOf` names.  Where any of it
// is missing, `canInsert` says so, nothing is offered, and the kernel takes another way.

const notebooks = new Set();

// Name the notebook of a widget manager, so that `insertBelow` finds it.
function registerNotebook(manager) {
  const notebook = new Notebook(manager);
  if (manager) notebooks.add(notebook);
  return notebook;
}

// Put text on the clipboard; tell whether that was allowed.
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // a page without https has no clipboard
  }
}

function copyBySelection(text) {
  const focused = document.activeElement;
  const field = document.createElement("textarea");
  Object.assign(field, { value: text, readOnly: true });
  field.style.cssText = "position: fixed; opacity: 0";
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  focused?.focus({ preventScroll: true });
  return isCopied;
}

// Tell whether a cell can be put into the notebook at all.
function canInsert() {
  return [...notebooks].some((notebook) => notebook.isSupported);
}

// Put text into a new cell below the output that shows an element; tell whether that was done.
//
// `part` says what the text is of the answer; the same part with the same text is not put there twice.  Cells that
// were made from one output stand below it in the order in which they were asked for.  Never runs anything.
function insertBelow(element, text, part, type = "code") {
  for (const notebook of notebooks) {
    const index = notebook.cellIndexOf(element);
    if (index >= 0) return notebook.addCell(index, text, part, type);
  }
  return false;
}

const WIDGET_VIEW = "application/vnd.jupyter.widget-view+json";
// The whole of an output of ours: answers side by side are one.
function outputOf(element) {
  let output = element.closest(".streamnb");
  for (let outer = output; outer; outer = outer.parentElement?.closest(".streamnb")) output = outer;
  return output;
}

// Outputs that were parsed, which takes a moment, with what was found.
const footerCache = new WeakMap();
const footerText = (root) => [...root.querySelectorAll(".snb-footer")].map((foot) => foot.textContent).join().replace(/\s+/g, "");

// FNV-1a, and the length: to see whether somebody has typed in a cell, not to keep a secret.
function hashOf(text) {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `${text.length}-${(hash >>> 0).toString(16)}`;
}

class Notebook {
  constructor(manager) {
    this.manager = manager;
  }

  get document() {
    return this.manager?.context?.model;
  }

  get cells() {
    return [...(this.document?.sharedModel?.cells ?? [])];
  }

  // Whether all is there that the rest of this class asks for.
  get isSupported() {
    const fits = (cell) =>
      typeof cell.id === "string" &&
      ["getSource", "setSource", "getMetadata", "setMetadata"].every((name) => typeof cell[name] === "function") &&
      (cell.cell_type !== "code" || typeof cell.executionState === "string");
    return typeof this.document?.sharedModel?.insertCell === "function" && this.cells.length > 0 && this.cells.every(fits);
  }

  // The index of the cell whose output shows an element; -1 where it is none of this notebook.
  cellIndexOf(element) {
    const cell = element.closest(".jp-Cell");
    const panel = cell?.closest(".jp-NotebookPanel");
    if (!panel || !this.isSupported || !this.isShownIn(panel)) return -1;
    const siblings = [...cell.parentElement.children].filter((child) => child.classList.contains("jp-Cell"));
    const index = Number(cell.dataset.windowedListIndex ?? siblings.indexOf(cell));
    return this.hasOutput(index, outputOf(element)) ? index : -1;
  }

  // Several notebooks may be open in one page; the second line of a tab's title is "Path: " and the path.
  isShownIn(panel) {
    if (document.querySelectorAll(".jp-NotebookPanel").length === 1) return true;
    const title = document.querySelector(`.lm-TabBar-tab[data-id="${panel.id}"]`)?.title.split("\n")[1];
    return title?.replace(/^[^:：]*[:：]\s*/, "") === this.manager.context.path.replace(/^[^/:]*:/, "");
  }

  // Whether a cell holds the output that an element is: the footers have figures that no two answers share.
  hasOutput(index, root) {
    if (!root.querySelector(".snb-live")) return Boolean(this.findOutput(index, root));
    return this.outputsAt(index).some((output) => output.data[WIDGET_VIEW]);
  }

  outputsAt(index) {
    const outputs = this.document.cells.get(index)?.outputs;
    return Array.from({ length: outputs?.length ?? 0 }, (_, at) => outputs.get(at));
  }

  findOutput(index, root) {
    return this.outputsAt(index).find((output) => this.isSameOutput(output, root));
  }

  savedOutput(root) {
    return this.findOutput(this.cellIndexOf(root), root);
  }

  // What an output keeps of an answer: its text, its state and, of several side by side, its name.
  //
  // The text is the plain text without the last paragraph, the footer (render/snapshot.py); of several, a range of it
  // in code points (views/display_update_columns.py).
  savedAnswer(root, column) {
    const output = this.savedOutput(root);
    const data = output?.data["text/plain"] ?? "";
    const plain = Array.isArray(data) ? data.join("") : data;
    const facts = output?.metadata?.streamnb ?? {};
    if (column < 0) return { text: plain.slice(0, Math.max(0, plain.lastIndexOf("\n\n"))), state: facts.state };
    const [name, { text_range: range, state } = {}] = Object.entries(facts.answers ?? {})[column] ?? [];
    return { text: range ? Array.from(plain).slice(...range).join("") : "", state, name };
  }

  // Whether the cell around an output asks for its code.
  asksForCode(root) {
    return /^%%stream\b.*\s--code(\s|$)/m.test(this.cells[this.cellIndexOf(root)]?.getSource() ?? "");
  }

  // Run the cell around an element by the page's own button, which runs the cells that are selected, and tell whether
  // it runs.  JupyterLab's buttons act as soon as the mouse is down.
  async runCell(element) {
    const node = element.closest(".jp-Cell");
    const panel = node?.closest(".jp-NotebookPanel");
    const own = panel?.querySelector('[data-command="notebook:run-cell-and-select-next"]');
    const cell = this.cells[this.cellIndexOf(element)];
    if (!own || !cell || !node.classList.contains("jp-mod-active")) return false;
    if (panel.querySelectorAll(".jp-Cell.jp-mod-selected").length > 1) return false;
    const before = cell.execution_count;
    own.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true }));
    await new Promise((done) => setTimeout(done, 300));
    return cell.executionState === "running" || cell.execution_count !== before;
  }

  isSameOutput(output, root) {
    const html = output.data["text/html"];
    const text = Array.isArray(html) ? html.join("") : html;
    if (typeof text !== "string" || !text.includes("streamnb")) return false;
    if (footerCache.get(output)?.text !== text) {
      // What stands before the first footer may be long, and says nothing of it.
      const start = text.lastIndexOf("<", text.indexOf("snb-footer"));
      const words = start < 0 ? null : footerText(new DOMParser().parseFromString(text.slice(start), "text/html"));
      footerCache.set(output, { text, words });
    }
    return footerCache.get(output).words === footerText(root);
  }

  // The cells right below that were made from the cell at `index`.
  cellsMadeFrom(index) {
    const [cell, ...below] = this.cells.slice(index);
    const end = below.findIndex((other) => other.getMetadata().streamnb?.from !== cell.id);
    return end < 0 ? below : below.slice(0, end);
  }

  addCell(index, text, part, type) {
    const made = this.cellsMadeFrom(index);
    const isThere = (cell) => cell.getMetadata().streamnb.part === part && cell.getSource() === text;
    if (!made.some(isThere)) this.insertCell(index + 1 + made.length, text, this.originMetadata(index, text, part), type);
    return true;
  }

  originMetadata(index, text, part) {
    return { from: this.cells[index].id, part, hash: hashOf(text) };
  }

  insertCell(index, source, origin, type) {
    this.document.sharedModel.insertCell(index, { cell_type: type, source, metadata: { streamnb: origin, trusted: true } });
  }

  // Put the code of an answer right below the cell that asked for it: into the cell that was made for it, where
  // nobody has typed in that, else into a new one.  In the midst of a run, leave a line instead.
  putCode({ cell, text, line, running }) {
    const index = this.cells.findIndex((other) => other.id === cell);
    if (index < 0) return "deleted";
    if (this.cells.filter((other) => other.id !== cell && other.executionState === "running").length > running) {
      this.document.cells.get(index).outputs.add({ output_type: "stream", name: "stdout", text: `${line}\n` });
      return "running";
    }
    const origin = this.originMetadata(index, text, "code");
    const isUntouched = (made) => {
      const { part, hash } = made.getMetadata().streamnb;
      return part === "code" && made.cell_type === "code" && hash === hashOf(made.getSource());
    };
    const old = this.cellsMadeFrom(index).find(isUntouched);
    if (!old) this.insertCell(index + 1, text, origin, "code");
    else if (old.getSource() !== text) {
      old.setSource(text);
      old.setMetadata("streamnb", origin);
    }
    return old ? "replaced" : "added";
  }
}

// Notebook 7 puts an output of some height into a box of 312 px as soon as anything changes.  What was read at its full
// height stays so, unless the person has asked for the box: then, and only then, the cell's metadata says so.
const BOXED_CLASS = "jp-mod-outputsScrolled";
const unboxedCells = new WeakSet();

function keepUnboxed(output) {
  const node = output.closest(".jp-CodeCell");
  const notebook = node && !unboxedCells.has(node) && [...notebooks].find((other) => other.cellIndexOf(output) >= 0);
  if (!notebook) return;
  unboxedCells.add(node);
  const cell = notebook.document.cells.get(notebook.cellIndexOf(output));
  const unbox = () => {
    if (node.classList.contains(BOXED_CLASS) && cell.getMetadata("scrolled") !== true && node.querySelector(".streamnb"))
      node.classList.remove(BOXED_CLASS);
  };
  new MutationObserver(unbox).observe(node, { attributeFilter: ["class"] });
}
