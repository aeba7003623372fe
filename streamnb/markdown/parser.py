"""The Markdown parser: its rules, and how they fit together to give safe HTML.

CommonMark, GitHub's tables, strikethrough, task lists, bare addresses and alerts, footnotes, formulas, marked
text, a few tags without attributes.  All other HTML is text.  Each kind of thing that could do harm has a
file that decides about it: ``links``, ``images``, ``code``, ``maths``; ``sanitizer`` lists all that may come
out.  What may be shown of a text that still grows is ``live``'s matter.
"""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from .alerts import add_alerts
from .autolinks import add_autolinks
from .block_rules import use_fast_block_rules
from .code import add_code
from .details import add_details
from .emphasis import add_emphasis
from .footnotes import add_footnotes
from .images import ImagePolicy, add_images
from .inline_html import add_inline_html
from .inline_parser import use_fast_inline_parser
from .links import LinkKeepingParser, filter_links
from .maths import MathsFormat, add_maths
from .nesting_limits import MAX_DETAILS_NESTING, MAX_NESTING, cache_link_labels, limit_nesting
from .sanitizer import escape, escape_attribute
from .tables import add_tables

__all__ = ["ImagePolicy", "MathsFormat", "new_parser"]

_OPTIONS = {
    "html": False,
    "xhtmlOut": False,
    "maxNesting": MAX_NESTING,
    "tasklists": True,
}


def new_parser(*, maths: MathsFormat = "mathml", images: ImagePolicy = "ask") -> MarkdownIt:
    """Return a parser whose ``render(text)`` gives safe HTML.

    Parameters
    ----------
    maths
        ``"mathml"``, or ``"tex"``: the ``$…$`` that the page's MathJax typesets
    images
        what a remote image is: ``"ask"`` a placeholder that carries the address, ``"never"`` one that
        does not, ``"always"`` the image

    Returns
    -------
    MarkdownIt
        a parser of the caller's own: it keeps no state between two texts, but is not for two threads at once
    """
    md = LinkKeepingParser("commonmark", _OPTIONS, renderer_cls=_Renderer)
    use_fast_inline_parser(md)
    use_fast_block_rules(md)
    md.enable("table")
    md.disable(["html_block", "html_inline"])
    cache_link_labels(md)
    add_autolinks(md)
    add_footnotes(md)
    limit_nesting(md)
    add_emphasis(md)
    add_inline_html(md)
    add_details(md, MAX_DETAILS_NESTING)
    add_alerts(md)
    add_images(md, images)
    add_code(md)
    add_maths(md, maths)
    add_tables(md)
    md.inline.ruler2.push("resolve_links", filter_links)
    md.add_render_rule("text", _render_text)
    md.add_render_rule("list_item_open", _render_list_item)
    md.add_render_rule("bullet_list_open", _render_list)
    md.add_render_rule("ordered_list_open", _render_list)
    return md


class _Renderer(RendererHTML):
    """Writes attributes as a browser would, so that ``sanitize`` finds nothing to change."""

    @staticmethod
    def renderAttrs(token: Token) -> str:  # noqa: N802 - the name is markdown-it's
        """Return the attributes of a token, a blank before each."""
        if not token.attrs:
            return ""
        return "".join(f' {name}="{escape_attribute(str(value))}"' for name, value in token.attrItems())


def _render_text(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return escape(tokens[index].content)


def _render_list(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    if "class" in token.attrs:  # markdown-it's name for a list of tasks, which a page might style
        token.attrs["class"] = "snb-tasks"
    return self.renderToken(tokens, index, options, env)


def _render_list_item(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    token = tokens[index]
    checked = token.meta.get("checked")
    if checked is None:
        return self.renderToken(tokens, index, options, env)
    token.attrs = {"class": "snb-task"}
    mark = ' checked="" aria-label="done"' if checked else ' aria-label="to do"'
    return f'{self.renderToken(tokens, index, options, env)}<input type="checkbox"{mark} disabled=""> '
