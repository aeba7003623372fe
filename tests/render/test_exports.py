"""What other programs make of a saved answer: text and footer can be read, and nothing is asked for."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbconvert import HTMLExporter, MarkdownExporter

from streamnb.core.events import Citation
from streamnb.core.reply import Reply
from streamnb.render import snapshot

TEXT = """# Rain

It **falls**, for $5. See ![a cloud](https://evil.example/cloud.png) and [the sky](https://example.org/).

| kind | drops |
|------|------:|
| mist | few   |

```python
def rain():
    pass
```
"""


@pytest.fixture
def book() -> nbformat.NotebookNode:
    reply = Reply(
        TEXT, model="openai:gpt-x", reasoning="clouds", citations=[Citation("Sky", "https://example.org/sky")]
    )
    shown = snapshot.bundle(reply)
    output = nbformat.v4.new_output("display_data", data=shown.data, metadata=shown.metadata)
    cell = nbformat.v4.new_code_cell("%%stream openai:gpt-x\nrain?", outputs=[output], execution_count=1)
    made = nbformat.v4.new_notebook(cells=[cell])
    nbformat.validate(made)
    return made


def output_of(page: str) -> str:
    found = re.search(r'<div class="streamnb.*', page, re.DOTALL)
    assert found
    return found[0].partition("</main>")[0]


@pytest.mark.parametrize("sanitized", [False, True])
def test_html_shows_text_and_footer_and_loads_nothing(book: nbformat.NotebookNode, sanitized: bool) -> None:
    page, _ = HTMLExporter(sanitize_html=sanitized).from_notebook_node(book)
    shown = output_of(page)
    for words in ("<strong>falls</strong>", "mist", "rain", "openai:gpt-x", "cost unknown"):
        assert words in shown
    assert "<script" not in shown
    assert not re.search(r'\ssrc="(?!data:)', shown)
    assert "<img" not in shown


def test_markdown_keeps_text_and_footer(book: nbformat.NotebookNode) -> None:
    page, _ = MarkdownExporter().from_notebook_node(book)
    for words in ("falls", "mist", "openai:gpt-x", "cost unknown"):
        assert words in page
    assert "<script" not in page
