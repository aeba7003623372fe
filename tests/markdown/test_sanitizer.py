"""Whatever a model writes, the HTML holds only what is listed, and asks for nothing.

The payloads were collected by others, to break sanitizers.  Each is rendered as it is, wrapped in every
piece of syntax that has a rule of its own, and (slow) cut at every character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.markdown import LiveMarkdown
from streamnb.markdown.parser import new_parser
from streamnb.markdown.sanitizer import (
    ALLOWED_ATTRIBUTES,
    ALLOWED_CLASSES,
    ALLOWED_SCHEMES,
    ALLOWED_STYLES,
    sanitize,
)
from tests.markdown.reading import read
from tests.support import shared

_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):")
_DATA_IMAGE = re.compile(r"data:image/(png|gif|jpeg|webp);base64,[A-Za-z0-9+/=]+")


def one_line(text: str) -> str:
    """Return a text without what would end the syntax that it is put into."""
    return " ".join(text.split())


WRAPPERS: dict[str, Callable[[str], str]] = {
    "as it is": lambda text: text,
    "formula": lambda text: f"${one_line(text)}$",
    "formula in brackets": lambda text: f"\\({one_line(text)}\\) \\[{one_line(text)}\\]",
    "formula over lines": lambda text: f"\\[\n{one_line(text)}\n\\]\n",
    "environment": lambda text: f"\\begin{{align}}\n{one_line(text)}\n\\end{{align}}",
    "math fence": lambda text: f"~~~~~~ math\n{text}\n~~~~~~\n",
    "marked text": lambda text: f"=={one_line(text)}== **가({one_line(text)})**나",
    "small HTML": lambda text: f"<sub>{text}</sub> <kbd>{text} <br>{text}</kbd> <b><i>{text}</b></i>",
    "alert": lambda text: f"> [!NOTE]\n> {one_line(text)}\n",
    "fold": lambda text: f"<details>\n<summary>{one_line(text)}</summary>\n\n{text}\n</details>\n",
    "open fold": lambda text: f"<details><summary>{one_line(text)}</summary>\n{text}",
    "text of a formula": lambda text: f"$\\text{{{one_line(text)}}}$",
    "operator of a formula": lambda text: f"$$\n\\operatorname{{{one_line(text)}}}\n$$",
    "text and formula in a formula": lambda text: f"\\(\\text{{{one_line(text)} \\({one_line(text)}\\) }}\\)",
    "tag and label of a formula": lambda text: (
        f"\\[x \\tag{{{one_line(text)}}} \\eqref{{{one_line(text)}}}\\]"
    ),
    "chemistry": lambda text: (
        f"\\(\\ce{{{one_line(text)} ->[{one_line(text)}] {text}}} \\SI{{5}}{{{one_line(text)}}}\\)"
    ),
    "doubled formula": lambda text: f"\\( \\\\frac{{{one_line(text)}}}{{x}} \\\\)",
    "formula in doubled brackets": lambda text: (
        f"\\\\(x^2 {one_line(text)}\\\\) \\\\[x_1 {one_line(text)}\\\\]"
    ),
    "signs, angles and arrows of a formula": lambda text: (
        f"\\(∅ √({one_line(text)}) \\left< {one_line(text)} \\right> \\xmapsto[{one_line(text)}]{{x}}\\)"
    ),
    "formula in a cell": lambda text: (
        f"| a | b |\n|-|-|\n| $|{one_line(text)}|$ | \\({one_line(text)}|x\\) |\n"
    ),
    "closed fence": lambda text: f"~~~~~~ python\n{text}\n~~~~~~\n",
    "html in a fence": lambda text: f"~~~~~~ html\n{text}\n~~~~~~\n",
    "open fence": lambda text: f"~~~~~~ js\n{text}",
    "info string": lambda text: f"~~~ {one_line(text)}\ncode\n~~~\n",
    "code": lambda text: f"`` {one_line(text)} ``",
    "text of a link": lambda text: f"[{text}](https://example.org)",
    "address of a link": lambda text: f"[text](<{one_line(text)}>)",
    "bare address of a link": lambda text: f"[text]({text})",
    "title of a link": lambda text: f'[text](https://example.org "{text}")',
    "autolink": lambda text: f"<{text}>",
    "web address": lambda text: f"https://example.org/{text} www.example.org/{text}",
    "address of an image": lambda text: f"![text](<{one_line(text)}>)",
    "host of an image": lambda text: f"![text](https://{text})",
    "data of an image": lambda text: f"![text](<data:image/png;base64,{one_line(text)}>)",
    "words of an image": lambda text: f"![{text}](https://example.org/a.png)",
    "title of an image": lambda text: f'![text](https://example.org/a.png "{text}")',
    "table": lambda text: f"| {text} | b |\n|:-:|--:|\n| {one_line(text)} | {one_line(text)} |\n",
    "definition": lambda text: f"[text] ![text]\n\n[text]: <{one_line(text)}>\n",
    "bare definition": lambda text: f"[text] ![text]\n\n[text]: {text}\n",
    "title of a definition": lambda text: f"[text] ![text]\n\n[text]: /address '{text}'\n",
    "footnote": lambda text: f"word[^1]\n\n[^1]: {text}\n",
    "label of a footnote": lambda text: f"word[^{text}]\n\n[^{text}]: note\n",
    "task": lambda text: f"- [ ] {text}\n- [x] {text}\n",
    "quote in a list": lambda text: f"- > {text}\n",
}


@cache
def parser(maths: Any = "mathml", images: Any = "ask") -> Any:
    """Return one parser of a kind for all tests: making one takes longer than a short text."""
    return new_parser(maths=maths, images=images)


def faults(html: str) -> list[str]:
    """Name everything in ``html`` that must not be there."""
    page, violations = read(html), []
    violations += [tag for tag in page.tags if tag.lstrip("/") not in ALLOWED_ATTRIBUTES]
    for element, name, value in page.attributes:
        scheme = _SCHEME.match(value)
        if name not in ALLOWED_ATTRIBUTES.get(element, ()):
            violations.append(f"{element} {name}")
        elif name == "class" and not all(ALLOWED_CLASSES.fullmatch(part) for part in value.split(" ")):
            violations.append(f"class {value}")
        elif name == "href":
            if value.lstrip().startswith(("//", "\\")) or (
                scheme and scheme[1].lower() not in ALLOWED_SCHEMES
            ):
                violations.append(f"href {value}")
        elif name == "src" and not _DATA_IMAGE.fullmatch(value):
            violations.append(f"src {value}")
        elif name == "style":
            names = {part.split(":")[0].strip() for part in value.split(";")}
            violations += [value] if "(" in value or "\\" in value or not names <= ALLOWED_STYLES else []
        elif name == "id":
            violations.append(f"id {value}")
    return violations


def payloads() -> list[str]:
    """Return the collected payloads."""
    lines = shared("xss/payloads.jsonl").read_text("utf-8").split("\n")
    return [json.loads(line)["payload"] for line in lines if line]


@pytest.mark.parametrize("maths", ["mathml", "tex"])
def test_no_payload_makes_an_element_attribute_scheme_or_request_outside_the_list(maths: str) -> None:
    for text in payloads():
        html = parser(maths).render(text)
        assert faults(html) == [], text
        assert sanitize(html) == html, text


@pytest.mark.slow
@pytest.mark.parametrize("name", WRAPPERS)
def test_no_payload_gets_out_of_what_it_is_wrapped_in(name: str) -> None:
    wrap = WRAPPERS[name]
    for text in payloads():
        for maths in ("mathml", "tex"):
            html = parser(maths).render(wrap(text))
            assert faults(html) == [], wrap(text)
            assert sanitize(html) == html, wrap(text)


def test_a_few_payloads_do_not_get_out_of_what_they_are_wrapped_in() -> None:
    for text in payloads()[::25]:
        for wrap in WRAPPERS.values():
            html = parser().render(wrap(text))
            assert faults(html) == [], wrap(text)
            assert sanitize(html) == html, wrap(text)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_prefix_of_a_payload_makes_anything_outside_the_list() -> None:
    seen = set()
    for text in payloads():
        if len(text) <= 400:
            seen |= {text[:end] for end in range(1, len(text))}
    assert len(seen) > 20_000
    for prefix in seen:
        assert faults(parser().render(prefix)) == [], prefix


OPEN = (
    "\\(",
    "\\[\n",
    "$$",
    "\\begin{align}\n",
    "```math\n",
    "<sub>*a ",
    "<details>\n<summary>",
    "> [!NOTE]\n> ",
)


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 300])
def test_no_payload_gets_out_of_what_is_only_about_to_be(step: int) -> None:
    for text in payloads()[::step]:
        for opening in OPEN:
            live = LiveMarkdown()
            for piece in (f"x\n\n{opening}", text[: len(text) // 2], text[len(text) // 2 :]):
                live.feed(piece)
                assert faults(live.html) == [], (opening, text)
                assert sanitize(live.html) == live.html


SIGNS = r"""
< > " ' & ; ` ``` ~~~ $ $$ \ [ ] ( ) ! # * _ ~ | - + : // http:// https:// www. @ a.b &#x09; &lt; &nbsp;
javascript: data:image/png;base64,AA== <img <script> onerror= [^a] [^a]: [a]: ]( \text{ } \begin{ \frac style=
"""
LETTERS = ["\0", "\ufffd", "é", "漢", "\xa0", "\u202e", "\ud83d", "😀"]
BLANKS = ["\n", "\n\n", " ", "\t", "\r", "    ", "> ", "- ", "1. ", "- [ ] ", "|-|-|\n"]
PIECES = st.sampled_from([*SIGNS.split(), *LETTERS, *BLANKS])


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_soup_of_markup_makes_anything_outside_the_list(text: str) -> None:
    for kind in ("mathml", "tex"):
        html = parser(kind).render(text)
        assert faults(html) == []
        # What cannot be encoded reaches no browser; the wall writes it as one would.
        decoded = html.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert sanitize(html) == decoded


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">x</a>',
        '<p style="background:url(//evil.example/x)">x</p>',
        '<form action="//evil.example"><input type=image src=//evil.example/x></form>',
        '<span id="cookie" class="jp-Cell" data-commandlinker-command="x">x</span>',
        "<svg><style><img src=x onerror=alert(1)></style></svg>",
        '<math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
        '<img src="https://evil.example/x.png">',
        '<a href="data:text/html,x">x</a><a href="vscode://x">x</a>',
    ],
)
def test_the_second_wall_takes_out_what_the_renderer_would_never_write(text: str) -> None:
    assert faults(sanitize(text)) == []
