// A table of many requests while they are asked: rows that stay, of which only the words that change are written.
//
// Plain ESM for anywidget, behind handoff.js, no build step, nothing fetched.  What models say reaches the page as
// text nodes alone.  The trait `table` always holds all that there is to see, so that nothing is lost on a page
// that comes late; in the end the saved output takes the place of it all.

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

class Table {
  constructor(model, root) {
    this.model = model;
    this.bar = make("div", "snb-done-part");
    this.line = make("div", "snb-scale");
    this.note = make("div", "snb-scale");
    this.body = make("tbody", "");
    const progress = make("div", "snb-progress", this.bar);
    progress.setAttribute("role", "progressbar");
    progress.setAttribute("aria-label", "Requests that are answered");
    this.names = model.get("heads");
    const heads = this.names.map((name) => make("th", "snb-cell", name));
    const head = make("thead", "", make("tr", "", ...heads));
    const table = make("table", "snb-compared", head, this.body);
    root.classList.add("streamnb", "mathjax_ignore", "tex2jax_ignore");
    root.append(progress, this.line, make("div", "snb-comparison", table), this.note);
    this.progress = progress;
    this.paint();
  }

  paint() {
    const { share = 0, line = "", note = "", rows = [] } = this.model.get("table");
    this.bar.style.width = `${share}%`;
    this.progress.setAttribute("aria-valuenow", Math.round(share));
    setText(this.line, line);
    setText(this.note, note);
    while (this.body.children.length < rows.length)
      this.body.append(make("tr", "", ...this.names.map(makeCell)));
    rows.forEach((words, at) => {
      const cells = this.body.children[at].children;
      words.forEach((word, column) => setText(cells[column], word));
    });
  }
}

function makeCell(name) {
  return make("td", name === "answer" ? "snb-cell snb-wide-cell" : "snb-cell");
}

function setText(node, word) {
  if (node.textContent !== word) node.textContent = word;
}

export default () => {
  const tables = new Set();
  return {
    initialize({ model }) {
      model.on("change:table", () => tables.forEach((table) => table.paint()));
      model.on("msg:custom", (message) => {
        if (message.kind === "bundle") replaceInNotebook(model.widget_manager, message);
      });
      // A page that was loaded again finds a model which has been painted already, and does not know its output.
      model.send({ kind: model.get("table").line ? "ask" : "here" });
    },
    render({ model, el }) {
      const table = new Table(model, el);
      tables.add(table);
      return () => {
        tables.delete(table);
        sendGoneIfUnused(tables, model);
      };
    },
  };
};
