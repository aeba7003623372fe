"""The list of allowed HTML elements and attributes, escaping, and ``sanitize``, a second check by nh3.

The renderer (``parser``, ``links``, ``images``, ``code``, ``maths``) is the rule: it only ever writes what
``ALLOWED_ATTRIBUTES`` lists.  ``sanitize`` is the wall behind it: nh3 reads the finished HTML as a browser
would and takes out whatever is not in the same list.  On the renderer's own output it changes no byte, so a
difference is a bug of the renderer, and what is returned is harmless all the same.

What lives elsewhere: which addresses a link or an image may have (``links``, ``images``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

import nh3

from .normalize import join_surrogates

__all__ = [
    "ALLOWED_ATTRIBUTES",
    "ALLOWED_CLASSES",
    "ALLOWED_SCHEMES",
    "ALLOWED_STYLES",
    "escape",
    "escape_attribute",
    "sanitize",
]

_NO_ATTRIBUTES: frozenset[str] = frozenset()
_MATHS_ATTRIBUTES: dict[str, frozenset[str]] = {
    "b": _NO_ATTRIBUTES,
    "i": _NO_ATTRIBUTES,
    "math": frozenset({"display"}),
    "menclose": frozenset({"notation"}),
    "mfrac": frozenset({"linethickness", "displaystyle", "scriptlevel"}),
    "mi": frozenset({"mathvariant"}),
    "mmultiscripts": _NO_ATTRIBUTES,
    "mn": _NO_ATTRIBUTES,
    "mo": frozenset(
        {"accent", "fence", "form", "largeop", "lspace", "maxsize", "minsize", "movablelimits", "rspace"}
        | {"separator", "stretchy", "symmetric"}
    ),
    "mover": frozenset({"accent"}),
    "mpadded": frozenset({"depth", "height", "lspace", "voffset", "width"}),
    "mphantom": _NO_ATTRIBUTES,
    "mprescripts": _NO_ATTRIBUTES,
    "mroot": _NO_ATTRIBUTES,
    "mrow": _NO_ATTRIBUTES,
    "mspace": frozenset({"width", "height", "depth"}),
    "msqrt": _NO_ATTRIBUTES,
    "mstyle": frozenset({"displaystyle", "scriptlevel"}),
    "msub": _NO_ATTRIBUTES,
    "msubsup": _NO_ATTRIBUTES,
    "msup": _NO_ATTRIBUTES,
    "mtable": frozenset({"displaystyle", "scriptlevel"}),
    "mtd": frozenset({"columnspan", "rowspan"}),
    "mtext": _NO_ATTRIBUTES,
    "mtr": _NO_ATTRIBUTES,
    "munder": frozenset({"accentunder"}),
    "munderover": frozenset({"accent", "accentunder"}),
    "none": _NO_ATTRIBUTES,
}
_TEXT_ATTRIBUTES: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("p", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "br", "blockquote", "ul"), _NO_ATTRIBUTES
    ),
    **dict.fromkeys(("em", "strong", "del", "code", "div", "section", "summary"), _NO_ATTRIBUTES),
    **dict.fromkeys(("table", "thead", "tbody", "tr"), _NO_ATTRIBUTES),
    **dict.fromkeys(("ins", "kbd", "mark", "q", "s", "small", "sub", "sup", "u", "wbr"), _NO_ATTRIBUTES),
    "a": frozenset({"href", "rel", "target"}),
    "details": frozenset({"open"}),
    "img": frozenset({"src", "alt", "loading", "referrerpolicy"}),
    "input": frozenset({"type", "checked", "disabled", "aria-label"}),
    "li": frozenset({"data-snb-note"}),
    "ol": frozenset({"start"}),
    "pre": frozenset({"data-snb-language"}),
    "span": frozenset({"data-snb-src", "data-snb-host", "data-snb-alt"}),
    "td": frozenset({"style"}),
    "th": frozenset({"style"}),
}
_GLOBAL_ATTRIBUTES = frozenset({"class", "title"})
_MATHS_GLOBAL_ATTRIBUTES = frozenset({"class", "displaystyle", "scriptlevel", "style"})

ALLOWED_ATTRIBUTES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **{name: own | _GLOBAL_ATTRIBUTES for name, own in _TEXT_ATTRIBUTES.items()},
        **{name: own | _MATHS_GLOBAL_ATTRIBUTES for name, own in _MATHS_ATTRIBUTES.items()},
    }
)
"""Every element that an answer's HTML may hold, with its attributes."""

MATHS_TAGS: frozenset[str] = frozenset(_MATHS_ATTRIBUTES)
"""The elements that only a formula may hold."""

ALLOWED_CLASSES = re.compile(r"snb-[a-z0-9+#._-]+|mathjax_process|tex2jax_process")
"""What a class must look like: ours, or one of the two that tell MathJax to read a formula."""

ALLOWED_STYLES: frozenset[str] = frozenset(
    {"border-bottom", "border-left", "border-right", "border-top", "color", "justify-items"}
    | {"margin-left", "padding-left", "padding-right", "padding-top", "text-align", "width"}
)
"""The style properties that may occur: the alignment of columns, colours and rules of a formula."""

ALLOWED_SCHEMES: frozenset[str] = frozenset({"http", "https", "mailto"})
"""The schemes a link may have."""

_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=]*")


def escape(text: str) -> str:
    """Return ``text`` as HTML text, written as a browser would write it back."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\xa0", "&nbsp;").replace("\r", "\n").replace("\0", "\ufffd")


def escape_attribute(text: str) -> str:
    """Return ``text`` as the value of an attribute in double quotes."""
    return escape(text).replace('"', "&quot;")


def sanitize(html: str) -> str:
    """Return ``html`` with everything that ``ALLOWED_ATTRIBUTES`` does not list taken out.

    Meant for HTML that is kept: remote images are taken out too, whatever the live view may show.
    On the renderer's output (with ``images`` other than ``"always"``) the result is the same string.
    """
    return nh3.clean(
        join_surrogates(html),  # a lone half cannot be encoded; a browser, too, shows U+FFFD for it
        tags=set(ALLOWED_ATTRIBUTES),
        clean_content_tags=set(),
        attributes={name: set(attributes) for name, attributes in ALLOWED_ATTRIBUTES.items()},
        attribute_filter=_filter_attribute,
        link_rel=None,
        url_schemes={*ALLOWED_SCHEMES, "data"},
        filter_style_properties=set(ALLOWED_STYLES),
    )


def _filter_attribute(element: str, name: str, value: str) -> str | None:
    """Return the allowed part of an attribute's value; ``None`` removes the attribute."""
    if name == "class":
        return " ".join(part for part in value.split(" ") if ALLOWED_CLASSES.fullmatch(part)) or None
    if name == "src":
        return value if _DATA_IMAGE.fullmatch(value) else None
    if name == "href" and value.lower().startswith("data:"):
        return None
    return value
