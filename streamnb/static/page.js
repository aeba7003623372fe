// The extension's own widget, which shows nothing: it gives the answers of a notebook their buttons, those from
// before a reload included, colours prompts as prose, and puts code into cells when the kernel asks for it.
//
// Stands behind all others in one module (views/widget_code.py).

const RUN_EVENTS = ["keydown", "pointerdown"];

class NotebookPage {
  constructor(model) {
    this.model = model;
    this.name = Math.random().toString(36).slice(2);
    this.notebook = registerNotebook(model.widget_manager);
    this.notes = { aside: {}, names: {} };
    model.on("msg:custom", (message) => this.receive(message));
    this.onPageHide = () => this.send("left");
    window.addEventListener("pagehide", this.onPageHide);
    this.onInput = (event) => mayRunCell(event) && this.send("used");
    for (const kind of RUN_EVENTS) addEventListener(kind, this.onInput, { capture: true, passive: true });
    this.editors = new Set(); // in which something has changed since the last frame
    this.decorate(document.body);
    this.observer = new MutationObserver((records) => this.onMutations(records));
    this.observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    this.send("here", { works: this.notebook.isSupported });
  }

  send(kind, more = {}) {
    this.model.send({ kind, page: this.name, ...more });
  }

  receive(message) {
    if (message.kind === "notes") {
      this.notes = message;
      this.decorate(document.body);
    }
    if (message.kind !== "put" || message.page !== this.name) return;
    let result = "failed";
    try {
      result = this.notebook.putCode(message);
    } finally {
      this.send("put", { id: message.id, result });
    }
  }

  onMutations(records) {
    for (const { target, addedNodes } of records) {
      const editor = (target.closest ? target : target.parentElement)?.closest(".cm-content");
      if (editor) this.scheduleColouring(editor);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) this.decorate(node);
    }
  }

  scheduleColouring(editor) {
    if (!this.editors.size) requestAnimationFrame(() => this.colourEditors());
    this.editors.add(editor);
  }

  colourEditors() {
    for (const editor of this.editors) {
      const panel = editor.closest(".jp-NotebookPanel");
      if (panel && this.notebook.isSupported && this.notebook.isShownIn(panel)) colourPrompt(editor);
    }
    this.editors.clear();
  }

  // A live answer has its own buttons.
  decorate(node) {
    for (const editor of queryWithin(node, ".cm-content")) this.scheduleColouring(editor);
    for (const answer of queryWithin(node, ".streamnb .snb-answer:not(.snb-live)"))
      if (this.notebook.cellIndexOf(answer) >= 0) {
        withCodeActions(answer);
        withAnswerActions(this.notebook, answer, this.notes);
      }
  }

  // The buttons that are there stay, and do what they say: they need no kernel.
  dispose() {
    this.observer.disconnect();
    for (const editor of document.querySelectorAll(".snb-prose .cm-content")) {
      removeColours(editor);
      editor.closest(".snb-prose").classList.remove("snb-prose");
    }
    window.removeEventListener("pagehide", this.onPageHide);
    for (const kind of RUN_EVENTS) removeEventListener(kind, this.onInput, { capture: true });
  }
}

export default {
  initialize({ model }) {
    const page = new NotebookPage(model);
    return () => page.dispose();
  },
};
