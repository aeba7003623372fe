// The browser's half of the widget view: patches come in, the page grows at its end.
//
// Plain ESM for anywidget, no build step, nothing fetched.  A widget's module travels as one text: sanitize.js,
// dom.js, notebook.js, code_actions.js, segments.js, follow.js and handoff.js stand before this file in it
// (render/static_files.py).  `AnswerModel` keeps what has come, as strings, from the moment the model exists; a `Page`
// paints it into one output, as often as somebody makes a view.

const SURROGATE = /[\ud800-\udfff]/;
const TALL_PX = 1000; // pixels, above which a front end may put an output into a box
const READING_MS = 700; // in which a new question takes no click; the kernel counts, too (views/approval.py)

function firstCodePoints(text, count) {
  if (count === 0) return "";
  return SURROGATE.test(text) ? Array.from(text).slice(0, count).join("") : text.slice(0, count);
}

class AnswerModel {
  constructor(model) {
    this.model = model;
    this.pages = new Set();
    this.born = performance.now();
    this.replace({ n: 0, segments: [], tail: "", elapsed: 0 });
    model.on("msg:custom", (message) => this.receive(message));
    model.send({ kind: "here" });
    registerNotebook(model.widget_manager);
    // A page that was loaded again finds a model which has shown frames already: ask for them.
    if (model.get("frames") > 0) this.requestWhole();
  }

  replace(whole) {
    Object.assign(this, { source: "", reasoning: "", thoughts: { segments: [], tail: "" }, asides: {}, images: [], characters: 0, rate: null, notice: null });
    Object.assign(this, { end: null, question: null, id: null, stopping: false, lacking: false, last: performance.now() }, whole);
    this.born = performance.now() - 1000 * whole.elapsed;
  }

  requestWhole() {
    this.lacking = true;
    this.model.send({ kind: "ask" });
  }

  receive(message) {
    if (message.kind === "bundle") return replaceInNotebook(this.model.widget_manager, message);
    if (message.kind === "whole") this.replace(message);
    else if (message.kind === "stopping") this.stopping = true;
    else if (message.kind === "question") Object.assign(this, { question: message.html, id: message.id });
    else if (message.kind === "frame" && !this.lacking) {
      if (message.n !== this.n + 1) return this.requestWhole();
      this.applyFrame(message);
    } else return;
    for (const page of this.pages) page.schedulePaint();
    if (this.end) setTimeout(() => this.releaseIfUnused(), 1000);
  }

  releaseIfUnused() {
    if (this.end) sendGoneIfUnused(this.pages, this.model);
  }

  applyFrame(frame) {
    this.n = frame.n;
    if (frame.patch) applyPatch(this, frame.patch);
    if (frame.thoughts) applyPatch(this.thoughts, frame.thoughts);
    this.source += frame.text ?? "";
    this.reasoning += frame.reasoning ?? "";
    if (frame.images) this.images.push(...frame.images);
    Object.assign(this.asides, frame.asides);
    for (const name of ["characters", "rate", "end"]) this[name] = frame[name] ?? this[name];
    this.notice = frame.notice ?? (frame.patch || frame.reasoning ? null : this.notice);
    if (this.notice && frame.notice) this.noticed = performance.now();
    if (frame.patch || frame.reasoning) this.last = performance.now();
  }
}

// ---- one output of one answer ----

class Page {
  constructor(answer, el) {
    this.answer = answer;
    this.build(el);
    answer.pages.add(this);
    this.clock = setInterval(() => this.tick(), 250);
    this.paint();
  }

  build(el) {
    this.text = new GrowingText("Answer", withCodeActions);
    this.thoughts = new GrowingText("Reasoning", () => {});
    const thoughts = make("div", "snb-thoughts", this.thoughts.log.box, this.thoughts.tail);
    this.reasoning = make("details", "snb-aside", make("summary", "snb-summary", "Reasoning"), thoughts);
    this.reasoning.addEventListener("toggle", () => this.paintThoughts());
    this.reasoning.hidden = true;
    this.extras = make("div", "snb-extras");
    this.question = make("div", "snb-asking");
    this.question.dataset.lmSuppressShortcuts = "true"; // Enter is for the buttons, not for the notebook
    this.dot = make("span", "snb-dot");
    this.line = document.createTextNode("");
    this.stop = button("Stop", "snb-stop", (event) => this.requestStop(event));
    this.copy = button("Copy answer", "snb-copy-all", () => this.copyAnswer());
    const buttons = make("span", "snb-buttons", this.copy, this.stop);
    // Unseen, a footer as long as the last one keeps its lines free: nothing moves at the end.
    const room = make("span", "snb-room", this.answer.model.get("foot") ?? "");
    this.foot = make("div", "snb-footer snb-running", room, make("div", "snb-now", make("span", "", this.dot, this.line), buttons));
    this.said = make("span", "snb-said");
    this.said.setAttribute("role", "status");
    const body = make("div", "snb-answer snb-live", this.text.log.box, this.text.tail);
    const look = "streamnb jp-RenderedHTMLCommon jp-RenderedMarkdown mathjax_ignore tex2jax_ignore";
    this.root = make("div", look, this.reasoning, body, this.extras, this.question, this.foot, this.said);
    this.root.addEventListener("click", loadPicture);
    this.root.addEventListener("click", noteToggle);
    this.root.setAttribute("aria-busy", "true");
    el.append(this.root);
    this.startFollowing();
  }

  // Its place on the screen; the columns have one for all.
  startFollowing() {
    this.follower = new Follower(this.root);
  }

  // Frames are painted with the screen; a hidden tab paints once when it is looked at again.
  schedulePaint() {
    this.frame ??= requestAnimationFrame(() => this.paint());
    if (this.answer.end) this.paint();
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    this.paintText();
    this.paintAsides();
    this.paintQuestion();
    this.tick();
    this.text.log.afterLayout(); // laid out is the page now
    if (!this.isUnboxed && this.root.offsetHeight > TALL_PX) {
      this.isUnboxed = true;
      keepUnboxed(this.root);
    }
  }

  sanitize(html) {
    return sanitize(html, this.answer.model.get("pictures") === "always");
  }

  paintText() {
    this.text.paint(this.answer, (html) => this.sanitize(html));
    this.placeCursor();
  }

  placeCursor() {
    const end = this.answer.end ? null : lastTextBlock(this.text.tail.hasChildNodes() ? this.text.tail : this.text.log.box);
    if (end === this.end) return;
    this.end?.removeAttribute("data-snb-end");
    end?.setAttribute("data-snb-end", "");
    this.end = end;
  }

  paintAsides() {
    const { reasoning, asides, images, end } = this.answer;
    this.reasoning.hidden = !reasoning;
    this.paintThoughts();
    const html = [asides.fields, ...images, asides.calls, asides.sources, end?.note].join("");
    if (html !== this.paintedAsides) morph(this.extras, sanitize((this.paintedAsides = html)));
  }

  // What nobody looks at costs nothing.
  paintThoughts() {
    if (!this.reasoning.open) return;
    this.thoughts.paint(this.answer.thoughts, (html) => this.sanitize(html));
    this.thoughts.log.afterLayout();
  }

  paintQuestion() {
    const { question, id = null, model } = this.answer;
    if (id === this.questionId && Boolean(question) === this.question.hasChildNodes()) return;
    this.questionId = id;
    if (this.question.contains(document.activeElement)) {
      this.stop.focus({ preventScroll: true });
      this.ignoreKeysUntil = performance.now() + READING_MS; // a second Enter was not meant for Stop
    }
    if (!question) return this.question.replaceChildren();
    const buttons = [button("Allow", "snb-yes"), button("Refuse", "snb-no")];
    const wait = () => buttons.forEach((own) => own.setAttribute("aria-disabled", "true"));
    for (const own of buttons)
      own.onclick = (event) => {
        if (!event.isTrusted || own.hasAttribute("aria-disabled")) return;
        wait();
        model.send({ kind: "answer", id, yes: own === buttons[0] });
      };
    // What comes sooner than a person reads was meant for something else: the end of a double click, say.
    wait();
    setTimeout(() => buttons.forEach((own) => own.removeAttribute("aria-disabled")), READING_MS);
    this.question.replaceChildren(sanitize(question), buttons[0], " ", buttons[1]);
    this.said.textContent = this.question.innerText;
  }

  tick() {
    const { end } = this.answer;
    if (end && !this.ended) this.finish(end);
    if (this.ended) return;
    const text = this.statusText();
    if (this.line.data !== text) this.line.data = text;
  }

  statusText() {
    const { answer } = this;
    const now = performance.now();
    const since = (then) => `${Math.max(0, Math.floor((now - then) / 1000))} s`;
    if (answer.stopping) return "stopping";
    if (answer.lacking) return "catching up";
    if (answer.question) return "waiting for you";
    if (answer.notice) {
      const left = answer.notice.seconds && Math.ceil(answer.notice.seconds - (now - answer.noticed) / 1000);
      return left > 0 ? `${answer.notice.text} · ${left} s` : answer.notice.text;
    }
    if (!answer.characters) return `${answer.reasoning ? "thinking" : "waiting"} · ${since(answer.born)}`;
    const shown = [`${answer.characters.toLocaleString("en")} characters`, since(answer.born)];
    if (answer.rate) shown.push(`${Math.round(answer.rate)} tokens/s`);
    if (now - answer.last > 2000) shown.push(`waiting ${since(answer.last)}`);
    return shown.join(" · ");
  }

  finish(end) {
    this.ended = true;
    clearInterval(this.clock);
    this.placeCursor();
    // The buttons go; who had come to one of them stays at this answer.
    if (this.root.contains(document.activeElement)) focusElement(this.root);
    this.question.remove();
    this.foot.classList.remove("snb-running");
    this.foot.replaceChildren(sanitize(end.footer));
    this.root.setAttribute("aria-busy", "false");
    this.said.textContent = end.said;
    this.handOff();
  }

  get blocks() {
    return [...this.text.log.blocks, ...this.text.tail.children];
  }

  handOff() {
    this.follower.finish();
    handOff(this);
  }

  requestStop(event) {
    const { answer } = this;
    const isKey = event.detail === 0;
    if (isKey && performance.now() < (this.ignoreKeysUntil ?? 0)) return;
    if (this.stop.getAttribute("aria-disabled")) return;
    this.stop.setAttribute("aria-disabled", "true"); // one that is disabled would lose the focus
    answer.model.send({ kind: "stop" });
    const delay = answer.model.get("patience");
    if (delay < 0) return;
    // A kernel that is busy in the cell itself may hear no message; the server's interrupt reaches it.
    setTimeout(() => {
      if (!answer.stopping && !answer.end) interruptKernel(answer.model.get("kernel"));
    }, delay);
  }

  copyAnswer() {
    copyAndFlash(this.answer.source, this.copy);
  }

  dispose() {
    clearInterval(this.clock);
    cancelAnimationFrame(this.frame);
    this.follower?.dispose();
    this.answer.pages.delete(this);
    this.answer.releaseIfUnused();
    // Whoever still holds the view does not hold the text with it.
    this.root.replaceChildren();
    this.text = this.thoughts = null;
  }
}

async function interruptKernel(kernel) {
  const page = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "null");
  if (!page || !kernel) return;
  const headers = {};
  const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
  if (xsrf) headers["X-XSRFToken"] = decodeURIComponent(xsrf[1]);
  if (page.token) headers.Authorization = `token ${page.token}`;
  const address = `${page.baseUrl}api/kernels/${encodeURIComponent(kernel)}/interrupt`;
  await fetch(address, { method: "POST", credentials: "same-origin", headers });
}

// ---- the entry point of a widget ----

export default () => {
  let answer;
  return {
    initialize({ model }) {
      answer = new AnswerModel(model);
    },
    render({ el }) {
      const page = new Page(answer, el);
      return () => page.dispose();
    },
  };
};
