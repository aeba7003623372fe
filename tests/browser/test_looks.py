"""The live output and the saved one look the same, in every theme, and can be used by everybody."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.browser.lab import DARK, OpenNotebook, Server, until
from tests.browser.test_first_light import ALL_KINDS, TEXT
from tests.support import missing

pytestmark = pytest.mark.browser

COLOURFUL = """

```python
@decorated
class Cloud(Exception):  # a comment
    drops = 3.5 + len(f"{None}\\n")
```

```html
<p class="x">&amp;</p>
```

```diff
-gone
+new
```

```console
$ echo $HOME
```

- [x] a formula $x^2$, and a footnote[^1]

[^1]: The note.

$$\\frac{a}{b}$$

The end.
"""
LIVE = f"""
TEXT += {COLOURFUL!r}
view = WidgetView('demo:test'); view.open(lambda: None)
view.show([*asides, *pieces(TEXT)])"""
END = (
    "reply = ReplyBuilder('demo:test'); reply.feed([*asides, *pieces(TEXT), Finished('complete')], 1.0)"
    "\nview.close(reply.build_reply(2.0))"
)
LONG = """
from tests.browser.watch import long_answer
TEXT = long_answer(20_000)
view = WidgetView('demo:test'); view.open(lambda: None)
for at in range(0, len(TEXT), 500):
    view.show([TextDelta(TEXT[at:at + 500])])
    await asyncio.sleep(0.02)
"""
AXE = "axe.run('.jp-OutputArea-output', {resultTypes: ['violations', 'incomplete']})"


@pytest.fixture
def dark(lab: Server) -> Iterator[None]:
    """JupyterLab in its dark theme."""
    lab.write_settings(DARK)
    yield
    for name in DARK:
        (lab.folder / "settings" / name).unlink()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, from npm."""
    npm = shutil.which("npm")
    if npm is None:
        missing("npm, which fetches axe-core, is not on PATH")
    folder = tmp_path_factory.mktemp("axe")
    done = subprocess.run(
        [npm, "install", "--no-audit", "--no-fund", "--prefix", str(folder), "axe-core@4"],
        capture_output=True,
        check=False,
    )
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    if done.returncode or not source.exists():
        missing("axe-core could not be fetched")
    return source.read_text()


def live(open_notebook: Callable[..., OpenNotebook]) -> OpenNotebook:
    notebook = open_notebook(ALL_KINDS + LIVE, "from streamnb.core.events import Finished\n" + END)
    notebook.run(0)
    until(lambda: "The end." in notebook.output(0).inner_text(), "the text", notebook.page)
    return notebook


def end(notebook: OpenNotebook) -> None:
    notebook.run(1)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    notebook.output(0).locator(".snb-footer").wait_for()
    notebook.output(0).locator(".snb-maths math").nth(1).wait_for()  # the formulas have stayed


def height(notebook: OpenNotebook, part: str) -> float:
    box = notebook.output(0).locator(part).first.bounding_box()
    assert box is not None
    return box["height"]


def violations(notebook: OpenNotebook, axe: str, *, width: int = 1100) -> list[Any]:
    notebook.page.set_viewport_size({"width": width, "height": 4000})
    notebook.page.evaluate(axe)
    # The body is 0 px high with its overflow hidden, and axe does not look at what is cut off.
    notebook.page.add_style_tag(content="body, body * { overflow: visible !important }")
    violations = notebook.page.evaluate(AXE)
    contrast = [
        rule for rule in violations["passes"] + violations["violations"] if rule["id"] == "color-contrast"
    ]
    assert contrast, "axe has not looked at the colours"
    return [
        (rule["id"], [(node["html"][:120], node["failureSummary"][:300]) for node in rule["nodes"]])
        for rule in violations["violations"]
        if rule["impact"] in ("serious", "critical")
    ]


def assert_none(violations: list[Any]) -> None:
    print(json.dumps(violations, indent=1))
    assert not violations


@pytest.mark.slow
def test_nothing_jumps_when_the_widget_gives_way(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = live(open_notebook)
    notebook.page.set_viewport_size({"width": 1500, "height": 1800})  # the footer has one line, then and now
    notebook.screenshot("light-live")
    before = {part: height(notebook, part) for part in (".streamnb", ".snb-answer", ".snb-aside")}
    end(notebook)
    notebook.screenshot("light-end")
    after = {part: height(notebook, part) for part in before}
    print(before, after)
    assert after[".snb-answer"] == pytest.approx(before[".snb-answer"], abs=2)
    assert after[".streamnb"] == pytest.approx(before[".streamnb"], rel=0.02)
    assert notebook.output(0).locator("mjx-container").count() == 0


@pytest.mark.slow
@pytest.mark.parametrize("at_the_end", [True, False])
def test_a_long_answer_is_as_high_while_it_streams_as_afterwards(
    open_notebook: Callable[..., OpenNotebook], at_the_end: bool
) -> None:
    notebook = open_notebook(
        f"from tests.browser.feed import *\n{LONG}",
        "from streamnb.core.reply_builder import ReplyBuilder\ndraft = ReplyBuilder('demo:test')\n"
        "draft.feed([*pieces(TEXT), Finished('complete')], 1.0); view.close(draft.build_reply(2.0))",
    )
    if not at_the_end:  # the reader looks at what stands above, and nobody ever sees the text
        notebook.page.set_viewport_size({"width": 1100, "height": 300})
    notebook.run(0)
    text = notebook.output(0).locator(".snb-answer")
    until(lambda: "That was all" in text.inner_text(), "the text", notebook.page)
    assert notebook.output(0).locator(".snb-still").count() > 5
    before = height(notebook, ".snb-answer")
    notebook.run(1)
    notebook.output(0).locator(".snb-live").wait_for(state="detached")
    assert height(notebook, ".snb-answer") == pytest.approx(before, abs=2)


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_the_light_theme(
    open_notebook: Callable[..., OpenNotebook], axe: str
) -> None:
    notebook = live(open_notebook)
    assert_none(violations(notebook, axe))
    end(notebook)
    assert_none(violations(notebook, axe))


@pytest.mark.slow
@pytest.mark.usefixtures("dark")
def test_axe_finds_nothing_serious_in_the_dark_theme(
    open_notebook: Callable[..., OpenNotebook], axe: str
) -> None:
    notebook = live(open_notebook)
    notebook.page.locator("body[data-jp-theme-light=false]").wait_for(state="attached")
    notebook.screenshot("dark-live")
    assert_none(violations(notebook, axe))
    end(notebook)
    notebook.page.set_viewport_size({"width": 560, "height": 900})
    notebook.screenshot("dark-narrow-end")
    assert_none(violations(notebook, axe))


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_a_narrow_page_that_streams(
    open_notebook: Callable[..., OpenNotebook], axe: str
) -> None:
    notebook = open_notebook(
        ALL_KINDS + "from tests.browser.everything import EVERYTHING",
        "view = WidgetView('demo:test'); view.open(lambda: None); view.show([*asides, *pieces(EVERYTHING)])",
    )
    notebook.run(0)
    notebook.run(1)
    until(lambda: "The end." in notebook.output(1).inner_text(), "the text", notebook.page)
    assert_none(violations(notebook, axe, width=420))


@pytest.mark.slow
def test_copy_answer_gives_the_markdown_source(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(ALL_KINDS + LIVE)
    notebook.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    notebook.run(0)
    until(lambda: "The end." in notebook.output(0).inner_text(), "the text", notebook.page)
    notebook.output(0).get_by_role("button", name="Copy answer").click()
    notebook.output(0).locator(".snb-done").wait_for()
    assert notebook.page.evaluate("navigator.clipboard.readText()") == TEXT + COLOURFUL


@pytest.mark.slow
def test_formulas_of_other_cells_stay_as_they_were(open_notebook: Callable[..., OpenNotebook]) -> None:
    mine = "from IPython.display import Markdown; display(Markdown(r'It is $\\alpha$.'))"
    theirs = r"""from tests.browser.feed import *
await play(pieces(r"One $\def\alpha{X} \alpha$ and two $\beta$, for $5 and $6."))"""
    notebook = open_notebook(theirs, mine)
    notebook.run(0)  # shows the saved output, too, in which the front end sets the formulas
    notebook.output(0).locator("mjx-container").wait_for()
    notebook.run(1)
    notebook.output(1).locator("mjx-container").wait_for()
    letters = "(box) => [...box.querySelectorAll('mjx-c')].map((each) => each.className).join()"
    assert notebook.output(1).evaluate(letters) == "mjx-c1D6FC TEX-I"
    assert "for $5 and $6." in notebook.output(0).inner_text()
