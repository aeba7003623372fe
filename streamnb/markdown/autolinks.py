"""Bare addresses in text become links, as GitHub's specification says: www., http(s)://, e-mail.

The rules look at one inline text at a time and keep nothing between two, so that a sealed part of a
growing answer never changes.  A Chinese, Japanese or Korean letter ends an address, as their punctuation
does: no blank follows it there.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from .compat import stop_text_at
from .inline_state import new_token

__all__ = ["add_autolinks", "may_end_in_address"]

# Letters of scripts without blanks between words: what follows an address there is no part of it.
_CJK = "\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff01-\uffef\U00020000-\U0003ffff"
_HOST = re.compile(rf"[^\s\x00-,/:-@\[-^`{{-\x7f“”‘’…{_CJK}]{{1,254}}")
_MAX_HOST_CHARACTERS = 253  # the limit of DNS; without one, a long word of many starts takes ages
_URL_PATH = re.compile(rf"[^\s<>\"“”{_CJK}]*")
_REVERSED_URL = re.compile(rf"[^\s<>\"“”{_CJK}]*(?://:|\.www)")
_REVERSED_MAIL = re.compile(r"[A-Za-z0-9_.-]*@[A-Za-z0-9.+_-]")
_LETTERS_AT_END = re.compile(r"[A-Za-z]+\Z")
_MAIL_NAME_CHARACTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.+_-"
_MAIL_HOST = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9][A-Za-z0-9_-]*)+(?!@)")


def may_end_in_address(text: str) -> bool:
    """Tell whether ``text`` may end within a web or e-mail address."""
    from_end = text[::-1]
    return bool(_REVERSED_URL.match(from_end) or _REVERSED_MAIL.match(from_end))


def add_autolinks(md: MarkdownIt) -> None:
    """Add the rules to a parser; ``filter_links`` has to come after them."""
    # The text rule stops where another rule may begin; "www." is not among its own stops.
    stop_text_at(md.inline, r"(?<![^\s*_~(])www\.")
    md.inline.ruler.after("text", "web_address", _web_address_rule)
    md.inline.ruler2.push("mail_address", _link_mail_addresses)


def _web_address_rule(state: StateInline, silent: bool) -> bool:
    """Link what follows ``www.`` or, called at its colon, ``http://``."""
    if silent or state.linkLevel > 0:  # silent: the end of a link's text is being looked for
        return False
    if state.src.startswith("www.", state.pos):
        before = state.src[state.pos - 1] if state.pos else " "
        scheme, start = "", state.pos
        fits = before.isspace() or before in "*_~("
    elif state.src.startswith("://", state.pos):
        word = _LETTERS_AT_END.search(state.pending[-6:])
        scheme = word.group() if word else ""
        start = state.pos - len(scheme)
        fits = scheme.lower() in ("http", "https")
    else:
        return False
    url = _address_at(state.src, start, f"{scheme}://" if scheme else "") if fits else ""
    if not url:
        return False
    if scheme:
        state.pending = state.pending[: -len(scheme)]
    _push_link(state, url if scheme else f"http://{url}", url)
    state.pos = start + len(url)
    return True


def _address_at(text: str, start: int, lead: str) -> str:
    """Return the address that begins at ``start`` with ``lead``, or an empty text."""
    host = _HOST.match(text, start + len(lead))
    if not host or len(host.group()) > _MAX_HOST_CHARACTERS:
        return ""
    labels = host.group().rstrip(".").split(".")
    if "_" in "".join(labels[-2:]) or not all(labels) or (not lead and len(labels) < 2):
        return ""
    path = _URL_PATH.match(text, host.end())
    return _trim_punctuation(text[start : path.end() if path else host.end()])


def _trim_punctuation(url: str) -> str:
    """Return an address without the punctuation, unmatched brackets or entity that it ends with."""
    extra = {")": url.count(")") - url.count("("), "]": url.count("]") - url.count("[")}
    end = len(url)
    while end:
        last = url[end - 1]
        if last in "?!.,:*_~'\"":
            end -= 1
        elif extra.get(last, 0) > 0:
            extra[last] -= 1
            end -= 1
        elif last == ";":
            entity = url.rfind("&", 0, end)
            end = entity if entity >= 0 and url[entity + 1 : end - 1].isalnum() else end - 1
        else:
            break
    return url[:end]


def _link_mail_addresses(state: StateInline) -> None:
    """Make links of the e-mail addresses in one inline text, outside of other links."""
    if "@" not in state.src:
        return
    depth = 0
    result: list[Token] = []
    for token in state.tokens:
        depth += (token.type == "link_open") - (token.type == "link_close")
        if token.type == "text" and not depth and "@" in token.content:
            result.extend(_split_at_mail_addresses(token))
        else:
            result.append(token)
    state.tokens[:] = result


def _split_at_mail_addresses(token: Token) -> list[Token]:
    text, pieces = token.content, list[Token]()
    done = last = 0  # where the remaining text begins, and where the text after the last "@" does
    for at in re.finditer("@", text):
        before = text[max(done, last) : at.start()]
        name = before[len(before.rstrip(_MAIL_NAME_CHARACTERS)) :]
        last = at.end()
        host = _MAIL_HOST.match(text, at.end())
        if not name or not host or not host.group()[-1].isalpha():
            continue
        if before.endswith(f"mailto:{name}"):
            name = f"mailto:{name}"
        start = at.start() - len(name)
        address = text[start : host.end()]
        pieces += [new_token("text", "", text[done:start], token.level)] if start > done else []
        pieces += _link_tokens(
            address if address.startswith("mailto:") else f"mailto:{address}", address, token.level
        )
        done = host.end()
    return [*pieces, new_token("text", "", text[done:], token.level)] if done < len(text) else pieces


def _push_link(state: StateInline, href: str, label: str) -> None:
    opening = state.push("link_open", "a", 1)
    opening.attrs = {"href": state.md.normalizeLink(href)}
    opening.markup, opening.info = "linkify", "auto"
    state.push("text", "", 0).content = label
    closing = state.push("link_close", "a", -1)
    closing.markup, closing.info = "linkify", "auto"


def _link_tokens(href: str, label: str, level: int) -> list[Token]:
    opening = Token("link_open", "a", 1, attrs={"href": href}, level=level)
    closing = Token("link_close", "a", -1, level=level)
    for token in (opening, closing):
        token.markup, token.info = "linkify", "auto"
    return [opening, new_token("text", "", label, level + 1), closing]
