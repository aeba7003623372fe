"""GitHub's alerts: a quote whose first line is ``[!NOTE]`` or one of four others."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

__all__ = ["add_alerts"]

_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|\Z)", re.IGNORECASE)


def add_alerts(md: MarkdownIt) -> None:
    """Add the rule for alerts to a parser; it works on blocks before their text is parsed."""
    md.core.ruler.after("block", "alerts", _alert_rule)


def _alert_rule(state: StateCore) -> None:
    if "[!" not in state.src:
        return
    tokens: list[Token] = []
    for position, token in enumerate(state.tokens):
        alert = _ALERT.match(token.content) if token.type == "inline" else None
        if alert and position > 1 and state.tokens[position - 2].type == "blockquote_open":
            _turn_quote_into_alert(tokens, token, alert)
        else:
            tokens.append(token)
    # A paragraph of which the marker was all has become the title.
    state.tokens = tokens


def _turn_quote_into_alert(tokens: list[Token], text: Token, alert: re.Match[str]) -> None:
    """Give the quote its class and a title, and the rest of its first paragraph a paragraph of its own."""
    quote, opening = tokens[-2], tokens[-1]
    kind = alert[1].lower()
    quote.attrs = {"class": f"snb-alert snb-alert-{kind}"}
    remaining = text.content[alert.end() :]
    first = text.map[0] if text.map else 0
    title = Token(
        "inline", "", 0, content=kind.capitalize(), level=text.level, map=[first, first + 1], children=[]
    )
    opening.attrs = {"class": "snb-alert-title"}
    tokens.append(title)
    if remaining:
        tokens.append(Token("paragraph_close", "p", -1, level=opening.level, block=True))
        tokens.append(Token("paragraph_open", "p", 1, level=opening.level, block=True, map=opening.map))
        text.content = remaining
        tokens.append(text)
