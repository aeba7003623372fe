"""What JupyterLab leaves of outputs that nobody has trusted, beside the same ones trusted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Browser, Page

from streamnb.render.inline_css import rules_by_selector
from tests.browser.kinds import KINDS, make_book
from tests.browser.lab import DARK, OpenNotebook, Server, until
from tests.lab_sanitizer import declarations, survives

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# The same HTML once more beside it, as it is where the notebook is trusted; both are walked through in step.
COMPARE = """(output, html) => {
    const untrusted = output.querySelector('.streamnb')
    const box = untrusted.parentElement.cloneNode(false)
    box.innerHTML = html
    untrusted.parentElement.after(box)
    const trusted = box.querySelector('.streamnb')
    for (const fold of [...untrusted.querySelectorAll('details'), ...trusted.querySelectorAll('details')])
        fold.open = true
    const skip = 'mjx-container, .mathjax_process, .MathJax, .numbering-entry, .jp-InternalAnchorLink'
    const all = root => [root, ...root.querySelectorAll('*')].filter(e => !e.closest(skip))
    const colour = text => {
        const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number)
        return [r, g, b, a]
    }
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1)
    const ground = e => {
        const own = e ? colour(getComputedStyle(e).backgroundColor) : [255, 255, 255, 1]
        return own[3] >= 1 ? own : over(own, ground(e.parentElement))
    }
    const light = c => {
        const linear = x => x <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4
        const [r, g, b] = c.slice(0, 3).map(x => linear(x / 255))
        return .2126 * r + .7152 * g + .0722 * b
    }
    const contrast = (a, b) => (Math.max(light(a), light(b)) + .05) / (Math.min(light(a), light(b)) + .05)
    const dim = e => e ? Number(getComputedStyle(e).opacity) * dim(e.parentElement) : 1
    const facts = e => {
        const style = getComputedStyle(e), rect = e.getBoundingClientRect(), below = ground(e.parentElement)
        const edges = ['Top', 'Right', 'Bottom', 'Left'].map(side => {
            const [width, of, kind] = ['Width', 'Color', 'Style'].map(what => style[`border${side}${what}`])
            return parseFloat(width) && colour(of)[3] > .1 ? kind : ''
        }).join()
        const text = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && rect.height > 0
        const ink = colour(style.color)
        const letters = [...e.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join('').trim()
        ink[3] *= dim(e)
        return {
            name: `${e.tagName} ${e.className}`, letters, edges, display: style.display, colour: style.color,
            width: rect.width, height: rect.height, painted: contrast(ground(e), below) > 1.02,
            contrast: text ? contrast(over(ink, ground(e)), ground(e)) : 99,
        }
    }
    const result = [all(untrusted).map(facts), all(trusted).map(facts)]
    box.remove()
    return result
}"""


@pytest.fixture(scope="module")
def book() -> nbformat.NotebookNode:
    return make_book()


@pytest.fixture(params=["light", "dark"])
def page_in(request: pytest.FixtureRequest, lab: Server, browser: Browser) -> Iterator[tuple[str, Page]]:
    if request.param == "dark":
        lab.write_settings(DARK)
    context = browser.new_context(viewport={"width": 1000, "height": 2400})
    yield request.param, context.new_page()
    context.close()
    for name in DARK if request.param == "dark" else ():
        (lab.folder / "settings" / name).unlink()


def test_every_kind_of_output_tells_the_same(
    lab: Server, page_in: tuple[str, Page], book: nbformat.NotebookNode
) -> None:
    theme, page = page_in
    nbformat.write(book, lab.folder / "untrusted.ipynb")
    notebook = OpenNotebook(page, lab, "untrusted.ipynb").open(kernel=False)
    for index, kind in enumerate(KINDS, 1):
        notebook.cell(index).scroll_into_view_if_needed()
        for number, output in enumerate(book.cells[index].outputs):
            if (html := output.get("data", {}).get("text/html")) is None:
                continue
            area = notebook.output(index).locator(".jp-OutputArea-output").nth(number)
            until(lambda area=area: area.locator(".streamnb").count(), f"the {kind}", page)
            assert_same_look(kind, *area.evaluate(COMPARE, html))
        notebook.screenshot(f"untrusted-{kind}-{theme}")


def assert_same_look(kind: str, untrusted: list[dict[str, Any]], trusted: list[dict[str, Any]]) -> None:
    names = [[element["name"] for element in elements] for elements in (untrusted, trusted)]
    assert names[0] == names[1], (
        kind,
        [pair for pair in zip(*names, strict=False) if pair[0] != pair[1]][:3],
    )
    for mine, theirs in zip(untrusted, trusted, strict=True):
        about = f"{kind}: {mine['name']}: {mine}, trusted {theirs}"
        assert mine["letters"] == theirs["letters"], about
        assert mine["edges"] == theirs["edges"], about
        assert mine["display"] == theirs["display"], about
        assert mine["painted"] or not theirs["painted"], about
        assert mine["contrast"] >= 4.5, about
        if any(name in mine["name"] for name in ("snb-bar", "snb-x-bar", "snb-x-slice", "snb-done-part")):
            assert abs(mine["width"] - theirs["width"]) < 1, about
            assert abs(mine["height"] - theirs["height"]) < 1, about
    for element, other in (("snb-k", "snb-s"), ("snb-gi", "snb-gd")):  # code has more colours than one
        colours = [
            {part["colour"] for part in untrusted if name in part["name"].split()}
            for name in (element, other)
        ]
        assert not (all(colours) and colours[0] == colours[1]), kind


def test_the_model_of_the_sanitizer_agrees_with_the_real_one(lab: Server, page: Page) -> None:
    every = sorted(
        {declaration for body in rules_by_selector().values() for declaration in declarations(body)}
    )
    html = "".join(
        f'<i class="probe" title="{declaration}" style="{declaration}">x</i>' for declaration in every
    )
    output = nbformat.v4.new_output("display_data", {"text/html": html})
    cell = nbformat.v4.new_code_cell("pass", outputs=[output])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), lab.folder / "probes.ipynb")
    notebook = OpenNotebook(page, lab, "probes.ipynb").open(kernel=False)
    notebook.page.locator("i.probe").first.wait_for()
    probes = page.locator("i.probe")
    left = dict(probes.evaluate_all("all => all.map(e => [e.title, !!e.getAttribute('style')])"))
    assert left == {declaration: survives(declaration) for declaration in every}
