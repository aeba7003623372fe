"""Rules for the addresses that a link may have; other addresses are dropped.

A link is ``http``, ``https``, ``mailto``, or local: a path or a ``#fragment``.  Everything else
(``javascript:``, ``vscode:``, ``//host``, ``\\\\host``, control characters) is dropped: its text stays,
its address does not.  The true address of a kept link is its tooltip.

The addresses of images are ``images``' matter, bare addresses in text are ``autolinks``'.
"""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address

import mdurl
from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

__all__ = ["LinkKeepingParser", "filter_links", "is_allowed_address"]

_MAX_CACHED_ADDRESS_CHARACTERS = 2_000  # characters; longer ones are not kept
_REFUSED_SCHEME = "refused:"  # no scheme of ours, so that what begins with it is dropped
_TO_ENCODE = re.compile(
    r"[\x00-\x1f\x7f-\x9f]"  # a browser ignores some of these inside a scheme
    r"|\A\s*[\\/]\s*[\\/]"  # //host and what a browser takes for it
    r"|\A\s*https?:(?!//[^\\/?#])",  # http:host, https:///host
    re.IGNORECASE,
)
_ALLOWED_ADDRESS = re.compile(
    r"(?P<web>https?)://(?:[^/?#]*@)?(?P<host>[^/?#@:]+|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]{1,5}))?(?:[/?#]|\Z)"
    r"|mailto:"
    r"|[#?]|/(?!/)|\Z"  # local
    r"|[^/?#:]+(?:[/?#]|\Z)",  # a relative path has no colon before its first slash
    re.IGNORECASE,
)
_HOST_LABEL = re.compile(r"[a-z0-9_-]+")


class LinkKeepingParser(MarkdownIt):
    """A MarkdownIt that parses every address as a link, for ``filter_links`` to drop the forbidden ones.

    markdown-it shows a link that it refuses as its source; here a dropped link shows its text.
    """

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the name is markdown-it's
        """Return an address percent-encoded, behind ``refused:`` where no browser should see it."""
        is_cached = len(url) <= _MAX_CACHED_ADDRESS_CHARACTERS
        return _percent_encoded(url) if is_cached else _percent_encoded.__wrapped__(url)

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        """Return the text of an autolink as it was typed."""
        return link

    def validateLink(self, url: str) -> bool:  # noqa: N802
        """Return ``True`` for every address; ``filter_links`` and ``images`` decide what is allowed."""
        return True


@lru_cache(maxsize=256)  # an open paragraph is read with every frame
def _percent_encoded(url: str) -> str:
    return _REFUSED_SCHEME + mdurl.encode(url) if _TO_ENCODE.search(url) else normalizeLink(url)


def is_allowed_address(address: str) -> bool:
    """Tell whether a link may have this address (as ``LinkKeepingParser.normalizeLink`` returned it)."""
    match = _ALLOWED_ADDRESS.match(address)
    if not match or not match["web"]:
        return bool(match)
    return _is_host(match["host"]) and int(match["port"] or 0) < 65536


def _is_host(host: str) -> bool:
    """Tell whether a browser would accept ``host`` as a host name or IP address."""
    labels = host.lower().removesuffix(".").split(".")
    if host.startswith("[") or re.fullmatch(r"[0-9]+|0x[0-9a-f]*", labels[-1]):
        try:
            return bool(ip_address(host.strip("[]")))
        except ValueError:
            return False
    return all(_HOST_LABEL.fullmatch(label) and _is_readable_host_label(label) for label in labels)


def _is_readable_host_label(label: str) -> bool:
    if not label.startswith("xn--"):
        return True
    try:
        letters = label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return False
    return letters.isprintable() and "\ufffd" not in letters


def filter_links(state: StateInline) -> None:
    """Set the attributes of each allowed link in one inline text; make every other a ``span``.

    Runs after emphasis is settled.  A link inside a link is dropped too: HTML has no such thing, and
    a browser would end the outer one early.
    """
    allowed_links: list[bool] = []  # of the links that are open
    for position, token in enumerate(state.tokens):
        if token.type == "link_open":
            keep = not any(allowed_links) and is_allowed_address(str(token.attrs["href"]))
            allowed_links.append(keep)
            if keep:
                _set_link_attributes(token, state.tokens[position + 1])
            else:
                _turn_link_open_into_span(token, state.tokens[position + 1])
        elif token.type == "link_close" and not allowed_links.pop():
            token.tag = "span"


def _set_link_attributes(token: Token, first: Token) -> None:
    href, title = str(token.attrs["href"]), token.attrs.get("title")
    token.attrs = {"href": href}
    if title:
        token.attrs["title"] = f"{title} ({href})"
    elif not (token.info == "auto" and first.content == href):
        token.attrs["title"] = href
    token.attrs["rel"] = "noopener noreferrer nofollow"
    if not href.startswith("#"):
        token.attrs["target"] = "_blank"


def _turn_link_open_into_span(token: Token, first: Token) -> None:
    token.tag = "span"
    token.attrs = {"class": "snb-dropped"}
    if token.markup == "autolink":  # <std::string> is no link but text, and keeps its brackets
        first.content = f"<{first.content}>"
