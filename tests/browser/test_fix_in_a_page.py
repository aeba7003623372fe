"""An error is explained and its corrected cell run by hand, in a real JupyterLab and Notebook 7."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import OpenNotebook, until

pytestmark = [pytest.mark.browser, pytest.mark.slow]

READINGS = 'readings = {"Mon": 14.5, "Tue": 16.0, "Wed": "n/a", "Thu": 15.5}\n%load_ext streamnb'
FAILS = "def mean(values):\n    return sum(values) / len(values)\n\n\nmean(readings.values())"


@pytest.mark.parametrize("application", ["lab/tree", "notebooks"])
def test_the_corrected_cell_comes_below_and_runs_when_somebody_runs_it(
    open_notebook: Callable[..., OpenNotebook], application: str
) -> None:
    notebook = open_notebook(READINGS, FAILS, "%stream fix demo:fix --speed 0", application=application)
    notebook.run(0)
    notebook.run(1)
    notebook.run(2)
    made = notebook.page.locator(".jp-Notebook .jp-CodeCell")
    until(lambda: made.count() == 4, "the corrected cell", notebook.page)
    message = notebook.output(2).inner_text()
    assert "cell [2]: TypeError" in message
    assert "Wednesday's is the text" in message
    notebook.screenshot(f"fix-{application.split('/')[0]}")
    assert "15.33" not in made.nth(3).inner_text()  # nothing runs by itself
    notebook.run(3)
    until(lambda: "15.33" in made.nth(3).inner_text(), "the mean", notebook.page)
    cell = notebook.save().cells[3]
    assert cell.source.startswith("def mean(values):\n    known = [")
    assert cell.source.endswith("mean(readings.values())")


def test_a_click_stops_it(open_notebook: Callable[..., OpenNotebook]) -> None:
    notebook = open_notebook(READINGS, FAILS, "%stream fix demo:long")
    for index in (0, 1):
        notebook.run(index)
    notebook.run(2, wait=False)
    notebook.output(2).get_by_role("button", name="Stop").click()
    state = notebook.output(2).locator(".snb-state")
    until(lambda: state.count() and "interrupted" in state.inner_text().lower(), "the end", notebook.page)
