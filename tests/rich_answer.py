"""One notebook with all that answers leave, for every exporter; ``rich_answer.md`` is the first text."""

from __future__ import annotations

from pathlib import Path

import nbformat

from streamnb import Citation, Replies, Reply
from streamnb.core.events import Usage
from streamnb.core.reply import ToolCall
from streamnb.core.table_row import TableRow
from streamnb.core.timing import Timing
from streamnb.providers.demo import answer_for
from streamnb.render import comparison, replies_table, snapshot, xray
from streamnb.storage.xray import build_xray
from streamnb.views.display_update_columns import ColumnOutput
from streamnb.views.display_update_columns import bundle as columns_bundle

__all__ = ["RICH", "rich_notebook"]

RICH = Path(__file__).with_name("rich_answer.md").read_text(encoding="utf-8")
MODEL = "openai:gpt-x"
USAGE = Usage(input_tokens=12, output_tokens=345)
GAPS = tuple(0.01 + 0.02 * (index % 5) for index in range(60))


def _timing(shift: float = 0.0) -> Timing:
    return Timing(0.4 + shift, 0.5 + shift, 4.2 + shift, 80.0, 61, tuple(gap + shift / 90 for gap in GAPS))


def _reply(text: str, **fields: object) -> Reply:
    return Reply(text, **{"model": MODEL, "usage": USAGE, "timing": _timing(), "cost": 0.0012} | fields)


ANSWER = _reply(
    RICH,
    reasoning="Think of **clouds** first, then of $F = mg$.",
    citations=[Citation("The sky, a page", "https://example.org/sky-page")],
    tool_calls=[ToolCall("weather", {"city": "Rome", "days": 2}, "c", "wet\nand *cold*")],
)
STOPPED = _reply("It was going to\n\n```python\ndef half(", state="interrupted")
FAULT = _reply("The beginning of <b>", state="error", error="the provider said: quota *used* up")


def _columns() -> snapshot.MimeBundle:
    columns: dict[str, ColumnOutput] = {}
    replies = {
        "openai:gpt-x": _reply("The **left** one:\n\n```python\nif left:\n    go()\n```\n\n$x^2$"),
        "gemini:flash_2": _reply("The *right* one.\n\n1. once\n2. twice", timing=_timing(0.5), cost=0.004),
    }
    for name, reply in replies.items():
        columns[name] = ColumnOutput(name, "")
        columns[name].finalize(snapshot.bundle(reply))
    return columns_bundle(columns, comparison.answers_table(replies))


def _paces() -> snapshot.MimeBundle:
    columns: dict[str, ColumnOutput] = {}
    replies = {"async": _reply("The same."), "sync": _reply("The same.", timing=_timing(0.9))}
    for name, reply in replies.items():
        columns[name] = ColumnOutput(name, "")
        columns[name].finalize(snapshot.bundle(reply))
    return columns_bundle(columns, comparison.pace_table(replies))


def _table() -> snapshot.MimeBundle:
    first = _reply("# Tea\n\nGreen **tea**.", row=TableRow("a drink", {"drink": "tea"}, {"score": 0.5}))
    second = _reply("Black.", row=TableRow("another", {"drink": "coffee|milk"}, {"score": 1.0}))
    return replies_table.bundle(Replies([first, second]))


def _fields() -> snapshot.MimeBundle:
    return snapshot.bundle(_reply('{"name": "Rome", "founded": -753, "hills": ["Palatine"]}', schema="City"))


def rich_notebook() -> nbformat.NotebookNode:
    """Return the notebook: a code cell for each kind of output."""
    bundles = {
        f"%%stream {MODEL}\nHow does rain fall?": snapshot.bundle(ANSWER),
        f"%%stream {MODEL}\nstopped by hand": snapshot.bundle(STOPPED),
        f"%%stream {MODEL}\nended by a fault": snapshot.bundle(FAULT),
        "%%stream -m openai:gpt-x -m gemini:flash_2\nside by side": _columns(),
        "%stream compare": _paces(),
        "%%stream demo:thinking --xray\nlooked into": xray.bundle(build_xray(answer_for("thinking", ""))),
        "map(drinks)": _table(),
        f"%%stream {MODEL} --schema City\nRome": _fields(),
    }
    cells = [nbformat.v4.new_markdown_cell("# Notes\n\nA cell of one's own, with $y = x^3$.")]
    for number, (source, bundle) in enumerate(bundles.items(), 1):
        output = nbformat.v4.new_output("display_data", data=bundle.data, metadata=bundle.metadata)
        cells.append(nbformat.v4.new_code_cell(source, outputs=[output], execution_count=number))
    for cell in cells:
        cell.metadata["slideshow"] = {"slide_type": "slide"}
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook.metadata["language_info"] = {"name": "python"}
    nbformat.validate(notebook)
    return notebook
