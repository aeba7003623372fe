"""An answer's HTML written back as Markdown that every renderer shows alike, and that does nothing in any.

The source itself cannot be handed on: another renderer would run its raw HTML and load its pictures.  So this
is written from what our own rules have made of it: ``html_to_markdown`` reads the finished HTML, of
elements on our list, and writes CommonMark with pipe tables and formulas between dollars.  Every word is
escaped; links have the addresses that the HTML has; a picture is named.

``_markdown_blocks`` and ``_inline_to_markdown`` write the nodes that ``html_tree`` makes of the HTML.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence

from .html_tree import BLOCKS, Node, iter_top_level_nodes
from .portable_symbols import (
    box_drawing_to_ascii,
    escape_digit_after_formula,
    sup_or_sub_letters,
    symbols_to_formulas,
)
from .portable_table import pipe_table
from .portable_tex import make_tex_portable

__all__ = ["escape", "fenced_code", "html_to_markdown", "rows_to_table"]

MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "del": "~~", "s": "~~"}

_MARKDOWN_CHARACTERS = re.compile(r"[\\`*_{}\[\]|~$^@]")
_LINE_START = re.compile(r"(?m)^([ \t]*)(?:([#+\-=:%>])|(\d+)([.)])(?=\s|$))")
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>()\\\"'`*\[\]|]")
_ALIGNMENT = re.compile(r"text-align:(left|center|right)")
_LINE_CHARACTERS = 88  # of code that fit in a line of LaTeX's page
_TEXT_LANGUAGES = {"", "text", "plaintext", "plain", "txt", "tree", "ascii"}
_TEX_SAFE_TEXT = re.compile(r"[A-Za-z0-9 .,+=()-]+")
_LANGUAGE = re.compile(r"[\w.+#-]+")


def html_to_markdown(html: str) -> str:
    """Return an answer's HTML as Markdown.

    Parameters
    ----------
    html
        What ``markdown.render(text, maths="tex")`` gives.
    """
    return "\n\n".join(_markdown_blocks(iter_top_level_nodes(html)))


def escape(text: str) -> str:
    """Return a text as Markdown that shows it as it is."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _MARKDOWN_CHARACTERS.sub(lambda match: "\\" + match[0], text)
    return symbols_to_formulas(_LINE_START.sub(_escape_line_start, text))


def _escape_line_start(match: re.Match[str]) -> str:
    space, sign, number, point = match.groups()
    return f"{space.replace(chr(9), ' ')[:1]}" + (f"\\{sign}" if sign else f"{number}\\{point}")


def fenced_code(code: str, language: str = "") -> str:
    """Return code in a fence that nothing in it can close.

    What is no code of a language is text: LaTeX's page cuts its long lines, and has no letters to draw with.
    """
    if language.lower() in _TEXT_LANGUAGES:
        code = "\n".join(map(_fold_line, box_drawing_to_ascii(code).split("\n")))
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    info = language if _LANGUAGE.fullmatch(language) else ""
    return f"{fence}{info}\n{code.removesuffix(chr(10))}\n{fence}"


def _fold_line(line: str) -> str:
    if len(line) <= _LINE_CHARACTERS:
        return line
    return textwrap.fill(
        line,
        _LINE_CHARACTERS,
        replace_whitespace=False,
        expand_tabs=False,
        break_on_hyphens=False,
    )


def _markdown_blocks(children: Iterable[Node | str]) -> list[str]:
    """Return the blocks of a container; text between them is a paragraph."""
    blocks: list[str] = []
    run: list[Node | str] = []
    before: Node | None = None

    def end_run() -> None:
        if text := _paragraph_to_markdown(run):
            blocks.append(text)
        run.clear()

    for child in children:
        if isinstance(child, str) or child.name not in BLOCKS:
            run.append(child)
            continue
        end_run()
        # Two lists in a row would be one; another mark tells them apart.
        is_second = before is not None and before.name == child.name and bool(blocks)
        blocks += filter(None, _markdown_blocks_of_node(child, is_second=is_second))
        before = child
    end_run()
    return blocks


def _markdown_blocks_of_node(node: Node, *, is_second: bool = False) -> Iterator[str]:
    name = node.name
    if name == "summary" or node.has_class("snb-alert-title"):
        title = " ".join("".join(_title_parts(node.children)).split())
        yield f"**{title}**" if title else ""
    elif name in ("p", "dt"):
        yield _paragraph_to_markdown(node.children)
    elif name[0] == "h" and name[1:].isdigit():
        yield f"{'#' * int(name[1:])} {' '.join(_paragraph_to_markdown(node.children).split(chr(10)))}"
    elif name == "hr":
        yield "* * *"
    elif name == "pre":
        yield fenced_code(node.text_content(), node.attributes.get("data-snb-language", ""))
    elif name == "blockquote":
        yield "\n".join(
            f"> {line}".rstrip() for line in "\n\n".join(_markdown_blocks(node.children)).split("\n")
        )
    elif name in ("ul", "ol"):
        yield _list_to_markdown(node, is_second=is_second)
    elif name == "table":
        yield _table_to_markdown(node)
    elif node.has_class("snb-maths-block"):
        yield _inline_to_markdown(node.children).strip()
    else:
        if node.has_class("snb-notes"):
            yield "* * *"
        yield from _markdown_blocks(node.children)


def _title_parts(children: Iterable[Node | str]) -> Iterator[str]:
    """Yield a title's text and formulas as Markdown without marks: all of it is bold."""
    for child in children:
        if isinstance(child, str):
            yield _escape_within_line(child)
        elif child.has_class("mathjax_process"):
            yield _formula_to_markdown(child.formula_source(), in_table=False)
        else:
            yield from _title_parts(child.children)


def _list_to_markdown(node: Node, *, is_second: bool) -> str:
    marks = ("*", "-") if node.name == "ul" else (")", ".")
    number = int(node.attributes.get("start") or 1)
    items: list[str] = []
    loose = False
    for offset, item in enumerate(node.child_elements("li")):
        mark = marks[not is_second] if node.name == "ul" else f"{number + offset}{marks[not is_second]}"
        loose = loose or bool(item.child_elements("p"))
        blocks = _markdown_blocks(item.children)
        indent = " " * (len(mark) + 1)
        joint = "\n\n" if item.child_elements("p", "pre", "table", "blockquote") else "\n"
        content = joint.join(blocks)
        lines = [f"{indent}{line}".rstrip() for line in content.split("\n")]
        items.append(f"{mark} {lines[0].strip()}" + "".join(f"\n{line}" for line in lines[1:]))
    return ("\n\n" if loose else "\n").join(items)


def _table_to_markdown(node: Node) -> str:
    rows = [row for part in node.child_elements("thead", "tbody") for row in part.child_elements("tr")]
    if not rows:
        return ""
    cells = [
        [
            _inline_to_markdown(cell.children, in_table=True).replace("\\\n", " ")
            for cell in row.child_elements("th", "td")
        ]
        for row in rows
    ]
    styles = [
        cell.attributes.get("style", "").replace(" ", "") for cell in rows[0].child_elements("th", "td")
    ]
    return pipe_table(cells, [next(reversed(_ALIGNMENT.findall(style)), "") for style in styles])


def rows_to_table(rows: Sequence[Sequence[str]], *, number_columns: Collection[int] = ()) -> str:
    """Return rows of plain text, the first of them the head, as a table; columns of numbers stand right."""
    cells = [[_escape_within_line(text) for text in row] for row in rows]
    return pipe_table(cells, ["right" if column in number_columns else "" for column in range(len(rows[0]))])


def _paragraph_to_markdown(children: list[Node | str]) -> str:
    lines = (line.strip() for line in _inline_to_markdown(children).split("\n"))
    return "\n".join(line for line in lines if line).removesuffix("\\")


def _inline_to_markdown(children: list[Node | str], *, in_table: bool = False) -> str:
    parts: list[str] = []
    for child in _merge_sup_and_sub(children):
        if isinstance(child, str):
            text = escape(child) if not parts or parts[-1].endswith("\n") else _escape_within_line(child)
            parts.append(escape_digit_after_formula(text) if parts and parts[-1].endswith("$") else text)
        else:
            element = _element_to_markdown(child, in_table=in_table)
            # Two formulas without a blank between them are $x$$y$, and that is something else.
            parts.append(f" {element}" if element[:1] == "$" and parts and parts[-1][-1:] == "$" else element)
    return "".join(parts)


def _merge_sup_and_sub(children: list[Node | str]) -> Iterator[Node | str]:
    """Yield the children; ``sup`` and ``sub`` with Unicode letters become part of the text around them."""
    text = ""
    for child in children:
        letters = child if isinstance(child, str) else _sup_or_sub_text(child)
        text += letters
        if not letters and isinstance(child, Node):
            if text:
                yield text
            yield child
            text = ""
    if text:
        yield text


def _sup_or_sub_text(node: Node) -> str:
    is_text = node.name in ("sup", "sub") and not node.child_elements()
    return sup_or_sub_letters(node.text_content(), node.name) if is_text else ""


def _escape_within_line(text: str) -> str:
    """Escape text that does not begin its line."""
    return escape("\x00" + text).removeprefix("\x00")


def _element_to_markdown(node: Node, *, in_table: bool) -> str:
    name = node.name
    if name == "br":
        return "\\\n"
    if name == "input":
        return "[x]" if "checked" in node.attributes else "[ ]"
    if name == "img":
        return escape(f"[picture: {node.attributes.get('alt') or 'no description'}]")
    if name == "code":
        return _code_to_markdown(node.text_content(), in_table=in_table)
    if node.has_class("mathjax_process"):
        return _formula_to_markdown(node.formula_source(), in_table=in_table)
    inner = _inline_to_markdown(node.children, in_table=in_table)
    if mark := MARKS.get(name):
        return _wrap_in_marks(inner, mark)
    address = node.attributes.get("href", "")
    if name == "a" and address and not address.startswith("#"):
        return f"[{inner}]({_UNSAFE_IN_ADDRESS.sub(lambda match: _percent_encode(match[0]), address)})"
    if name in ("sup", "sub") and node.child_elements("a"):  # a note
        return f"\\[{inner}\\]"
    if name in ("sup", "sub") and inner:
        mark, text = "^" if name == "sup" else "_", node.text_content()
        return f"${mark}{{\\text{{{text}}}}}$" if _TEX_SAFE_TEXT.fullmatch(text) else f"\\{mark}({inner})"
    if name == "q":
        return f"“{inner}”"
    return "" if name == "a" and inner == "↩" else inner


def _percent_encode(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "replace"))


def _wrap_in_marks(inner: str, mark: str) -> str:
    """Put marks around a text, with the blanks at its ends outside: inside, they are no marks."""
    content = inner.strip()
    if not content:
        return inner
    start = len(inner) - len(inner.lstrip())
    return f"{inner[:start]}{mark}{content}{mark}{inner[start + len(content) :]}"


def _code_to_markdown(text: str, *, in_table: bool) -> str:
    if not text:
        return ""
    text = " ".join(text.split("\n"))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text[0] in "` " or text[-1] in "` " else ""
    if in_table and "|" in text:  # a code host takes the backslash away before a bar in code, pandoc does not
        return "\\|".join(_code_to_markdown(part, in_table=False) for part in text.split("|"))
    return f"{fence}{pad}{text}{pad}{fence}"


def _formula_to_markdown(text: str, *, in_table: bool) -> str:
    """Return ``$…$`` as LaTeX takes it, and as no more than text where dollars mean nothing."""
    mark = "$$" if text.startswith("$$") else "$"
    formula = make_tex_portable(text.removeprefix(mark).removesuffix(mark))
    if not formula:
        return _code_to_markdown(text, in_table=in_table)
    # No tag begins with a blank, wherever this is taken for HTML.
    formula = re.sub("<(?! )", "< ", formula).replace("](", "] (").replace("`", "'")
    formula = re.sub(r"\s*\n\s*", " ", formula)
    if in_table:
        formula = re.sub(r"\\\|", r"\\Vert ", formula).replace("|", "\\vert ").rstrip()
    return f"{mark}{formula}{mark}"
