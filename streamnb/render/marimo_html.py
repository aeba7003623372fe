"""HTML of ours with the styles that marimo's pages take, and without those that they fail at.

marimo makes React elements of HTML: a style that it cannot read ends the whole output with an error.  Its
own rules take the room between the cells of a matrix, and put quotation marks around what a quote says.
"""

from __future__ import annotations

import re

from .inline_css import remove_css_if

__all__ = ["adapt_html_for_marimo"]

_FRAGMENT_LINK_STYLE = re.compile(r'(<a href="#[^"]*"[^>]*?) style="[^"]*"')
_CELL_OR_QUOTE = re.compile(r'<(mtd|blockquote)((?: class="[^"]*")?)(?: style="([^"]*)")?>')
_STYLE_BY_TAG = {"mtd": "padding:0.5ex 0.4em", "blockquote": "quotes:none"}


def adapt_html_for_marimo(html: str) -> str:
    """Return the HTML of an output as marimo's pages can show it; applied twice it changes nothing more."""
    return _CELL_OR_QUOTE.sub(_add_marimo_style, _FRAGMENT_LINK_STYLE.sub(r"\1", remove_css_if(html)))


def _add_marimo_style(match: re.Match[str]) -> str:
    tag, classes, style = match.groups()
    own = _STYLE_BY_TAG[tag]
    return (
        match[0]
        if own in (style or "")
        else f'<{tag}{classes} style="{";".join(filter(None, (own, style)))}">'
    )
