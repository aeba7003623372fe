"""Rendering of an image: the picture itself, or a placeholder that names its host.

An address carries data out as soon as a browser asks for it, and the reader has done nothing.  So only
an image that is in the text (``data:``) is shown by itself.  A remote one is a placeholder; the live
view turns it into a picture when the reader clicks it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .sanitizer import escape, escape_attribute

__all__ = ["ImagePolicy", "add_images"]

ImagePolicy = Literal["ask", "never", "always"]

_DATA_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/]+={0,2}", re.IGNORECASE)


def add_images(md: MarkdownIt, images: ImagePolicy) -> None:
    """Add the rule for images to a parser; ``images`` says how a remote image is shown."""

    def image(
        self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
    ) -> str:
        token = tokens[index]
        source, title = str(token.attrs["src"]), str(token.attrs.get("title", ""))
        alt = self.renderInlineAsText(token.children, options, env)
        if _DATA_IMAGE.fullmatch(source):
            return _image_html("data:image/" + source[11:], alt, title)
        scheme, host = _scheme_and_host(source)
        if scheme == "https" and host and images == "always":
            return _image_html(source, alt, title)
        loadable = images != "never" and host and scheme in ("http", "https")
        return _placeholder_html(alt, host, source if loadable else "")

    md.add_render_rule("image", image)


def _scheme_and_host(source: str) -> tuple[str, str]:
    """Return scheme and host of an address; both are empty where it has none."""
    try:
        parts = urlsplit(source)
        return (parts.scheme, parts.hostname) if parts.hostname else ("", "")
    except ValueError:  # brackets that hold no address
        return "", ""


def _image_html(source: str, alt: str, title: str) -> str:
    tooltip = f' title="{escape_attribute(title)}"' if title else ""
    remote = "" if source.startswith("data:") else ' referrerpolicy="no-referrer" loading="lazy"'
    return f'<img src="{escape_attribute(source)}" alt="{escape_attribute(alt)}"{tooltip}{remote}>'


def _placeholder_html(alt: str, host: str, source: str) -> str:
    where = host or "not loaded"
    attributes = f' data-snb-host="{escape_attribute(host)}"' if host else ""
    if source:
        attributes += (
            f' data-snb-src="{escape_attribute(source)}" data-snb-alt="{escape_attribute(alt)}"'
            f' title="{escape_attribute(source)}"'
        )
    label = f"Image: {alt} ({where})" if alt else f"Image ({where})"
    return f'<span class="snb-image"{attributes}>{escape(label)}</span>'
