"""The end of a cell's outputs: what is kept of a kernel's messages."""

from __future__ import annotations

import base64
from typing import Any

from streamnb.core.content import Blob
from streamnb.magic import cell_outputs
from streamnb.magic.cell_outputs import CellOutputs


def display_content(**data: Any) -> dict[str, Any]:
    return {"data": {name.replace("_", "/", 1): value for name, value in data.items()}, "metadata": {}}


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    outputs = CellOutputs()
    for number in range(20_000):
        outputs.feed("stream", {"name": "stdout", "text": f"line {number}\n"})
    (text,) = outputs.outputs
    assert isinstance(text, str)
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("line 19998\nline 19999\n")
    assert "characters left out]" in text
    assert len(text) < 40_000


def test_only_the_last_outputs_are_kept() -> None:
    outputs = CellOutputs()
    for number in range(500):
        outputs.feed("display_data", display_content(text_plain=str(number)))
    assert len(outputs.outputs) == cell_outputs.MAX_OUTPUTS
    assert outputs.outputs[-1] == "499"


def test_pictures_are_pictures_unless_they_are_too_large() -> None:
    outputs = CellOutputs()
    outputs.feed(
        "display_data", display_content(image_png=base64.b64encode(b"PNG").decode(), text_plain="<Figure>")
    )
    outputs.feed("display_data", display_content(image_png="no base64!", text_plain="<Figure>"))
    outputs.feed("display_data", display_content(image_jpeg=b"J" * (cell_outputs.MAX_PICTURE_BYTES + 1)))
    assert outputs.outputs[0] == Blob("image/png", b"PNG")
    assert outputs.outputs[2] == "[a picture of 5,000,001 bytes, too large to be kept]"
    assert outputs.picture_size_bytes >= 3
    outputs.drop_pictures()
    assert outputs.picture_size_bytes == 0


def test_what_has_no_text_is_named_and_a_widget_is_nothing() -> None:
    outputs = CellOutputs()
    outputs.feed(
        "display_data", display_content(text_html="<b>x</b>", text_plain="<IPython.core.display.HTML object>")
    )
    outputs.feed(
        "display_data", {"data": {"application/vnd.jupyter.widget-view+json": {}, "text/plain": "Widget()"}}
    )
    outputs.feed("display_data", {"data": {"text/plain": "an answer"}, "metadata": {"streamnb": {}}})
    outputs.feed("display_data", {"data": {"application/json": {}}})
    assert outputs.outputs == ("[an output of kind HTML]",)
