"""An output that nobody trusts loses every ``var()``, and still has its bars, its frames and its colours."""

from __future__ import annotations

import re

import pytest

from streamnb.core.reply import Reply
from streamnb.render import snapshot
from streamnb.render.inline_css import rules_by_selector

from ..lab_sanitizer import declarations, sanitize_styles, survives

SEEN = ("background", "border", "color", "height", "width", "font-family", "display")
UNSAID = re.compile("transparent|canvas")
ON_THE_GROUND_OF = {".snb-answer mark": ".snb-answer mark"}
GROUND = ".snb-answer pre"


def plain(selector: str) -> dict[str, str]:
    """Return what is left of a rule."""
    return dict(
        declaration.split(":", 1)
        for declaration in declarations(rules_by_selector()[selector])
        if survives(declaration)
    )


@pytest.mark.parametrize("selector", rules_by_selector())
def test_what_a_rule_shows_is_also_said_without_a_variable(selector: str) -> None:
    whole = dict(declaration.split(":", 1) for declaration in declarations(rules_by_selector()[selector]))
    for name, value in whole.items():
        if name.startswith(SEEN) and "var(" in value and name != "color" and not UNSAID.search(value):
            assert name in plain(selector), f"{selector} {{ {name}: {value} }}"


def luminance(colour: str) -> float:
    digits = colour.lstrip("#")
    digits = "".join(2 * digit for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_colour_of_text_that_is_left_stands_on_a_ground_that_is_left() -> None:
    coloured = [selector for selector in rules_by_selector() if "color" in plain(selector)]
    assert len(coloured) > 10
    for selector in coloured:
        ground = plain(ON_THE_GROUND_OF.get(selector, GROUND))["background"]
        dark, light = sorted((luminance(ground), luminance(plain(selector)["color"])))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, selector


def test_an_answer_keeps_its_frames_and_the_colours_of_its_code() -> None:
    text = "# T\n\n```python\ndef f(): return 1\n```\n\n> quote\n\n==mark==\n"
    html = snapshot.bundle(Reply(text, model="openai:m", reasoning="why")).data["text/html"]
    left = sanitize_styles(html)
    assert "var(" not in left
    assert re.search(r'<pre [^>]*style="[^"]*border:1px solid rgba[^"]*background:#262a33', left)
    assert re.search(r'class="snb-k" style="color:#[0-9a-f]{6}', left)
    assert "border-left:3px solid rgba" in left
    assert "background:#ffe58a;color:#111" in left
    assert (
        'class="snb-footer" style="margin:0.3em 0 0;padding:0.45em 0 0.2em;border-top:1px solid rgba' in left
    )
