// The page's own sanitizer, a second one: what is not on these lists does not reach the page.
//
// The kernel's HTML is safe by itself (streamnb/markdown/safety.py); nothing here relies on that.

const wordSet = (text) => new Set(text.trim().split(/\s+/));
const ALLOWED_TAGS = wordSet(`a b blockquote br button code dd del details div dl dt em h1 h2 h3 h4 h5 h6 hr i img input ins kbd li
  mark ol p pre q s section small span strong sub summary sup table tbody td th thead tr u ul wbr
  math annotation maction menclose merror mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot
  mrow ms mspace msqrt mstyle msub msubsup msup mtable mtd mtext mtr munder munderover none semantics`);
const ALLOWED_ATTRIBUTES = wordSet(`alt aria-hidden aria-label checked class colspan disabled height href id lang open rel
  loading referrerpolicy rowspan scope src start style tabindex target title type value width
  accent accentunder columnalign columnlines columnspacing depth dir display displaystyle encoding fence form
  largeop linethickness lspace mathbackground mathcolor mathsize mathvariant maxsize minsize movablelimits notation
  rowlines rowspacing rspace scriptlevel separator side stretchy symmetric voffset`);
const SAFE_LINK = /^(https?:\/\/|mailto:|#)/i;
const IMAGE_DATA = /^data:image\/(png|gif|jpeg|webp)[;,]/i;
const UNSAFE_STYLE = /url\s*\(|expression|@import|position|\\/i;

function isAllowed(element, name, value, remote) {
  if (name.startsWith("data-snb-")) return true;
  if (!ALLOWED_ATTRIBUTES.has(name)) return false;
  if (name === "src") return element.localName === "img" && (IMAGE_DATA.test(value) || (remote && /^https:/i.test(value)));
  if (name === "href") return element.localName === "a" && (SAFE_LINK.test(value) || !/^[^/?#]*:|^[/\\]{2}/.test(value));
  if (name === "style") return !UNSAFE_STYLE.test(value);
  if (name === "id") return value.startsWith("snb-");
  if (name === "type") return value === "checkbox" || value === "button";
  return true;
}

// The nodes of some HTML, without what is not allowed.
function sanitize(html, remote = false) {
  const template = document.createElement("template");
  template.innerHTML = html;
  for (const element of [...template.content.querySelectorAll("*")]) {
    if (!ALLOWED_TAGS.has(element.localName)) element.remove();
    else
      for (const { name, value } of [...element.attributes])
        if (!isAllowed(element, name, value, remote)) element.removeAttribute(name);
  }
  // White space between blocks shows nothing, and is half of the nodes.
  for (const node of [...template.content.childNodes])
    if (node.nodeType === Node.TEXT_NODE && !node.data.trim()) node.remove();
  return template.content;
}
