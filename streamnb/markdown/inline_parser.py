"""A faster inline parser for markdown-it, with the same result.

markdown-it tries every inline rule at every letter that is not plain text, and a rule looks at the letter
first of all.  Here the letter chooses the rules: ``[`` is read by the five that know of brackets.  A rule
without a row in ``FIRST_LETTERS`` is asked everywhere, as ever.  Where the parser looks ahead, for the end of
a link's text, only the rules that do so are asked, and where they found no link, they are not asked again.

In a growing text most inline texts are the same from frame to frame: the rows of a table above the last, the
items of a list.  A parser that ``caches_html`` keeps the HTML of those that looked up nothing outside of
them: no definition, no footnote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import punctuation

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from . import compat
from .inline_state import InlineState, new_token
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

_FIRST_LETTERS = frozenset("".join(FIRST_LETTERS.values()))
_LETTERS = _FIRST_LETTERS | {*punctuation}
# What has no end of its own to look for, and so never answers when the parser looks ahead:
_NEVER_AHEAD = ("web_address", "strikethrough", "emphasis", "undecided", "unfinished_", "expected_")
_SAME_AHEAD = ("link", "footnote_ref")  # these answer the same when they are asked again

_MAX_CACHED_TEXTS = 100
_HTML_TOKEN = "rendered"  # a token whose content is HTML that this parser's renderer has written

_Rule = Callable[[StateInline, bool], bool]


def use_fast_inline_parser(md: MarkdownIt) -> None:
    """Give ``md`` an ``InlineParser`` with the same rules."""
    inline = InlineParser()
    inline.ruler, inline.ruler2 = md.inline.ruler, md.inline.ruler2
    compat.copy_text_ends(inline, md.inline)
    inline.ruler2.at("fragments_join", _join_fragments)
    md.inline = inline
    md.core.ruler.disable("text_join")  # this parser has joined what could be
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
        self._anywhere: list[_Rule] = []
        # Letter -> rules, all and those to look ahead with; and those for "[" where that found no link.
        self._by_letter: dict[str, list[_Rule]] = {}
        self._by_letter_ahead: dict[str, list[_Rule]] = {}
        self._after_looking_ahead: list[_Rule] = []

    def _sort_rules_by_letter(self) -> None:
        rules = self.ruler.getRules("")
        if rules is self._rules:
            return
        named_rules = list(zip(self.ruler.get_active_rules(), rules, strict=True))
        self._rules, self._html = rules, {}
        anywhere = [(name, rule) for name, rule in named_rules if name not in FIRST_LETTERS]
        self._anywhere = [rule for _, rule in anywhere]
        # Where a text ends, the rule for it is over before it begins.
        ends = [letter for letter in _LETTERS if compat.ends_text(self, letter)]
        others = [rule for name, rule in anywhere if name != "text"]
        self._by_letter, self._by_letter_ahead = dict.fromkeys(ends, others), dict.fromkeys(ends, others)
        for letter in _FIRST_LETTERS:
            chosen = [
                (name, rule)
                for name, rule in named_rules
                if letter in FIRST_LETTERS.get(name, letter) and not (name == "text" and letter in ends)
            ]
            self._by_letter[letter] = [rule for _, rule in chosen]
            self._by_letter_ahead[letter] = [
                rule for name, rule in chosen if not name.startswith(_NEVER_AHEAD)
            ]
            if letter == "[":
                self._after_looking_ahead = [rule for name, rule in chosen if name not in _SAME_AHEAD]

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
            self._read(src, md, env, tokens)
            return tokens
        self._sort_rules_by_letter()
        html = self._html.get(src)
        if html is not None:
            tokens.append(new_token(_HTML_TOKEN, "", html, 0))
            return tokens
        references: References = env["references"]
        lookup_count = references.lookup_count
        self._is_reading = True
        try:
            self._read(src, md, env, tokens)
        finally:
            self._is_reading = False
        has_lookups = references.lookup_count > lookup_count or "[^" in src or "![" in src
        if not has_lookups:
            if len(self._html) >= _MAX_CACHED_TEXTS:
                self._html.clear()
            whole = Token("inline", "", 0, children=tokens)
            self._html[src] = md.renderer.render([whole], md.options, env)
        return tokens

    def _read(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> None:
        state = InlineState(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        if "\\" in src or "&" in src:  # an escape or an entity is no text until addresses are found
            for token in tokens:
                if token.type == "text_special":
                    token.type = "text"
            _join_fragments(state)

    def tokenize(self, state: StateInline) -> None:
        """Add the tokens of the text up to ``state.posMax``."""
        self._sort_rules_by_letter()
        by_letter, anywhere, ends_ahead = self._by_letter, self._anywhere, state.cache
        src, end, deepest = state.src, state.posMax, state.md.options["maxNesting"]
        while state.pos < end:
            start = state.pos
            if state.level < deepest:
                letter = src[start]
                rules = by_letter.get(letter, anywhere)
                if letter == "[" and ends_ahead.get(start) == start + 1 and end == len(src):
                    rules = self._after_looking_ahead
                for rule in rules:
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
        if self._rules is None:
            self._sort_rules_by_letter()
        if state.level < state.md.options["maxNesting"]:
            state.level += 1
            for rule in self._by_letter_ahead.get(state.src[start], self._anywhere):
                if rule(state, True):
                    break
            state.level -= 1
            state.pos = max(state.pos, start + 1)
        else:  # too deep: no link any more
            state.pos = state.posMax
        state.cache[start] = state.pos


def _join_fragments(state: StateInline) -> None:
    """Join texts next to each other and set the level of each token, as the parser's rule does."""
    joined: list[Token] = []
    texts: list[str] = []  # of the tokens that the last one in ``joined`` stands for
    level = 0
    for token in state.tokens:
        if token.type == "text" and texts:
            texts.append(token.content)
            continue
        if len(texts) > 1:
            joined[-1].content = "".join(texts)
        texts = [token.content] if token.type == "text" else []
        if token.nesting < 0:
            level -= 1
        token.level = level
        if token.nesting > 0:
            level += 1
        joined.append(token)
    if len(texts) > 1:
        joined[-1].content = "".join(texts)
    state.tokens[:] = joined


def _render_html_token(
    self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    return tokens[index].content
