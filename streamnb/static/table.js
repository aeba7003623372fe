// A table of many requests while they are asked: rows that stay, of which only the words that change are written.
//
// Plain ESM for anywidget, behind handoff.js, no build step, nothing fetched.  What models say reaches the page as
// text nodes alone.  The trait `table` always holds all that there is to see, so that nothing is lost on a page
// that comes late; in the end the saved output takes the place of it all.

function element(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

class Table {
  constructor(model, root) {
    this.model = model;
    this.bar = element("div", "snb-done-part");
    this.line = element("div", "snb-scale");
    this.note = element("div", "snb-scale");
    this.body = element("tbody", "");
    const progress = element("div", "snb-progress", this.bar);
    progress.setAttribute("role", "progressbar");
    progress.setAttribute("aria-label", "Requests that are answered");
    this.names = model.get("heads");
    const heads = this.names.map((name) => element("th", "snb-cell", name));
    const head = element("thead", "", element("tr", "", ...heads));
    const table = element("table", "snb-compared", head, this.body);
    root.classList.add("streamnb", "mathjax_ignore", "tex2jax_ignore");
    root.append(progress, this.line, element("div", "snb-comparison", table), this.note);
    this.progress = progress;
    this.paint();
  }

  paint() {
    const { share = 0, line = "", note = "", rows = [] } = this.model.get("table");
    this.bar.style.width = `${share}%`;
    this.progress.setAttribute("aria-valuenow", Math.round(share));
    write(this.line, line);
    write(this.note, note);
    while (this.body.children.length < rows.length)
      this.body.append(element("tr", "", ...this.names.map(cell)));
    rows.forEach((words, at) => {
      const cells = this.body.children[at].children;
      words.forEach((word, column) => write(cells[column], word));
    });
  }
}

function cell(name) {
  return element("td", name === "answer" ? "snb-cell snb-wide-cell" : "snb-cell");
}

function write(node, word) {
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
        sayGone(tables, model);
      };
    },
  };
};
