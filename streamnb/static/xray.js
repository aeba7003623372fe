// A stream to step through: what came at each moment, and what there was so far.
//
// Plain ESM for anywidget, no build step, nothing fetched.  All that came over the wire is hostile: it reaches
// the page as text nodes alone, never as HTML.  In the end the root takes the place of the saved picture.

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

const formatSeconds = (seconds = 0) =>
  seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(2)} s`;

class Xray {
  constructor(stream) {
    this.stream = stream;
    this.at = 0;
    this.root = make("div", "snb-x snb-x-live");
    this.root.dataset.lmSuppressShortcuts = "true"; // the notebook has plans of its own for arrows
    this.root.append(
      make("div", "snb-x-title", stream.title),
      make("div", "snb-x-line", stream.summary),
      this.makeTimeline(),
      this.makeControls(),
      this.makeDetails(),
    );
    this.root.addEventListener("keydown", (event) => this.onKey(event));
    this.goTo(stream.frames.length - 1); // the whole stream, as the picture shows it
  }

  // ---- what stands there from the start ----

  makeTimeline() {
    const { slices, duration } = this.stream;
    this.slices = slices.map(({ bars, mark }) => {
      const slice = make("div", mark ? `snb-x-slice snb-x-${mark}` : "snb-x-slice");
      for (const channel of ["reasoning", "text", "call"])
        if (bars[channel]) {
          const bar = make("div", `snb-x-bar snb-x-${channel}`);
          bar.style.height = `${bars[channel]}%`;
          slice.append(bar);
        }
      return slice;
    });
    const bars = make("div", "snb-x-bars", ...this.slices);
    bars.addEventListener("click", (event) => this.goTo(this.frameUnder(bars, event)));
    bars.addEventListener("mousemove", (event) => this.showHint(bars, event));
    this.legend = { wait: "waiting", reasoning: "reasoning", call: "tool call", text: "text", stall: "stall" };
    const seen = Object.keys(this.legend).filter((name) =>
      slices.some((slice) => slice.bars[name] || slice.mark === name),
    );
    const keys = seen.map((name) =>
      make("span", "snb-x-key", make("span", `snb-x-dot snb-x-${name}`, "\u00a0\u00a0\u00a0"), ` ${this.legend[name]}`),
    );
    const scale = make("div", "snb-x-scale", make("span", "", "0 s"), make("span", "", formatSeconds(duration)));
    return make("div", "", bars, scale, make("div", "snb-x-keys", ...keys));
  }

  makeControls() {
    const { frames, left_out } = this.stream;
    this.range = make("input", "snb-x-range");
    Object.assign(this.range, { type: "range", min: 0, max: frames.length - 1, value: 0 });
    this.range.setAttribute("aria-label", "Event of the stream");
    this.range.addEventListener("input", () => this.goTo(Number(this.range.value)));
    this.count = make("span", "snb-x-count");
    this.count.setAttribute("role", "status");
    this.back = this.makeButton("‹", "Event before (left arrow)", () => this.goTo(this.at - 1));
    this.on = this.makeButton("›", "Next event (right arrow)", () => this.goTo(this.at + 1));
    if (left_out) this.count.title = `${left_out} more events are not shown`;
    const began = frames.findIndex((frame) => frame.text || frame.reasoning || frame.calls);
    const jumps = [
      this.makeJump("first token", (frame, index) => index === began),
      this.makeJump("tool call", (frame) => frame.calls?.some((call) => call[1])),
      this.makeJump("stall", (frame) => frame.stalled),
      this.makeJump("usage", (frame) => frame.about.includes("usage")),
    ];
    return make("div", "snb-x-controls", this.back, this.on, this.range, this.count, ...jumps.flat());
  }

  // A button that goes to the next event of a kind; none where there is no such event.
  makeJump(name, wanted) {
    const indexes = this.stream.frames.flatMap((frame, index) => (wanted(frame, index) ? [index] : []));
    if (!indexes.length) return [];
    const next = () => indexes.find((index) => index > this.at) ?? indexes[0];
    return [this.makeButton(name, `Go to: ${name}`, () => this.goTo(next()))];
  }

  makeButton(label, title, act) {
    const element = make("button", "snb-x-button", label);
    Object.assign(element, { type: "button", title, onclick: act });
    element.setAttribute("aria-label", title);
    return element;
  }

  makeDetails() {
    this.facts = make("div", "snb-x-facts");
    this.raw = make("pre", "snb-x-raw");
    this.sofar = make("div", "snb-x-sofar");
    this.raw.tabIndex = 0; // a long event is scrolled with the keyboard, too
    this.raw.setAttribute("aria-label", "The event as it came");
    const left = make("div", "snb-x-half", this.facts, this.raw);
    const right = make("div", "snb-x-half", make("div", "snb-x-head", "So far"), this.sofar);
    return make("div", "snb-x-panes", left, right);
  }

  // ---- moving ----

  onKey(event) {
    // The slider moves by itself, and a pane that is scrolled keeps its arrows.
    if (event.target === this.range || event.target === this.raw || event.altKey || event.ctrlKey || event.metaKey) return;
    const steps = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
    if (event.key in steps) this.goTo(this.at + steps[event.key]);
    else if (event.key === "Home") this.goTo(0);
    else if (event.key === "End") this.goTo(this.stream.frames.length - 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  frameUnder(bars, event) {
    const { left, width } = bars.getBoundingClientRect();
    const at = ((event.clientX - left) / width) * this.stream.duration;
    const { frames } = this.stream;
    let best = 0;
    frames.forEach((frame, index) => {
      if (Math.abs((frame.at ?? 0) - at) < Math.abs((frames[best].at ?? 0) - at)) best = index;
    });
    return best;
  }

  showHint(bars, event) {
    const frame = this.stream.frames[this.frameUnder(bars, event)];
    const brought = frame.text ?? frame.reasoning ?? frame.calls?.map((call) => call[2]).join("");
    bars.title = `${formatSeconds(frame.at)} · ${frame.about}${brought ? `: ${brought}` : ""}`;
  }

  goTo(to) {
    const { frames, duration } = this.stream;
    this.at = Math.max(0, Math.min(frames.length - 1, to));
    const frame = frames[this.at];
    if (!frame) return;
    this.range.value = this.at;
    this.count.textContent = `${this.at + 1} of ${frames.length}`;
    this.range.setAttribute("aria-valuetext", `${this.at + 1} of ${frames.length}: ${frame.about}`);
    this.back.disabled = this.at === 0;
    this.on.disabled = this.at === frames.length - 1;
    const here = Math.min(this.slices.length - 1, Math.floor((this.slices.length * (frame.at ?? 0)) / (duration || 1)));
    this.slices.forEach((slice, index) => {
      slice.classList.toggle("snb-x-here", index === here);
      slice.classList.toggle("snb-x-later", index > here);
    });
    this.paintFacts(frame);
    this.raw.textContent = frame.raw ?? "";
    this.raw.hidden = !frame.raw;
    this.paintSoFar(frames.slice(0, this.at + 1), frame);
  }

  // ---- what is shown of the moment ----

  paintFacts(frame) {
    const facts = [formatSeconds(frame.at), frame.about];
    if (frame.gap) facts.push(`${frame.stalled ? "a stall of " : "+"}${formatSeconds(frame.gap)}`);
    if (frame.packet) facts.push(`packet ${frame.packet}`);
    this.facts.replaceChildren(
      ...facts.map((fact, index) => make("span", index === 1 ? "snb-x-fact snb-x-about" : "snb-x-fact", fact)),
    );
  }

  paintSoFar(frames, frame) {
    const boxes = [];
    const join = (name) => frames.map((past) => past[name] ?? "").join("");
    this.addText(boxes, "reasoning", join("reasoning"), frame.reasoning ?? "");
    const calls = new Map();
    let round = 0;
    for (const past of frames) {
      if (past.kind === "sent") round += 1;
      for (const [index, name, piece] of past.calls ?? []) {
        const key = `${round}/${index}`;
        const before = calls.get(key) ?? { name: "", text: "", fresh: "" };
        const fresh = past === frame ? before.fresh + piece : "";
        calls.set(key, { name: before.name || name, text: before.text + piece, fresh });
      }
    }
    for (const { name, text, fresh } of calls.values()) this.addText(boxes, "call", text, fresh, `tool call ${name}`);
    this.addText(boxes, "text", join("text"), frame.text ?? "");
    if (!boxes.length) boxes.push(make("div", "snb-x-none", "nothing of the answer yet"));
    this.sofar.replaceChildren(...boxes);
    this.sofar.scrollTop = this.sofar.scrollHeight;
  }

  addText(boxes, channel, text, fresh, name = this.legend[channel]) {
    if (!text && !(channel === "call")) return;
    const old = text.slice(0, text.length - fresh.length);
    const said = make("div", "snb-x-said", old, make("mark", "snb-x-fresh", fresh));
    boxes.push(make("div", `snb-x-channel snb-x-edge-${channel}`, make("div", "snb-x-name", name), said));
  }
}

// ---- the entry point of a widget ----

function replaceSavedPicture(xray, model) {
  const { root } = xray;
  const outputChild = root.closest(".jp-OutputArea-child");
  const area = outputChild?.parentElement;
  if (!area) return; // not a page of Jupyter's own: the widget stays
  const index = [...area.children].indexOf(outputChild);
  const watch = new MutationObserver(() => {
    const picture = area.children[index]?.querySelector(".snb-x:not(.snb-x-live)");
    if (!picture) return;
    watch.disconnect();
    const focused = root.contains(document.activeElement) && document.activeElement;
    picture.replaceWith(root);
    if (focused) focused.focus();
    xray.goTo(xray.at); // what is moved forgets how far it was scrolled
  });
  watch.observe(area, { childList: true, subtree: true });
  model.send({ kind: "ready" });
}

export default {
  render({ model, el }) {
    const xray = new Xray(model.get("stream"));
    el.append(make("div", "streamnb jp-RenderedHTMLCommon mathjax_ignore tex2jax_ignore", xray.root));
    // Not before the page has put the element where it belongs.
    requestAnimationFrame(() => replaceSavedPicture(xray, model));
  },
};
