"""A prompt is coloured as prose, not as Python, once the extension is loaded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import OpenNotebook, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PROMPT = """%%stream demo:haiku
# A heading for the model
Why don't **clouds** fall, and what is `gravity` for {{ city }}?
- one thing
```python
for x in range(3): print("don't")
```"""
COLOURS = """(cell) => {
  const lines = document.querySelectorAll(".jp-CodeCell")[cell].querySelectorAll(".cm-line");
  const colours = [...lines].slice(1).flatMap((line) => [line, ...line.querySelectorAll("span")]);
  return new Set(colours.map((element) => getComputedStyle(element).color)).size;
}"""
HIGHLIGHTED = """() => Object.fromEntries([...CSS.highlights].filter(([name]) => name.startsWith("snb-")).map(
  ([name, ranges]) => [name, [...ranges].map(String)]))"""
IN_BOTH = pytest.mark.parametrize("application", ["lab/tree", "notebooks"])


@IN_BOTH
def test_a_prompt_loses_pythons_colours_and_gets_those_of_markdown(
    open_notebook: Callable[..., OpenNotebook], application: str
) -> None:
    notebook = open_notebook(
        "%load_ext streamnb", PROMPT, PROMPT.split("\n", 1)[1], "", application=application
    )
    page = notebook.page
    until(lambda: page.evaluate(COLOURS, 1) > 2, "the colours of Python", page)
    notebook.run(0)
    page.locator(".snb-prose").wait_for()
    assert page.evaluate(COLOURS, 1) == 1
    assert page.evaluate(COLOURS, 2) > 2  # Python stays Python
    colours = page.evaluate(HIGHLIGHTED)
    assert colours["snb-magic"] == ["%%stream demo:haiku"]
    assert colours["snb-heading"] == ["# A heading for the model"]
    assert colours["snb-code"] == ["`gravity`"]
    assert colours["snb-value"] == ["{{ city }}"]
    assert colours["snb-mark"] == ["**", "**", "- ", "```python", "```"]
    notebook.screenshot(f"prose-{application[:3]}")
    notebook.cell(3).locator(".cm-content").click()
    page.keyboard.type("%%stream\nit's **so**")
    until(lambda: page.locator(".snb-prose").count() == 2, "the new prompt", page)
    until(lambda: page.evaluate(HIGHLIGHTED)["snb-mark"].count("**") == 4, "its marks", page)
    for _ in "%%stream\nit's **so**":
        page.keyboard.press("Backspace")
    until(lambda: page.locator(".snb-prose").count() == 1, "Python again", page)
    assert page.evaluate(HIGHLIGHTED)["snb-mark"].count("**") == 2
