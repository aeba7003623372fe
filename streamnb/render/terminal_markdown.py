"""An answer's finished HTML drawn for a terminal: headings, lists, tables, coloured code.

``draw_html`` gets HTML of elements on our list and returns lines with ANSI colours, laid out by ``rich``.
Every word passes ``terminal_escape`` before that, so the only control sequences in there are rich's own.
Addresses are written out: a link whose address nobody sees could lead anywhere.

Code at the outermost level is not wrapped here: the terminal folds it, and it can be copied as it was.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from .html_tree import BLOCKS, Node, parse_html
from .superscripts import subscript, superscript
from .terminal_escape import sanitize_for_terminal
from .terminal_maths import formula_text
from .terminal_styles import ALERTS, CODE_STYLES, GREY, HEADINGS, STYLES, TEAL, parse_style
from .terminal_tables import Justify, lay_out_table

__all__ = ["draw_html"]

_BLANKS_AT_THE_END = re.compile(r"(?:\x1b\[[\d;]*m *\x1b\[0m| )+$| +(?=\x1b\[0m$)", re.MULTILINE)
_BLANKS = re.compile(r"[ \t\n]+")
_NUMBERED_FOOTNOTE = re.compile(r"\[\^(\d+)\]")
_WEB_ADDRESS = re.compile(r"(?:https?://|mailto:)")


def draw_html(html: str, columns: int, first_line: int = 0) -> str:
    """Return HTML as lines for a terminal of so many columns, a blank line between two blocks.

    Parameters
    ----------
    html
        What ``BlockRenderer.render`` gives.
    columns
        How wide the terminal is, in cells.
    first_line
        How many lines of the code or the table at its start are left out, since they were drawn before.

    Returns
    -------
    str
        Lines with ANSI colours, the last one unended; empty where there is nothing to see.
    """
    out = _new_console(columns)
    for index, (name, block) in enumerate(_container_to_blocks(parse_html(html), columns, first_line)):
        if index:
            out.print()
        if isinstance(block, Text) and name == "pre":
            lines = block.split("\n", allow_blank=True)[0 if index else first_line :]
            out.print(*lines, sep="\n", end="\n" if lines else "", soft_wrap=True)
        elif not (isinstance(block, Group) and not block.renderables):
            out.print(block)
    assert isinstance(out.file, io.StringIO)
    return _BLANKS_AT_THE_END.sub("", out.file.getvalue()).removesuffix("\n")


def _new_console(columns: int) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=columns, legacy_windows=False, highlight=False,
        emoji=False, markup=False,
    )  # fmt: skip


class _HangingIndent:
    """A block behind a mark: the first line behind ``first``, the others behind ``others``."""

    def __init__(self, content: RenderableType, first: str, others: str, style: str = GREY) -> None:
        self._content, self._style = content, parse_style(style)
        self._first, self._others = first, others

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = max(1, options.max_width - len(self._first))
        lines = console.render_lines(self._content, options.update(width=width), pad=False)
        for number, line in enumerate(lines):
            yield Segment(self._others if number else self._first, self._style)
            yield from line
            yield Segment.line()


def _container_to_blocks(
    node: Node, columns: int, first_line: int = 0
) -> Iterator[tuple[str, RenderableType]]:
    """Yield the blocks of a container with the names of their elements; text between them is a paragraph."""
    run: list[Node | str] = []
    for child in [*node.children, None]:
        if isinstance(child, str) or (child is not None and child.name not in BLOCKS):
            run.append(child)
            continue
        if (text := _inline_to_text(run)).plain.strip():
            yield "p", text
        run = []
        if child is not None:
            yield from _node_to_blocks(child, columns, first_line)
            first_line = 0


def _node_to_blocks(node: Node, columns: int, first_line: int) -> Iterator[tuple[str, RenderableType]]:
    name = node.name
    if name in ("p", "dt") and not node.has_class("snb-alert-title"):
        yield name, _inline_to_text(node.children)
    elif name in ("summary", "h1", "h2", "h3", "h4", "h5", "h6"):
        yield name, _apply_style(_inline_to_text(node.children), HEADINGS.get(name, "bold"))
    elif name == "hr":
        yield name, Text("─" * min(columns, 40), GREY)
    elif name == "pre":
        yield name, _code_to_text(node)
    elif name == "blockquote":
        yield name, _quote_to_block(node, columns)
    elif name in ("ul", "ol"):
        yield name, Group(*_list_to_items(node, columns))
    elif name == "table":
        yield name, _table_to_block(node, columns, first_line)
    elif node.has_class("snb-maths-block"):
        yield name, _inline_to_text(node.children)
    elif not node.has_class("snb-alert-title"):
        yield from _container_to_blocks(node, columns)


def _quote_to_block(node: Node, columns: int) -> RenderableType:
    kind = next((kind for kind in ALERTS if node.has_class(f"snb-alert-{kind}")), "")
    content = [block for _, block in _container_to_blocks(node, columns - 2)]
    if kind:
        content.insert(0, Text(kind.capitalize(), f"bold {ALERTS[kind]}"))
    return _HangingIndent(
        Group(*_with_blank_lines(content, after=bool(kind))), "▌ ", "▌ ", ALERTS.get(kind, GREY)
    )


def _list_to_items(node: Node, columns: int) -> Iterator[RenderableType]:
    """Yield the items of a list; those of a loose one stand apart."""
    number = int(node.attributes.get("start") or 1)
    items = node.child_elements("li")
    is_loose = any(item.child_elements("p") for item in items)
    width = len(f"{number + len(items) - 1}. ")
    for index, item in enumerate(items):
        mark = "• "
        if boxes := item.child_elements("input"):
            mark = "☑ " if "checked" in boxes[0].attributes else "☐ "
        elif node.name == "ol":
            mark = f"{f'{number + index}.':>{width - 1}} "
        content = [block for _, block in _container_to_blocks(item, columns - len(mark))]
        if note := item.attributes.get("data-snb-note"):
            name = Text.assemble((f"{sanitize_for_terminal(note)}: ", GREY))
            mark, first = "", content[0] if content else None
            content[:1] = [name + first] if isinstance(first, Text) else [name, *content[:1]]
        if is_loose or note:
            content = list(_with_blank_lines(content))
        if index and is_loose and not note:
            yield Text("")
        yield _HangingIndent(Group(*content or [Text("")]), mark, " " * len(mark))


def _with_blank_lines(blocks: Sequence[RenderableType], *, after: bool = False) -> Iterator[RenderableType]:
    """Yield blocks with a blank line between two, none below the first where that is a title."""
    for index, block in enumerate(blocks):
        if index > after:
            yield Text("")
        yield block


def _code_to_text(node: Node) -> Text:
    text = Text(overflow="fold")
    code = [child for part in node.child_elements("code") for child in part.children]
    is_coloured = any(isinstance(child, Node) for child in code)
    _append_inline(text, code, Style() if is_coloured else parse_style(TEAL), in_code=True)
    if text.plain.endswith("\n"):
        text.right_crop(1)
    return text


def _table_to_block(node: Node, columns: int, first_line: int) -> RenderableType:
    rows = [
        row.child_elements("th", "td")
        for part in node.child_elements("thead", "tbody")
        for row in part.child_elements("tr")
    ]
    head, *body = [[_inline_to_text(cell.children) for cell in row] for row in rows] or [[]]
    styles = [cell.attributes.get("style", "") for cell in rows[0]] if rows else []
    sides: list[Justify] = [
        "right" if "right" in style else "center" if "center" in style else "left" for style in styles
    ]
    return lay_out_table(head, body, sides, columns, max(0, first_line - 1))  # the dashes are a line too


def _inline_to_text(children: Iterable[Node | str]) -> Text:
    text = Text(overflow="fold")
    _append_inline(text, children, Style(), in_code=False)
    text.rstrip()
    return text


def _append_inline(text: Text, children: Iterable[Node | str], style: Style, *, in_code: bool) -> None:
    """Append inline content to ``text``; in code, line ends and blanks are kept."""
    for child in children:
        if isinstance(child, str):
            content = sanitize_for_terminal(child)
            content = content.expandtabs(4) if in_code else _collapse_blanks(content)
            if not in_code and (not text.plain.strip(" ") or text.plain.endswith("\n")):
                content = content.lstrip()
            text.append(content, style)
        else:
            _append_inline_element(text, child, style, in_code=in_code)


def _collapse_blanks(content: str) -> str:
    """Return a text with each run of blanks as one, and ``[^1]`` as the ``[1]`` of a known footnote."""
    return _NUMBERED_FOOTNOTE.sub(r"[\1]", " ".join(_BLANKS.split(content)))


def _append_inline_element(text: Text, node: Node, style: Style, *, in_code: bool) -> None:
    name = node.name
    if name == "br":
        text.append("\n")
    elif name in ("sup", "sub"):
        plain = sanitize_for_terminal(node.text_content())
        text.append(superscript(plain) if name == "sup" else subscript(plain), style)
    elif name == "q":
        text.append("“", style)
        _append_inline(text, node.children, style, in_code=in_code)
        text.append("”", style)
    elif name == "code" and not in_code:
        text.append(
            " ".join(_BLANKS.split(sanitize_for_terminal(node.text_content()))), style + parse_style(TEAL)
        )
    elif name == "math":
        text.append(sanitize_for_terminal(formula_text(node)), style + parse_style(TEAL))
    elif not (name == "a" and node.text_content() == "↩"):
        own = next(filter(None, map(CODE_STYLES.get, node.attributes.get("class", "").split())), "")
        _append_inline(text, node.children, style + parse_style(own or STYLES.get(name, "")), in_code=in_code)
        if name == "a":
            _append_address(text, node, style)


def _append_address(text: Text, node: Node, style: Style) -> None:
    address = sanitize_for_terminal(node.attributes.get("href", ""))
    label = node.text_content().strip()
    is_written = label in (address, _WEB_ADDRESS.sub("", address, count=1))
    if address and not address.startswith("#") and not is_written:
        text.append(f" ({address})", style + parse_style(GREY))


def _apply_style(text: Text, definition: str) -> Text:
    text.stylize(definition)
    return text
