// Painting: change only what differs, so that selections, focus and open details stay.

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
      morphNode(before, after);
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

function morphNode(before, after) {
  if (before.nodeType !== Node.ELEMENT_NODE) {
    if (after.data.startsWith(before.data)) before.appendData(after.data.slice(before.data.length));
    else before.data = after.data;
    return;
  }
  for (const { name, value } of after.attributes)
    if (before.getAttribute(name) !== value && !isPageState(before, name)) before.setAttribute(name, value);
  for (const { name } of [...before.attributes])
    if (!after.hasAttribute(name) && !isPageState(before, name)) before.removeAttribute(name);
  morph(before, after);
}

// What the page knows better than the kernel: where the cursor stands, what was found to scroll sideways, and
// what the reader has unfolded or folded.
const isPageState = (element, name) =>
  /^data-snb-(end|wrapped)$|^tabindex$/.test(name) || (name === "open" && toggledByReader.has(element));
const toggledByReader = new WeakSet();

function noteToggle(event) {
  const summary = event.target.closest?.("summary");
  if (summary) toggledByReader.add(summary.parentElement);
}

const CONTAINERS = wordSet("BLOCKQUOTE DIV LI OL PRE SECTION TABLE TBODY TD TR UL");
const TEXT_BLOCKS = wordSet("CODE H1 H2 H3 H4 H5 H6 LI P TD TH");

// The innermost block at the end of the text: the cursor stands behind it.  Null where it would be a line of its own.
function lastTextBlock(box) {
  let block = box;
  for (let at = box; at; ) {
    at = block.lastElementChild;
    if (at?.classList.contains("snb-own")) at = at.previousElementSibling;
    if (!at || !(CONTAINERS.has(at.nodeName) || TEXT_BLOCKS.has(at.nodeName)) || (at.nodeName === "CODE" && block.nodeName !== "PRE")) break;
    block = at;
  }
  return block !== box && TEXT_BLOCKS.has(block.nodeName) ? block : null;
}

function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

function button(label, className, act) {
  const element = make("button", `snb-button ${className}`);
  Object.assign(element, { type: "button", title: label, onclick: act });
  element.setAttribute("aria-label", label);
  return element;
}

const queryWithin = (block, what) => [...(block.matches?.(what) ? [block] : []), ...(block.querySelectorAll?.(what) ?? [])];

// A picture from elsewhere tells its host that it was looked at, so only a click loads it.
function loadPicture(event) {
  const placeholder = event.target.closest?.("[data-snb-src]");
  if (!placeholder || !/^https?:\/\//i.test(placeholder.dataset.snbSrc)) return;
  event.preventDefault();
  const picture = make("img", "snb-picture");
  Object.assign(picture, { alt: placeholder.dataset.snbAlt ?? "", referrerPolicy: "no-referrer" });
  picture.src = placeholder.dataset.snbSrc;
  placeholder.replaceWith(picture);
}

// The keyboard scrolls what has the focus.  It costs nothing to ask where the page is laid out.
function makeScrollersFocusable(block) {
  for (const box of queryWithin(block, "pre > code, table, .snb-maths-block"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}
