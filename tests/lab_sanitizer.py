"""JupyterLab's sanitizer as far as our styles go: which declarations it leaves where nobody trusts them.

``tests/browser/test_untrusted.py`` holds this model to the real one.
"""

from __future__ import annotations

import re

__all__ = ["declarations", "sanitize_styles", "survives"]

_DECLARATION = re.compile(r"(?:[^;()]|\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\))+")
_UNKNOWN = {
    "accent-color",
    "all",
    "animation",
    "clip-path",
    "font-variant-numeric",
    "text-underline-offset",
    "transition",
}
_UNKNOWN_WORDS = {"anywhere", "canvas", "inherit", "max-content", "plaintext"}


def declarations(style: str) -> list[str]:
    """Return the declarations of a style."""
    return _DECLARATION.findall(style)


def survives(declaration: str) -> bool:
    """Say whether a declaration is left."""
    name, _, value = declaration.partition(":")
    if name in ("display", "white-space"):
        return "var(" not in value
    unknown = name in _UNKNOWN or value in _UNKNOWN_WORDS or declaration == "text-align:start"
    return not unknown and not re.search(r"\b(?:var|if)\(", value)


def sanitize_styles(html: str) -> str:
    """Return HTML with only the declarations that are left."""
    return re.sub(
        r' style="([^"]*)"',
        lambda match: f' style="{";".join(filter(survives, declarations(match[1])))}"',
        html,
    )
