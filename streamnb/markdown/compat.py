"""All uses of private interfaces of markdown-it-py and its plugins.

An upgrade that changes one of these fails a test of its own (``tests/markdown/test_compat.py``), which says
what has to be looked at; everything else of ours uses documented names only.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TypeVar

from markdown_it import MarkdownIt
from markdown_it.parser_inline import ParserInline
from markdown_it.ruler import Ruler
from markdown_it.rules_block.table import escapedSplit as split_row  # noqa: N813
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.balance_pairs import processDelimiters as pair_delimiters  # noqa: N813
from markdown_it.rules_inline.state_inline import Delimiter
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref, footnote_tail

__all__ = [
    "CombiningRuler",
    "Delimiter",
    "copy_parser",
    "copy_text_ends",
    "ends_text",
    "footnote_def",
    "footnote_ref",
    "footnote_tail",
    "pair_delimiters",
    "set_label_parser",
    "split_row",
    "stop_text_at",
]

_Rule = TypeVar("_Rule")


def copy_parser(md: MarkdownIt) -> MarkdownIt:
    """Return a parser like ``md`` whose rules may be changed; renderer and helpers are shared."""
    parser = copy.copy(md)
    parser.core, parser.block, parser.inline = copy.copy(md.core), copy.copy(md.block), copy.copy(md.inline)
    parser.core.ruler, parser.block.ruler = _copy_ruler(md.core.ruler), _copy_ruler(md.block.ruler)
    parser.inline.ruler, parser.inline.ruler2 = _copy_ruler(md.inline.ruler), _copy_ruler(md.inline.ruler2)
    return parser


def _copy_ruler(ruler: Ruler[_Rule]) -> Ruler[_Rule]:
    twin = copy.copy(ruler)
    twin.__rules__, twin.__cache__ = [copy.copy(rule) for rule in ruler.__rules__], None
    return twin


class CombiningRuler(Ruler[_Rule]):
    """The rules of another ruler, where ``combine`` makes one rule of each chain.

    Parameters
    ----------
    ruler
        Whose rules it takes over.
    combine
        Gets the names and the rules of a chain, in order.
    """

    def __init__(self, ruler: Ruler[_Rule], combine: Callable[[Sequence[tuple[str, _Rule]]], _Rule]) -> None:
        super().__init__()
        self.__rules__ = [copy.copy(rule) for rule in ruler.__rules__]
        self._combine = combine

    def __compile__(self) -> None:
        """Make the chains, of one rule each."""
        enabled = [rule for rule in self.__rules__ if rule.enabled]
        chains = {"": enabled} | {
            chain: [rule for rule in enabled if chain in rule.alt] for rule in enabled for chain in rule.alt
        }
        self.__cache__ = {
            chain: [self._combine([(rule.name, rule.fn) for rule in rules])]
            for chain, rules in chains.items()
        }


def set_label_parser(md: MarkdownIt, find: Callable[[StateInline, int, bool], int]) -> None:
    """Replace the parser's ``parseLinkLabel`` by ``find``; other parsers keep theirs."""
    helpers = ModuleType(md.helpers.__name__)  # of this parser's own: the parser calls what it finds in it
    vars(helpers).update(vars(md.helpers), parseLinkLabel=find)
    md.helpers = helpers


def copy_text_ends(inline: ParserInline, other: ParserInline) -> None:
    """Make the text rule of ``inline`` stop where that of ``other`` does."""
    inline.terminator_re = other.terminator_re


def ends_text(inline: ParserInline, letter: str) -> bool:
    """Tell whether the text rule stops at a letter."""
    return inline.terminator_re.match(letter) is not None


def stop_text_at(inline: ParserInline, pattern: str) -> None:
    """Make the text rule stop where ``pattern`` matches too, so that other rules can begin there."""
    inline.terminator_re = re.compile(f"{inline.terminator_re.pattern}|{pattern}")
