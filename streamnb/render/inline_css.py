"""CSS inliner for saved outputs: simple rules of ``stream.css`` become inline styles.

A saved output that nobody trusts loses its style sheet but keeps ``class`` and ``style``.  So the sheet
stays the one source of the look, and the rules with the simplest selectors (one class, or ``.snb-answer``
and one tag) are copied to the elements that they mean.  JupyterLab takes declarations with ``var()`` out of
such an output as well, so each of those goes behind one that says the same with its fallback.  Pure, but for
reading the sheet once.
"""

from __future__ import annotations

import re
from functools import cache

from .static_files import css_source

__all__ = ["inline_styles", "remove_css_if"]

_STYLESHEETS = ("stream.css", "xray.css")
_CSS_RULE = re.compile(r"(?m)^(\.[\w-]+|\.snb-answer (?:pre )?[a-z][a-z0-9]*) \{([^}]*)\}")
_TAG = re.compile(r"<([a-z][a-z0-9]*)((?:\s+[a-z][a-z0-9-]*(?:=\"[^\"]*\")?)*)\s*(/?)>")
_CLASS = re.compile(r"\sclass=\"([^\"]*)\"")
_DECLARATION = re.compile(r"((?:[^;()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+)")
_VARIABLE = re.compile(r"var\(--[\w-]+,((?:[^()]|\([^()]*\))*)\)")
_IF_DECLARATION = re.compile(r";?[\w-]+:if\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)")
_STYLE = re.compile(r"\sstyle=\"([^\"]*)\"")


@cache
def rules_by_selector() -> dict[str, str]:
    """Return the declarations of the rules with the simplest selectors, by selector."""
    by_selector: dict[str, str] = {}
    for selector, body in _CSS_RULE.findall("\n".join(map(css_source, _STYLESHEETS))):
        declarations = " ".join(body.split()).replace(": ", ":").replace("; ", ";").replace(", ", ",")
        by_selector.setdefault(selector, _add_fallbacks(declarations))
    return by_selector


def _add_fallbacks(declarations: str) -> str:
    """Put before a declaration with a ``var()`` one with its fallback value, but not for ``color``."""
    last_values: dict[str, str] = {}  # the last value of each property
    output: list[str] = []
    for declaration in _DECLARATION.findall(declarations):
        name, _, value = declaration.partition(":")
        plain = value
        while "var(" in plain:
            plain = _VARIABLE.sub(r"\1", plain)
        if plain != value and name not in ("color", *last_values) and plain not in ("inherit", "transparent"):
            output.append(f"{name}:{plain}")
        last_values[name] = value
        output.append(declaration)
    return ";".join(output)


def remove_css_if(html: str) -> str:
    """Return HTML of ours without the CSS declarations in its styles whose value is an ``if()``."""
    # A style must not begin with a semicolon: marimo's reader drops all of such a one.
    return _STYLE.sub(lambda style: _IF_DECLARATION.sub("", style[0]).replace('";', '"'), html)


def inline_styles(html: str, *, tags_of: str = "") -> str:
    """Return HTML of ours with the rules of its classes as inline styles.

    An element's own style comes last, and so wins.

    Parameters
    ----------
    html
        As our own renderer writes it: lower case, attributes in double quotes.
    tags_of
        A class whose rules for bare tags hold here too: ``snb-answer``, or nothing.

    Returns
    -------
    str
        The same elements, with ``style`` attributes.
    """
    fence = -1  # where the last ``pre`` began its content

    def styled(match: re.Match[str]) -> str:
        nonlocal fence
        tag, attributes, closing = match.groups()
        kind = "pre code" if tag == "code" and match.start() == fence else tag
        if tag == "pre":
            fence = match.end()
        styles = [rules_by_selector().get(f".{tags_of} {kind}")]
        if class_match := _CLASS.search(attributes):
            styles += [rules_by_selector().get(f".{name}") for name in class_match[1].split()]
        if not any(styles):
            return match[0]
        if own := _STYLE.search(attributes):
            styles.append(own[1].rstrip(";"))
            attributes = _STYLE.sub("", attributes)
        style = ";".join(filter(None, styles))
        return f'<{tag}{attributes} style="{style}"{closing}>'

    return _TAG.sub(styled, html)
