// The reader's place while an answer grows: its first line stays in view until the page is full, then its end does.
//
// That is for whoever has just run the cell.  Who scrolls, types or presses anything is left alone from then on, for
// good in this answer; who is busy elsewhere in the notebook is never moved.  One answer moves the page at a time.

const RECENT_RUN_MS = 5000; // a cell that was run so long ago may have gone a page away meanwhile
const SLACK_PX = 40; // pixels by which an end may rise and fall before the page moves back
const MAX_CORRECTIONS = 60; // times that a page which moves by itself is moved back

// Shared by all answers of a page, whichever module they came with.
const reader = (globalThis[Symbol.for("streamnb.readerState")] ??= watchReader());

function watchReader() {
  // What was done before the first answer came is not known: a cell that is in view may well have been run by hand.
  const runAt = navigator.userActivation?.isActive ? performance.now() : -RECENT_RUN_MS;
  const state = { runAt, hasRun: true, panel: null, isReading: false, followers: new Set(), follower: null };
  const act = (event) => {
    if (/^(Shift|Control|Alt|AltGraph|Meta)$/.test(event.key) || event.target.closest?.(".snb-button")) return;
    state.isReading = event.type === "wheel" || /^Page/.test(event.key);
    state.hasRun = mayRunCell(event);
    if (state.hasRun) Object.assign(state, { runAt: performance.now(), panel: notebookPanelOf(event.target) });
    state.follower?.stopFollowing();
    for (const follower of state.followers) follower.updateAnchoring();
  };
  for (const kind of ["wheel", "keydown", "pointerdown"]) addEventListener(kind, act, { capture: true, passive: true });
  return state;
}

// Whether this may have run a cell: Enter with another key, a button, a menu.
function mayRunCell({ type, key, shiftKey, ctrlKey, altKey, metaKey, target }) {
  if (type === "keydown") return key === "Enter" && (shiftKey || ctrlKey || altKey || metaKey);
  return type === "pointerdown" && Boolean(target.closest?.("button, jp-button, [role=button], [role=menuitem]"));
}

// The notebook around an element; none for one of the menu bar.
const notebookPanelOf = (element) => element.closest?.(".jp-NotebookPanel");

function scrollerOf(element) {
  for (let at = element.parentElement; at; at = at.parentElement)
    if (/auto|scroll/.test(getComputedStyle(at).overflowY) && at.scrollHeight > at.clientHeight + 1) return at;
  return document.scrollingElement;
}

function viewportOf(scroller) {
  if (scroller === document.scrollingElement) return { top: 0, bottom: innerHeight };
  const top = scroller.getBoundingClientRect().top + scroller.clientTop;
  return { top, bottom: top + scroller.clientHeight };
}

function hasSelection(root) {
  const selection = document.getSelection();
  return selection && !selection.isCollapsed && root.contains(selection.anchorNode);
}

class Follower {
  constructor(root) {
    this.root = root;
    this.corrections = 0;
    this.resized = new ResizeObserver(() => this.onResize());
    this.resized.observe(root);
    reader.followers.add(this);
  }

  onResize() {
    if (!this.root.isConnected || !this.root.offsetHeight) return;
    if (!this.hasBegun) this.followIfNear();
    this.scrollToEnd();
    this.updateAnchoring();
  }

  followIfNear() {
    this.hasBegun = true;
    const isElsewhere = reader.panel && reader.panel !== notebookPanelOf(this.root); // in another notebook beside it
    if (reader.hasRun && !reader.follower && !isElsewhere && this.isNear()) reader.follower = this;
  }

  get isFollowing() {
    return reader.follower === this;
  }

  stopFollowing() {
    cancelAnimationFrame(this.frame);
    if (this.isFollowing) reader.follower = null;
  }

  isNear() {
    const view = viewportOf(scrollerOf(this.root));
    const margin = performance.now() - reader.runAt < RECENT_RUN_MS ? view.bottom - view.top : 0;
    const { top, bottom } = (this.root.closest(".jp-Cell") ?? this.root).getBoundingClientRect();
    return top < view.bottom + margin && bottom > view.top - margin;
  }

  // Now, before this frame is painted; and in the next one again, where a front end has its own idea of the place.
  scrollToEnd(atOnce = false) {
    cancelAnimationFrame(this.frame);
    if (!this.isFollowing || !this.root.isConnected || hasSelection(this.root)) return;
    const scroller = scrollerOf(this.root);
    const way = this.scrollDistance(viewportOf(scroller));
    if (way < 0 && ++this.corrections > MAX_CORRECTIONS) return this.stopFollowing();
    if (way) scroller.scrollTop += atOnce ? way : easedStep(way, scroller.clientHeight);
    this.frame = requestAnimationFrame(() => this.scrollDistance(viewportOf(scroller)) && this.scrollToEnd());
  }

  // How far the page has to scroll; 0 where all is well.
  scrollDistance(view) {
    const { top, bottom } = this.root.getBoundingClientRect();
    const beyond = Math.ceil(bottom - view.bottom);
    if (bottom - top > view.bottom - view.top) return beyond > 0 || beyond < -SLACK_PX ? beyond : 0;
    return beyond > 0 ? beyond : Math.min(0, Math.floor(top - view.top));
  }

  // A browser keeps the cell that has the focus where it is on the screen (scroll anchoring), and pushes the text above
  // it out of the page, also under the eyes of one who has scrolled there.  Not while the end of it is in the page.
  updateAnchoring() {
    if (!reader.isReading && !this.savedAnchoring) return;
    const scroller = scrollerOf(this.root);
    const holds = reader.isReading && this.root.getBoundingClientRect().bottom > viewportOf(scroller).top;
    if (!holds) return this.restoreAnchoring();
    this.savedAnchoring ??= { scroller, anchor: scroller.style.overflowAnchor };
    scroller.style.overflowAnchor = "none";
  }

  restoreAnchoring() {
    if (this.savedAnchoring) this.savedAnchoring.scroller.style.overflowAnchor = this.savedAnchoring.anchor;
    this.savedAnchoring = null;
  }

  // The answer has ended: to where it stays.
  finish() {
    this.scrollToEnd(true);
    this.dispose();
  }

  dispose() {
    this.resized.disconnect();
    this.stopFollowing();
    this.restoreAnchoring();
    reader.followers.delete(this);
  }
}

// A new line slides in; what moved the page away is undone in one step, unseen.
function easedStep(way, page) {
  if (way < 0 || way > page || matchMedia("(prefers-reduced-motion: reduce)").matches) return way;
  return Math.min(way, Math.max(3, Math.ceil(0.4 * way)));
}
