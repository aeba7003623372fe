// The extension's own widget, which shows nothing: it gives the answers of a notebook their buttons, those from
// before a reload included, colours prompts as prose, and puts code into cells when the kernel asks for it.
//
// Stands behind all others in one module (views/widget_code.py).

const RUNS = ["keydown", "pointerdown"];

class NotebookPage {
  constructor(model) {
    this.model = model;
    this.name = Math.random().toString(36).slice(2);
    this.notebook = meetNotebook(model.widget_manager);
    this.notes = { aside: {}, names: {} };
    model.on("msg:custom", (message) => this.take(message));
    this.leaving = () => this.say("left");
    window.addEventListener("pagehide", this.leaving);
    this.used = (event) => isRun(event) && this.say("used");
    for (const kind of RUNS) addEventListener(kind, this.used, { capture: true, passive: true });
    this.editors = new Set(); // in which something has changed since the last frame
    this.decorate(document.body);
    this.watch = new MutationObserver((records) => this.see(records));
    this.watch.observe(document.body, { childList: true, subtree: true, characterData: true });
    this.say("here", { works: this.notebook.works });
  }

  say(kind, more = {}) {
    this.model.send({ kind, page: this.name, ...more });
  }

  take(message) {
    if (message.kind === "notes") {
      this.notes = message;
      this.decorate(document.body);
    }
    if (message.kind !== "put" || message.page !== this.name) return;
    let result = "failed";
    try {
      result = this.notebook.put(message);
    } finally {
      this.say("put", { id: message.id, result });
    }
  }

  see(records) {
    for (const { target, addedNodes } of records) {
      const editor = (target.closest ? target : target.parentElement)?.closest(".cm-content");
      if (editor) this.changed(editor);
      else for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) this.decorate(node);
    }
  }

  changed(editor) {
    if (!this.editors.size) requestAnimationFrame(() => this.colour());
    this.editors.add(editor);
  }

  colour() {
    for (const editor of this.editors) {
      const panel = editor.closest(".jp-NotebookPanel");
      if (panel && this.notebook.works && this.notebook.isShownIn(panel)) colourPrompt(editor);
    }
    this.editors.clear();
  }

  // A live answer has its own buttons.
  decorate(node) {
    for (const editor of within(node, ".cm-content")) this.changed(editor);
    for (const answer of within(node, ".streamnb .snb-answer:not(.snb-live)"))
      if (this.notebook.indexOf(answer) >= 0) {
        withCodeActions(answer);
        withAnswerActions(this.notebook, answer, this.notes);
      }
  }

  // The buttons that are there stay, and do what they say: they need no kernel.
  leave() {
    this.watch.disconnect();
    for (const editor of document.querySelectorAll(".snb-prose .cm-content")) {
      plainAgain(editor);
      editor.closest(".snb-prose").classList.remove("snb-prose");
    }
    window.removeEventListener("pagehide", this.leaving);
    for (const kind of RUNS) removeEventListener(kind, this.used, { capture: true });
  }
}

export default {
  initialize({ model }) {
    const page = new NotebookPage(model);
    return () => page.leave();
  },
};
