// The finished text: segments one after the other, in stretches of some dozen blocks.
//
// A stretch that is full keeps its height and is left alone by the browser while it is out of sight, so that
// a frame costs as much at the end of a long answer as at its beginning.

const MAX_STRETCH_BLOCKS = 24; // of a stretch
// A stretch may begin with what has no margin above, and end with anything that is no heading (a heading's margins
// are others where it comes first or last): so nothing moves where two stretches meet.
const STRETCH_FIRST_TAGS = wordSet("BLOCKQUOTE P PRE TABLE");
const STRETCH_LAST_TAG = /^[^H]|^HR/;

class SegmentLog {
  constructor(label, decorateBlock) {
    this.decorateBlock = decorateBlock; // what is done to each block
    this.box = make("div", "snb-log");
    this.box.setAttribute("role", "log");
    this.box.setAttribute("aria-label", label);
    this.html = []; // the HTML of each segment
    this.nodes = []; // and its nodes
    this.fresh = []; // what has come since the last frame: blocks,
    this.full = []; // and stretches that are full
  }

  get blocks() {
    return [...this.box.children].flatMap((stretch) => [...stretch.children]);
  }

  append(html, nodes) {
    this.decorate(nodes);
    if (nodes.length) this.stretchFor(nodes[0]).append(...nodes);
    this.html.push(html);
    this.nodes.push(nodes);
  }

  decorate(nodes) {
    nodes.forEach(this.decorateBlock);
    this.fresh.push(...nodes);
  }

  stretchFor(block) {
    const stretch = this.box.lastElementChild;
    const full = stretch?.childElementCount >= MAX_STRETCH_BLOCKS && STRETCH_FIRST_TAGS.has(block.nodeName);
    if (stretch && !(full && STRETCH_LAST_TAG.test(stretch.lastElementChild.nodeName))) return stretch;
    if (stretch) this.full.push(stretch);
    return this.box.appendChild(make("div", "snb-stretch"));
  }

  // Something that came later has changed a finished segment: a definition, a footnote.
  repaint(index, fresh, html) {
    const old = this.nodes[index];
    const box = document.createElement("div");
    const placeholder = document.createComment("");
    if (old.length) old[0].before(placeholder);
    else {
      const next = this.nodes.slice(index + 1).find((nodes) => nodes.length);
      next ? next[0].before(placeholder) : this.stretchFor(placeholder).append(placeholder);
    }
    box.append(...old);
    morph(box, fresh);
    const nodes = [...box.childNodes];
    this.decorate(nodes);
    placeholder.replaceWith(...nodes);
    this.nodes[index] = nodes;
    this.html[index] = html;
  }

  // The page is laid out: heights and widths cost nothing now.  In a tab that is not shown there are none.
  afterLayout() {
    if (!this.box.offsetHeight) return;
    this.fresh.forEach(makeScrollersFocusable);
    for (const stretch of this.full) {
      stretch.style.containIntrinsicHeight = `auto ${stretch.getBoundingClientRect().height}px`;
      stretch.classList.add("snb-still");
    }
    this.fresh = [];
    this.full = [];
  }
}

// A text that grows: the finished segments, and the tail below them.
class GrowingText {
  constructor(label, decorateBlock) {
    this.decorateBlock = decorateBlock;
    this.log = new SegmentLog(label, decorateBlock);
    this.tail = make("div", "snb-tail");
    this.paintedTail = "";
  }

  paint({ segments, tail }, toNodes) {
    const { html: painted } = this.log;
    for (let index = 0; index < painted.length; index++)
      if (painted[index] !== segments[index]) this.log.repaint(index, toNodes(segments[index] ?? ""), segments[index]);
    const fresh = segments.slice(painted.length);
    if (!fresh.length && tail === this.paintedTail) return;
    const parsed = fresh.map((html) => toNodes(html));
    const sizes = parsed.map((nodes) => nodes.childNodes.length);
    const all = document.createDocumentFragment();
    all.append(...parsed, toNodes(tail));
    morph(this.tail, all);
    // A finished segment moves out of the tail as it stands, into the log.
    sizes.forEach((size, index) => this.log.append(fresh[index], [...this.tail.childNodes].slice(0, size)));
    [...this.tail.children].forEach(this.decorateBlock); // a long block of code is read while it is open
    this.paintedTail = tail;
  }
}

// One step of a text, as it comes over the wire.
const applyPatch = (text, { seal, take = 0, fix = {}, keep, tail }) => {
  const before = text.tail;
  seal.forEach((html, index) => text.segments.push(index === 0 ? firstCodePoints(before, take) + html : html));
  for (const [index, html] of Object.entries(fix)) text.segments[index] = html;
  text.tail = firstCodePoints(before, keep) + tail;
};
