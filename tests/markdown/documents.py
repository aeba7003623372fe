"""Makers of Markdown that is hard to cut: hypothesis strategies for whole texts and for long blocks."""

from __future__ import annotations

from hypothesis import strategies as st

__all__ = ["long_blocks", "soups"]

# fmt: off
_FRAGMENTS = [
    "[^1]", "[^1]: note\n", "[^1]: note [^2] [foo]\n\n    more\n", "[^2]: two\n", "text [^1] and [^2]\n\n",
    "$$\na\n", "$$\n", "$x$ ", "[foo]: /u\n", "[foo]: /v 'title'\n", "[foo]\n", "![foo] ", "[foo][bar]\n",
    "[bar]:\n/x\n", "'title'\n", "```\n", "```py\nx = 1\n", "~~~\n", "- a\n", "- [ ] t\n", "- [x] t\n",
    "  b\n", "1. x\n", "2. y\n", "    code\n", "\n", "\n\n", "> q\n", ">\n", "lazy\n", "***", "**b",
    "~~s~~", "`c", "<b>", "http://a.b/c ", "www.x.org\n", "# h\n", "---\n", "===\n", "\t", "\r\n", "\r",
    "\u0000", "\u2028", "\u00e9", "\ud83d", "\ude00", "\U0001f600", "\\", "&amp", "&amp;", "* * *\n",
    "+ p\n", "10) z\n", "   - d\n", "x", "word word\n", "\u00a0", "$5 and $6\n", "a@b.de ",
    "\\(", "\\)", "\\[", "\\]", "\\[\na\n", "= b\n\\]\n", "\\begin{align}\n", "\\end{align}\n",
    "$ x = 1 $ ", "==m==", "==",
    "~", "**가(나)**다 ", "<sub>", "</sub>", "<br>", "<kbd>k</kbd>", "> [!NOTE]\n", "> [!TIP] x\n",
    "<details>\n",
    "<summary>s</summary>\n", "</details>\n", "```math\n", "x</details>\n",
    "\\( \\\\frac{a}{b} \\\\) ", "$$ a $$ b ", "$|x|$ | ", "__init__ ", "\\text{a\\(b\\)} ", "50% ",
    "\\\\( x^2 ", "\\\\) ", "\\\\[\nx=1\n", "\\\\]", "$$ | a | ", "**A**/**B** ", "$_.a ", "<details>\n\n",
    "\\begin{cases}\n- a \\\\\n", "\\end{cases}", "<details><summary>s</summary>\n",
    "- x\n  \\[\n  + y\n  \\]\n",
]
_TABLES = [
    "| a | b |\n|---|---|\n", "| 1 | 2 |\n", "a | b\n", "--|--\n", "| c\n",
]
_WORDS = [
    "word ", "*em* ", "**b ", "b** ", "`c` ", "` ", "[l](u) ", "[l]( ", "[foo] ", "[x] ", "$a$ ", "$5 and ",
    "$ ", "~~s~~ ", "a_b ", "_i_ ", "\\* ", "x@y.de ", "www.a.b ", "http://x.y/z ", "&amp; ",
    "<http://a.b> ", "<b ", "  \n", "\\\n", "\n", "\n", "![i](data:x) ", "[ ", "] ", "! ", "^ ", "--",
    "===\n", "---\n", "a | b ", "| ", "--|--\n", "\n|--|--\n",
    "\\(x\\) ", "\\( ", "\\) ", "\\[ ",
    "\\] ", "$ x $ ", "==m== ", "== ", "<b>x</b> ", "<b> ", "</b> ", "<br> ",
    "\n\\begin{cases}", "\\end{cases}", "$$x$$ ", "$$ ",
    "\\\\) ", "\\\\( ", "\\\\(x^2\\\\) ", "\\\\[ ",
    "\\( \\\\frac{a}{b} ", "<sub>", "__init__ ", "<u>*a ", "n[^1] ", "[^2] ",
]
_OPEN = [
    "word ", "more words ", "words\n", "**", "**x ", " **", "*", "*em* ", "a*b ", "_", "_x ", "~~",
    "~~s ", "`", "`c` ",
    "[", "[a ", "[l](u) ", "]", "](u) ", "$", "$x$ ", "<", "<b>", "http://a.b/", "\\", "***x ", " ",
]
_LETTERS = [
    "字字字", "一二三四五", "かな", "한글", "。", "，", "**字**", "**字", "字**", "*", "`字`", "`", "[字](u)",
    "[", "]",
    "http://x.y/字", "www.x.y", "a@b.de", "$x$", "$", "<http://字", ">", "!", "&amp;", "\n", "字\ufe00",
    "~~", "(", ")",
]
_BRACKETS = ["[", "[[[", "![", "![![", "!", ">", ">>>", "]", "](u)", "[^1]", "x", " ", "*", "<a", "`", "("]
_ITEMS = [
    "a", "`c`", "*x*", "**b", "[foo]", "```\n  code\n  ```", "> q", "# h", "", "- n", "$$", "    code",
    "[foo]: /u", "[ ] t", "n[^1]", "[^1] [^2]", "[^2]: m",
]
_BETWEEN = [
    "", "", "", "", "", "", "\n", "  cont\n", "lazy\n", "  - sub\n", "  - sub\n\n    p\n", "\tx\n", "$$\n",
    "---\n", "  ===\n",
]
_CELLS = [
    "a", "*b*", "`c|d`", "\\|", "[foo]", "$x$", "**o", "", "a|b", "$|x|$", "\\(a|b\\)", "$5", "\\(", "\\)",
    "[^1]",
]
_QUOTED = [
    "word *em* more", "para", "", "- l", "# h", "```", "[foo]", "x **b", "b**", "    c", "[foo]: /u", "`t",
    "===", "> n", "1. o", "n[^1]",
]
_CODE = [
    "x = 1\n", "  y\n", " \tz\n", "\tt\n", "\n", "   \n", "``\n", "```\n", "~~~\n", "```x\n", "    ```\n",
    " ```\n", "````  \n", "<b> & \u00a0\n", "[^1]\n", "$$\n",
]
# fmt: on


def _joined(strategy: st.SearchStrategy[str], least: int, most: int) -> st.SearchStrategy[str]:
    return st.lists(strategy, min_size=least, max_size=most).map("".join)


def soups(examples: list[str]) -> st.SearchStrategy[str]:
    """Return texts of fragments and whole examples, joined without regard to what they mean."""
    pieces = st.sampled_from([*_FRAGMENTS, *_TABLES])
    if examples:
        pieces = st.one_of(pieces, st.sampled_from(examples))
    return _joined(pieces, 2, 12)


def _walled(blocks: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return blocks one below the other in a quote or an item of a list, some lines not quite in it."""

    def wall(inner: list[str], marker: str, gap: str, stray: list[int]) -> str:
        indent = marker if marker.startswith(">") else " " * len(marker)
        lines = (inner[0] + gap + gap.join(inner[1:])).split("\n")
        following = [line if number in stray else indent + line for number, line in enumerate(lines[1:], 1)]
        return "\n".join([marker + lines[0], *following]).rstrip(" ") + "\n"

    markers = st.sampled_from(["- ", "- ", "1. ", "10)  ", " *   ", "> ", ">", "- [x] ", "-\t"])
    stray = st.lists(st.integers(1, 30), max_size=2)
    return st.builds(
        wall, st.lists(blocks, min_size=1, max_size=4), markers, st.sampled_from(["", "\n"]), stray
    )


def long_blocks() -> st.SearchStrategy[str]:
    """Return texts with a long block: a paragraph, list, table, quote or fence, tidy or not."""
    line_start = st.sampled_from(["- ", "- ", "* ", "1. ", " - ", "   - ", "- [x] ", "2) "])
    item = st.tuples(line_start, st.sampled_from(_ITEMS), st.just("\n"), st.sampled_from(_BETWEEN)).map(
        "".join
    )
    cells = st.lists(st.sampled_from(_CELLS), min_size=1, max_size=5)
    row = cells.map(lambda texts: "|" + "|".join(texts) + "\n")
    quoted = st.tuples(
        st.sampled_from(["> ", "> ", ">", " > ", "", ">\t"]), st.sampled_from(_QUOTED), st.just("\n")
    ).map("".join)
    flat = st.one_of(
        _joined(st.sampled_from(_WORDS), 5, 50),
        _joined(st.sampled_from(_OPEN), 5, 40),
        _joined(st.sampled_from(_OPEN[:2] + _OPEN[3:]), 4, 40).map(lambda title: f"## {title}"),
        _joined(st.sampled_from(_LETTERS), 5, 40),
        _joined(st.sampled_from(_BRACKETS), 5, 40),
        _joined(item, 3, 14),
        _joined(row, 2, 12).map(lambda rows: "|h|i|\n|-|:-:|\n" + rows),
        _joined(quoted, 3, 18),
        _joined(st.sampled_from(_CODE), 2, 14).map(lambda code: "```py\n" + code),
        _joined(st.sampled_from(_CODE), 2, 14).map(lambda code: "  ~~~~\n" + code),
    )
    block = st.one_of(flat, st.recursive(flat, _walled, max_leaves=4))
    above = st.sampled_from(["", "", "text\n\n", "[foo]: /url\n\n", "[^1]: n\n\n", "[^1] [foo]\n\n"])
    below = st.sampled_from(["\n", "", "\n\n", "[foo]: /new\n", "[^1]: note\n", "[^2]: b\n", "$$\n"])
    return st.tuples(above, _joined(st.tuples(block, below).map("".join), 1, 2)).map("".join)
