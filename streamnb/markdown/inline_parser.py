"""A faster inline parser for markdown-it, with the same result.

markdown-it tries every inline rule at every letter that is not plain text, and a rule looks at the letter
first of all.  Here the letter chooses the rules: ``[`` is read by the five that know of brackets.  A rule
without a row in ``FIRST_LETTERS`` is asked everywhere, as ever.

In a growing text most inline texts are the same from frame to frame: the rows of a table above the last, the
items of a list.  A parser that ``caches_html`` keeps the HTML of those that looked up nothing outside of
them: no definition, no footnote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from . import compat
from .link_references import References

__all__ = ["FIRST_LETTERS", "InlineParser", "use_fast_inline_parser"]

FIRST_LETTERS = {
    "web_address": "w:",
    "newline": "\n",
    "math_inline": "$\\",
    "unfinished_formula": "$\\",
    "escape": "\\",
    "backticks": "`",
    "strikethrough": "~=",
    "emphasis": "*_",
    "link": "[",
    "unfinished_link": "[",
    "expected_link": "[",
    "footnote_ref": "[",
    "expected_note": "[",
    "image": "!",
    "unfinished_image": "!",
    "inline_html": "<",
    "autolink": "<",
    "unfinished_address": "<",
    "unfinished_small_html": "<",
    "entity": "&",
    "undecided": "\\*_~=!&<",
}
"""Rule -> the letters at which it can begin."""

_MAX_CACHED_TEXTS = 100
_HTML_TOKEN = "rendered"  # a token whose content is HTML that this parser's renderer has written

_Rules = Sequence[Callable[[StateInline, bool], bool]]


def use_fast_inline_parser(md: MarkdownIt) -> None:
    """Give ``md`` an ``InlineParser`` with the same rules."""
    inline = InlineParser()
    inline.ruler, inline.ruler2 = md.inline.ruler, md.inline.ruler2
    compat.copy_text_ends(inline, md.inline)
    md.inline = inline
    md.add_render_rule(_HTML_TOKEN, _render_html_token)


class InlineParser(ParserInline):
    """The inline parser of markdown-it with less work for the same result.

    Attributes
    ----------
    caches_html
        Whether to keep the HTML of a text for the next time.  ``env["references"]`` then has to be a
        ``References``.
    """

    def __init__(self) -> None:
        super().__init__()
        self.caches_html = False
        # While it is, what is parsed now is the words of an image, which become its title.
        self._is_reading = False
        self._html: dict[str, str] = {}
        self._rules: object = None  # the rules that all this was made of
        self._by_letter: dict[str, _Rules] = {}
        self._anywhere: _Rules = ()

    def _sort_rules_by_letter(self) -> None:
        rules = self.ruler.getRules("")
        if rules is self._rules:
            return
        named_rules = list(zip(self.ruler.get_active_rules(), rules, strict=True))
        self._rules, self._html = rules, {}
        self._anywhere = [rule for name, rule in named_rules if name not in FIRST_LETTERS]
        self._by_letter = {
            letter: [
                rule
                for name, rule in named_rules
                if letter in FIRST_LETTERS.get(name, letter)
                and not (name == "text" and compat.ends_text(self, letter))  # it is over before it begins
            ]
            for letter in set("".join(FIRST_LETTERS.values()))
        }

    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        """Add the tokens of a text to ``tokens``, or its HTML as one token.

        Parameters
        ----------
        src
            The text of one block.
        md
            The parser that the rules are asked through.
        env
            Links and footnotes that are known.
        tokens
            The list that they are added to.

        Returns
        -------
        list[Token]
            ``tokens`` itself.
        """
        if not self.caches_html or self._is_reading:
            return super().parse(src, md, env, tokens)
        self._sort_rules_by_letter()
        html = self._html.get(src)
        if html is not None:
            tokens.append(Token(_HTML_TOKEN, "", 0, content=html))
            return tokens
        references: References = env["references"]
        lookup_count = references.lookup_count
        self._is_reading = True
        try:
            super().parse(src, md, env, tokens)
        finally:
            self._is_reading = False
        has_lookups = references.lookup_count > lookup_count or "[^" in src or "![" in src
        is_joined_later = any(token.type == "text_special" for token in tokens)
        if not has_lookups and not is_joined_later:
            if len(self._html) >= _MAX_CACHED_TEXTS:
                self._html.clear()
            whole = Token("inline", "", 0, children=tokens)
            self._html[src] = md.renderer.render([whole], md.options, env)
        return tokens

    def tokenize(self, state: StateInline) -> None:
        """Add the tokens of the text up to ``state.posMax``."""
        self._sort_rules_by_letter()
        by_letter, anywhere = self._by_letter, self._anywhere
        src, end, deepest = state.src, state.posMax, state.md.options["maxNesting"]
        while state.pos < end:
            start = state.pos
            if state.level < deepest:
                for rule in by_letter.get(src[start], anywhere):
                    if rule(state, False):
                        break
            if state.pos == start:
                state.append_pending(src[start])
                state.pos += 1
        if state.pending:
            state.pushPending()

    def skipToken(self, state: StateInline) -> None:  # noqa: N802 - the name is markdown-it's
        """Move behind the next token without making it; where it ends is cached."""
        start = state.pos
        if start in state.cache:
            state.pos = state.cache[start]
            return
        self._sort_rules_by_letter()
        if state.level < state.md.options["maxNesting"]:
            state.level += 1
            for rule in self._by_letter.get(state.src[start], self._anywhere):
                if rule(state, True):
                    break
            state.level -= 1
            state.pos = max(state.pos, start + 1)
        else:  # too deep: no link any more
            state.pos = state.posMax
        state.cache[start] = state.pos


def _render_html_token(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return tokens[index].content
