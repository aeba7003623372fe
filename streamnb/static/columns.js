// Several answers in one output: each is an AnswerModel with a Page of its own (stream.js), in columns.
//
// This file stands behind those of a single answer, in place of their entry point.  One model carries the messages of all;
// each column gets a stand-in for it that knows its own messages only.

class ColumnModel {
  constructor(model, index) {
    this.model = model;
    this.index = index;
  }

  on(_event, hear) {
    this.hear = hear;
  }

  get(name) {
    return name === "frames" ? (this.model.get("frames")[this.index] ?? 0) : this.model.get(name);
  }

  send(message) {
    if (message.kind === "here" || message.kind === "gone") return; // said once for all
    this.model.send({ column: this.index, message });
  }
}

class Column extends Page {
  // The saved output takes the place of all columns at once, so the handoff is theirs, too; and they scroll as one.
  handOff() {}

  startFollowing() {}
}

class Columns {
  constructor(model) {
    this.columnModels = model.get("heads").map((_head, index) => new ColumnModel(model, index));
    this.answers = this.columnModels.map((columnModel) => new AnswerModel(columnModel));
    this.pages = new Set();
    this.model = model;
    this.table = "";
    model.on("msg:custom", (message) => this.receive(message));
    model.send({ kind: "here" });
    registerNotebook(model.widget_manager);
  }

  receive(message) {
    if (message.kind === "columns") for (const [index, item] of message.messages) this.columnModels[index]?.hear(item);
    if (message.kind === "bundle") replaceInNotebook(this.model.widget_manager, message);
    if (message.kind !== "table") return;
    this.table = message.html;
    for (const page of this.pages) page.finish();
    setTimeout(() => this.releaseIfUnused(), 1000);
  }

  releaseIfUnused() {
    if (this.table) sendGoneIfUnused(this.pages, this.model);
  }
}

class ColumnsPage {
  constructor(columns, el) {
    this.columns = columns;
    this.box = make("div", "snb-columns");
    this.foot = make("div", "snb-comparison");
    const look = "streamnb snb-side jp-RenderedHTMLCommon jp-RenderedMarkdown mathjax_ignore tex2jax_ignore";
    this.root = make("div", look, this.box, this.foot);
    el.append(this.root);
    this.pages = columns.model.get("heads").map((head, index) => {
      const cell = make("div", "snb-column");
      cell.append(sanitize(head));
      this.box.append(cell);
      return new Column(columns.answers[index], cell);
    });
    this.follower = new Follower(this.root);
    columns.pages.add(this);
    if (columns.table) this.finish();
  }

  finish() {
    if (this.isFinished) return;
    this.isFinished = true;
    this.foot.replaceWith(sanitize(this.columns.table));
    this.handOff();
  }

  // As for a single answer, once for each column: pictures that wait for a click, and a selection that stays.
  handOff() {
    this.follower.finish();
    for (const [index, page] of this.pages.entries()) handOff(page, index);
  }

  dispose() {
    for (const page of this.pages) page.dispose();
    this.follower.dispose();
    this.columns.pages.delete(this);
    this.columns.releaseIfUnused();
  }
}

export default () => {
  let columns;
  return {
    initialize({ model }) {
      columns = new Columns(model);
    },
    render({ el }) {
      const page = new ColumnsPage(columns, el);
      return () => page.dispose();
    },
  };
};
