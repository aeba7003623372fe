// The browser's half of the widget view: patches come in, the page grows at its end.
//
// Plain ESM for anywidget, no build step, nothing fetched.  `Answer` keeps what has come, as strings, from
// the moment the model exists; a `Page` paints it into one output, as often as somebody makes a view.  The
// kernel's HTML is safe by itself; `parse` is the second wall.  In order: the wall, the answer, painting,
// following the end, the page, and the door for anywidget at the bottom.

// ---- the second wall: what is not on these lists does not reach the page ------------------------------

const words = (text) => new Set(text.trim().split(/\s+/));
const TAGS = words(`a b blockquote br button code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input kbd li
  mark ol p pre s section small span strong sub summary sup table tbody td th thead tr u ul
  math annotation maction menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot
  mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics`);
const ATTRIBUTES = words(`alt aria-hidden aria-label checked class colspan disabled height href id lang open rel
  loading referrerpolicy rowspan scope src start style tabindex target title type value width
  accent accentunder columnalign columnlines columnspacing depth dir display displaystyle encoding fence form
  largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits
  rowlines rowspacing rspace scriptlevel separator side stretchy symmetric voffset`);
const LINK = /^(https?:\/\/|mailto:|#)/i;
const PICTURE = /^data:image\/(png|gif|jpeg|webp)[;,]/i;
const LOOKS = /url\s*\(|expression|@import|position|\\/i;

function allowed(element, name, value, remote) {
  if (name.startsWith("data-snb-")) return true;
  if (!ATTRIBUTES.has(name)) return false;
  if (name === "src") return element.localName === "img" && (PICTURE.test(value) || (remote && /^https:/i.test(value)));
  if (name === "href") return element.localName === "a" && (LINK.test(value) || !/^[^/?#]*:|^[/\\]{2}/.test(value));
  if (name === "style") return !LOOKS.test(value);
  if (name === "id") return value.startsWith("snb-");
  if (name === "type") return value === "checkbox" || value === "button";
  return true;
}

function parse(html, remote = false) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of [...template.content.querySelectorAll("*")]) {
    if (!TAGS.has(element.localName)) element.remove();
    else
      for (const { name, value } of [...element.attributes])
        if (!allowed(element, name, value, remote)) element.removeAttribute(name);
  }
  // White space between blocks shows nothing, and is half of the nodes.
  for (const node of [...template.content.childNodes])
    if (node.nodeType === Node.TEXT_NODE && !node.data.trim()) node.remove();
  return template.content;
}

// ---- what has come: strings, and the order of frames ----------------------------------------------------

const ASTRAL = /[\ud800-\udfff]/;

function firstLetters(text, count) {
  if (count === 0) return "";
  return ASTRAL.test(text) ? Array.from(text).slice(0, count).join("") : text.slice(0, count);
}

class Answer {
  constructor(model) {
    this.model = model;
    this.pages = new Set();
    this.born = performance.now();
    this.replace({ n: 0, segments: [], tail: "", elapsed: 0 });
    model.on("msg:custom", (message) => this.take(message));
    // A page that was loaded again finds a model which has shown frames already: ask for them.
    if (model.get("frames") > 0) this.ask();
  }

  replace(whole) {
    Object.assign(this, { reasoning: "", asides: {}, images: [], characters: 0, rate: null, notice: null });
    Object.assign(this, { end: null, stopping: false, lacking: false, last: performance.now() }, whole);
    this.born = performance.now() - 1000 * whole.elapsed;
  }

  ask() {
    this.lacking = true;
    this.model.send({ kind: "ask" });
  }

  take(message) {
    if (message.kind === "whole") this.replace(message);
    else if (message.kind === "stopping") this.stopping = true;
    else if (message.kind === "frame" && !this.lacking) {
      if (message.n !== this.n + 1) return this.ask();
      this.advance(message);
    } else return;
    for (const page of this.pages) page.due();
  }

  advance(frame) {
    this.n = frame.n;
    if (frame.patch) this.apply(frame.patch);
    this.reasoning += frame.reasoning ?? "";
    if (frame.images) this.images.push(...frame.images);
    Object.assign(this.asides, frame.asides);
    for (const name of ["characters", "rate", "end"]) this[name] = frame[name] ?? this[name];
    this.notice = frame.notice ?? (frame.patch || frame.reasoning ? null : this.notice);
    if (this.notice && frame.notice) this.noticed = performance.now();
    if (frame.patch || frame.reasoning) this.last = performance.now();
  }

  apply({ seal, take = 0, fix = {}, keep, tail }) {
    const before = this.tail;
    seal.forEach((html, index) => this.segments.push(index === 0 ? firstLetters(before, take) + html : html));
    for (const [index, html] of Object.entries(fix)) this.segments[index] = html;
    this.tail = firstLetters(before, keep) + tail;
  }
}

// ---- painting: change only what differs, so that selections, focus and open details stay -----------------

function morph(old, fresh) {
  let before = old.firstChild;
  for (let after = fresh.firstChild; after; ) {
    const next = after.nextSibling;
    if (!before) old.appendChild(after);
    else if (before.nodeName !== after.nodeName) {
      const gone = before;
      before = before.nextSibling;
      old.replaceChild(after, gone);
    } else {
      same(before, after);
      before = before.nextSibling;
    }
    after = next;
  }
  while (before) {
    const gone = before;
    before = before.nextSibling;
    if (!gone.classList?.contains("snb-own")) gone.remove();
  }
}

function same(before, after) {
  if (before.nodeType !== Node.ELEMENT_NODE) {
    if (after.data.startsWith(before.data)) before.appendData(after.data.slice(before.data.length));
    else before.data = after.data;
    return;
  }
  for (const { name, value } of after.attributes)
    if (before.getAttribute(name) !== value) before.setAttribute(name, value);
  for (const { name } of [...before.attributes])
    if (!after.hasAttribute(name) && name !== "data-snb-end") before.removeAttribute(name);
  morph(before, after);
}

const BLOCKS = words("BLOCKQUOTE CODE DIV LI OL PRE TABLE TBODY TD TR UL");

// The innermost block at the end of the text: the cursor stands behind it.
function endOf(box) {
  let block = null;
  for (let at = box.lastElementChild; at; at = at.lastElementChild) {
    if (at.classList.contains("snb-own")) at = at.previousElementSibling;
    if (!at) break;
    if (block && !BLOCKS.has(at.nodeName) && at.nodeName !== "P") break;
    block = at;
    if (!BLOCKS.has(at.nodeName)) break;
  }
  return block;
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function button(label, className, act) {
  const made = make("button", `snb-button ${className}`);
  Object.assign(made, { type: "button", title: label, onclick: act });
  made.setAttribute("aria-label", label);
  return made;
}

async function copy(text, from) {
  try {
    await navigator.clipboard.writeText(text);
    from.classList.add("snb-done");
  } catch {
    from.classList.add("snb-failed"); // a page without https or permission: the text can still be selected
  }
  setTimeout(() => from.classList.remove("snb-done", "snb-failed"), 1500);
}

function withCopyButtons(block) {
  const fences = block.matches?.("pre") ? [block] : (block.querySelectorAll?.("pre") ?? []);
  for (const fence of fences)
    if (!fence.querySelector(".snb-own")) {
      const own = button("Copy this code", "snb-copy snb-own", () => copy(fence.textContent, own));
      fence.append(own);
    }
}

// A picture from elsewhere tells its host that it was looked at, so only a click loads it.
function loadPicture(event) {
  const place = event.target.closest?.("[data-snb-src]");
  if (!place || !/^https?:\/\//i.test(place.dataset.snbSrc)) return;
  event.preventDefault();
  const picture = make("img", "snb-picture");
  Object.assign(picture, { alt: place.dataset.snbAlt ?? "", referrerPolicy: "no-referrer" });
  picture.src = place.dataset.snbSrc;
  place.replaceWith(picture);
}

// ---- following the end, for a reader who is there -----------------------------------------------------

function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight + 1) return at;
  return document.scrollingElement;
}

function selecting(root) {
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && root.contains(selection.anchorNode);
}

function following(root, paint) {
  const scroller = scrollerOf(root);
  const floor = scroller.getBoundingClientRect().bottom + 4;
  const end = root.getBoundingClientRect().bottom;
  const wasThere = end <= floor && end > scroller.getBoundingClientRect().top && !selecting(root);
  paint();
  const beyond = root.getBoundingClientRect().bottom - floor + 4;
  if (wasThere && beyond > 0) scroller.scrollTop += beyond;
}

// ---- giving way: the static output takes the page's place ----------------------------------------------

// Text is counted without white space: the two differ in that, and in nothing else that counts.
const size = (text) => text.replace(/\s+/g, "").length;

function mark(blocks, node, offset) {
  const index = blocks.findIndex((block) => block.contains(node));
  if (index < 0) return null;
  const range = document.createRange();
  range.setStart(blocks[index], 0);
  range.setEnd(node, offset);
  return { index, count: size(range.toString()) };
}

function find(blocks, { index, count }) {
  const walker = document.createTreeWalker(blocks[index], NodeFilter.SHOW_TEXT);
  for (let left = count; walker.nextNode(); ) {
    const { data } = walker.currentNode;
    for (let at = 0; at <= data.length; at++)
      if (size(data.slice(0, at)) === left) return [walker.currentNode, at];
    left -= size(data);
  }
  return null;
}

function handOver(root, blocks) {
  const place = root.closest(".jp-OutputArea-child");
  const area = place?.parentElement;
  if (!area) return;
  const index = [...area.children].indexOf(place);
  const selection = document.getSelection();
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const text = selection.toString();
  const marks = selecting(root) && [mark(blocks, anchorNode, anchorOffset), mark(blocks, focusNode, focusOffset)];
  const watch = new MutationObserver(() => {
    const fresh = area.children[index]?.querySelector(".snb-answer:not(.snb-live)");
    if (!fresh) return;
    watch.disconnect();
    fresh.addEventListener("click", loadPicture);
    const ends = marks && marks.every(Boolean) && marks.map((at) => find(fresh.children, at));
    if (!ends || !ends.every(Boolean)) return;
    selection.setBaseAndExtent(...ends[0], ...ends[1]);
    if (size(selection.toString()) !== size(text)) selection.removeAllRanges();
  });
  watch.observe(area, { childList: true, subtree: true });
  setTimeout(() => watch.disconnect(), 5000);
}

// ---- one output of one answer -----------------------------------------------------------------------

class Page {
  constructor(answer, el) {
    this.answer = answer;
    this.seen = []; // the HTML of each painted segment
    this.nodes = []; // and its nodes
    this.tailSeen = "";
    this.build(el);
    answer.pages.add(this);
    this.clock = setInterval(() => this.tick(), 250);
    this.paint();
  }

  build(el) {
    this.log = make("div", "snb-log");
    this.log.setAttribute("role", "log");
    this.log.setAttribute("aria-label", "Answer");
    this.tail = make("div", "snb-tail");
    this.thoughts = make("div", "snb-aside-text");
    this.reasoning = make("details", "snb-aside", make("summary", "snb-summary", "Reasoning"), this.thoughts);
    this.reasoning.hidden = true;
    this.extras = make("div", "snb-extras");
    this.dot = make("span", "snb-dot");
    this.line = make("span", "snb-line");
    this.stop = button("Stop", "snb-stop", () => this.halt());
    this.copy = button("Copy answer", "snb-copy-all", () => this.copyAnswer());
    this.foot = make("div", "snb-footer", this.dot, this.line, make("span", "snb-buttons", this.copy, this.stop));
    this.said = make("span", "snb-said");
    this.said.setAttribute("role", "status");
    const body = make("div", "snb-answer snb-live", this.log, this.tail);
    const look = "streamnb jp-RenderedHTMLCommon jp-RenderedMarkdown mathjax_ignore tex2jax_ignore";
    this.root = make("div", look, this.reasoning, body, this.extras, this.foot, this.said);
    this.root.addEventListener("click", loadPicture);
    this.root.setAttribute("aria-busy", "true");
    el.append(this.root);
  }

  // Frames are painted with the screen; a hidden tab paints once when it is looked at again.
  due() {
    this.frame ??= requestAnimationFrame(() => this.paint());
    if (this.answer.end) this.paint();
  }

  paint() {
    cancelAnimationFrame(this.frame);
    this.frame = undefined;
    following(this.root, () => {
      this.paintText();
      this.paintAsides();
      this.tick();
    });
  }

  parse(html) {
    return parse(html, this.answer.model.get("pictures") === "always");
  }

  paintText() {
    const { segments, tail } = this.answer;
    for (let index = 0; index < this.seen.length; index++)
      if (this.seen[index] !== segments[index]) this.repaint(index, segments[index] ?? "");
    const fresh = segments.slice(this.seen.length);
    if (fresh.length || tail !== this.tailSeen) {
      const parsed = fresh.map((html) => this.parse(html));
      const sizes = parsed.map((nodes) => nodes.childNodes.length);
      const all = document.createDocumentFragment();
      all.append(...parsed, this.parse(tail));
      morph(this.tail, all);
      sizes.forEach((size, index) => this.settle(fresh[index], size));
      this.tailSeen = tail;
    }
    this.placeCursor();
  }

  // A finished segment moves out of the tail as it stands, into the log.
  settle(html, size) {
    const nodes = [...this.tail.childNodes].slice(0, size);
    nodes.forEach(withCopyButtons);
    this.log.append(...nodes);
    this.seen.push(html);
    this.nodes.push(nodes);
  }

  repaint(index, html) {
    const old = this.nodes[index];
    const box = document.createElement("div");
    const place = document.createComment("");
    if (old.length) old[0].before(place);
    else {
      const next = this.nodes.slice(index + 1).find((nodes) => nodes.length);
      next ? next[0].before(place) : this.log.append(place);
    }
    box.append(...old);
    morph(box, this.parse(html));
    const nodes = [...box.childNodes];
    nodes.forEach(withCopyButtons);
    place.replaceWith(...nodes);
    this.nodes[index] = nodes;
    this.seen[index] = html;
  }

  placeCursor() {
    const end = this.answer.end ? null : (endOf(this.tail) ?? endOf(this.log));
    if (end === this.end) return;
    this.end?.removeAttribute("data-snb-end");
    end?.setAttribute("data-snb-end", "");
    this.end = end;
  }

  paintAsides() {
    const { reasoning, asides, images, end } = this.answer;
    this.reasoning.hidden = !reasoning;
    if (reasoning) same(this.thoughts, make("div", "snb-aside-text", reasoning));
    const html = images.concat(asides.calls ?? "", asides.sources ?? "", end?.note ?? "").join("");
    if (html !== this.asidesSeen) morph(this.extras, parse((this.asidesSeen = html)));
  }

  tick() {
    const { end } = this.answer;
    if (end && !this.ended) this.finish(end);
    if (this.ended) return;
    const text = this.status();
    if (this.line.textContent !== text) this.line.textContent = text;
  }

  status() {
    const { answer } = this;
    const now = performance.now();
    const since = (then) => `${Math.max(0, Math.floor((now - then) / 1000))} s`;
    if (answer.stopping) return "stopping";
    if (answer.lacking) return "catching up";
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
    this.foot.replaceChildren(parse(end.footer));
    this.root.setAttribute("aria-busy", "false");
    this.said.textContent = end.said;
    handOver(this.root, [...this.log.children, ...this.tail.children]);
  }

  halt() {
    const { answer } = this;
    this.stop.disabled = true;
    answer.model.send({ kind: "stop" });
    if (!answer.model.get("blocking")) return;
    // A kernel that is busy in the cell itself hears no message; then the server's interrupt does.
    setTimeout(() => {
      if (!answer.stopping && !answer.end) interrupt(answer.model.get("kernel"));
    }, 700);
  }

  copyAnswer() {
    copy(this.log.innerText + this.tail.innerText, this.copy);
  }

  leave() {
    clearInterval(this.clock);
    cancelAnimationFrame(this.frame);
    this.answer.pages.delete(this);
  }
}

async function interrupt(kernel) {
  const page = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "null");
  if (!page || !kernel) return;
  const headers = {};
  const xsrf = document.cookie.match(/(?:^|; )_xsrf=([^;]*)/);
  if (xsrf) headers["X-XSRFToken"] = decodeURIComponent(xsrf[1]);
  if (page.token) headers.Authorization = `token ${page.token}`;
  const address = `${page.baseUrl}api/kernels/${encodeURIComponent(kernel)}/interrupt`;
  await fetch(address, { method: "POST", credentials: "same-origin", headers });
}

// ---- the door --------------------------------------------------------------------------------------

export default () => {
  let answer;
  return {
    initialize({ model }) {
      answer = new Answer(model);
    },
    render({ el }) {
      const page = new Page(answer, el);
      return () => page.leave();
    },
  };
};
