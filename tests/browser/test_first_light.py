"""In a real JupyterLab: an answer grows while the cell runs, and lasts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser

from tests.browser.lab import OpenNotebook, Server, until

pytestmark = pytest.mark.browser

TEXT = """# Rain

It is **water** that falls, as `rain()` says, see [the sky](https://example.org/).

| kind | drops |
|:-----|------:|
| mist | few   |
| storm| many  |

```python
def rain(drops):
    return drops * 2
```

> Into each life
> some rain must fall.

1. first
2. second

And ![a cloud](https://example.org/cloud.png) passed. The end.
"""
FEED = f"""from tests.browser.feed import *
TEXT = {TEXT!r}
"""
ALL_KINDS = (
    FEED
    + """from streamnb.core.events import *
asides = [ReasoningDelta("Let me think about rain. " * 9), Notice("a notice"),
          ToolCallDelta(0, "c", "look", '{"up": 1}'), Citation("A sky", "https://example.org/sky")]
"""
)


@pytest.mark.parametrize("application", ["lab/tree", pytest.param("notebooks", marks=pytest.mark.slow)])
def test_text_grows_while_the_cell_runs_and_is_markdown(
    open_notebook: Callable[..., OpenNotebook], application: str
) -> None:
    notebook = open_notebook(
        FEED + "await play(pieces(TEXT), rate=25); reply = None", application=application
    )
    notebook.run(0, wait=False)
    output = notebook.output(0)
    output.locator(".snb-live h1").wait_for()
    early = len(output.inner_text())
    output.locator(".snb-live table").wait_for()
    assert notebook.cell(0).locator(".jp-InputPrompt").inner_text().startswith("[*]")
    assert len(output.inner_text()) > early
    notebook.ended(0)
    output.locator(".snb-live").wait_for(state="detached")
    assert output.locator("h1").inner_text() == "Rain"
    assert output.locator("td").first.inner_text() == "mist"
    assert "demo:test" in output.locator(".snb-footer").inner_text()


@pytest.mark.slow
def test_a_saved_answer_is_shown_without_a_kernel(
    open_notebook: Callable[..., OpenNotebook], lab: Server, browser: Browser
) -> None:
    notebook = open_notebook(ALL_KINDS + "await play([*asides, *pieces(TEXT)], rate=4000); reply = None")
    notebook.run(0)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    saved = notebook.save()
    output = saved.cells[0].outputs[0]
    assert len(saved.cells[0].outputs) == 1
    assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
    assert output.metadata["streamnb"]["state"] == "complete"
    assert "widgets" not in saved.metadata

    context = browser.new_context()  # a profile that has not trusted it
    urls: list[str] = []
    context.on("request", lambda request: urls.append(request.url))
    (lab.folder / "copy.ipynb").write_bytes((lab.folder / notebook.name).read_bytes())
    copy = OpenNotebook(context.new_page(), lab, "copy.ipynb").open(kernel=False)
    output_box = copy.output(0)
    until(lambda: "The end." in output_box.inner_text(), "the answer to be shown", copy.page)
    assert "demo:test" in output_box.inner_text()
    assert output_box.locator("details").count() == 3
    assert output_box.locator("details[open]").count() == 0
    copy.screenshot("reopened")
    context.close()
    assert [url for url in urls if not url.startswith((lab.url, "data:", "blob:"))] == []
