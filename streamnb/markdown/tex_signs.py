r"""Spelling of the signs, roots, brackets and spaces of a formula in commands that the converters know.

``∅`` becomes ``\emptyset``, ``√(x)`` a root, ``\left< x \right>`` angles, ``\hspace{1em}`` a small space: how
wide a blank is matters to no reader, and a wide one could move a formula out of its place.
"""

from __future__ import annotations

import re

__all__ = ["spell_signs"]

_SIGN_COMMANDS = str.maketrans(
    {
        "∅": r"\emptyset ",
        "∠": r"\angle ",
        "∡": r"\measuredangle ",
        "∢": r"\sphericalangle ",
        "∴": r"\therefore ",
        "∵": r"\because ",
        "⊤": r"\top ",
        "⊥": r"\perp ",
    }
)  # math-core knows these by their names only
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&", "&nbsp;": " "}
_ENTITY = re.compile("|".join(_ENTITIES))
_ROOT = re.compile(r"([√∛∜])(?:\{([^{}]*)\}|\(([^()]*)\)|(\d+|\w))")
_ROOT_DEGREES = {"√": "", "∛": "[3]", "∜": "[4]"}
_ANGLE = re.compile(r"(\\(?:left|right|middle|[bB]igg?[lrm]?))\s*([<>])")
_NEGATIVE_LENGTH = r"-(?:0?\.\d+\s*e[mx]|\d{1,2}(?:\.\d+)?\s*(?:pt|mu))"
_LENGTH = rf"(?:\d[\d.]*\s*[a-z]{{2}}|{_NEGATIVE_LENGTH})"
_SPACE = re.compile(rf"\\(?:[hm]skip|m?kern)\s*{_LENGTH}|\\[hm]space\*?\s*\{{\s*{_LENGTH}\s*\}}")


def spell_signs(source: str) -> str:
    """Return a formula with commands for its signs, HTML entities, roots, angles and spaces."""
    source = _ENTITY.sub(lambda entity: _ENTITIES[entity[0]], source)
    source = source.translate(_SIGN_COMMANDS)
    source = _ROOT.sub(
        lambda root: rf"\sqrt{_ROOT_DEGREES[root[1]]}{{{root[2] or root[3] or root[4] or ''}}}", source
    )
    source = _ANGLE.sub(lambda angle: angle[1] + (r"\langle " if angle[2] == "<" else r"\rangle "), source)
    return _SPACE.sub(lambda space: r"\! " if "-" in space[0] else r"\, ", source)
