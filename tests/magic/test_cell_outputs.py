"""The end of a cell's outputs: what is kept of a kernel's messages."""

from __future__ import annotations

import base64
from typing import Any

from streamnb.core.content import Blob
from streamnb.magic import cell_outputs
from streamnb.magic.cell_outputs import CellOutputs


def shown(**data: Any) -> dict[str, Any]:
    return {"data": {name.replace("_", "/", 1): value for name, value in data.items()}, "metadata": {}}


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    tail = CellOutputs()
    for number in range(20_000):
        tail.feed("stream", {"name": "stdout", "text": f"line {number}\n"})
    (text,) = tail.outputs
    assert isinstance(text, str)
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("line 19998\nline 19999\n")
    assert "characters left out]" in text
    assert len(text) < 40_000


def test_only_the_last_outputs_are_kept() -> None:
    tail = CellOutputs()
    for number in range(500):
        tail.feed("display_data", shown(text_plain=str(number)))
    assert len(tail.outputs) == cell_outputs.MAX_OUTPUTS
    assert tail.outputs[-1] == "499"


def test_pictures_are_pictures_unless_they_are_too_large() -> None:
    tail = CellOutputs()
    tail.feed("display_data", shown(image_png=base64.b64encode(b"PNG").decode(), text_plain="<Figure>"))
    tail.feed("display_data", shown(image_png="no base64!", text_plain="<Figure>"))
    tail.feed("display_data", shown(image_jpeg=b"J" * (cell_outputs.MAX_PICTURE_BYTES + 1)))
    assert tail.outputs[0] == Blob("image/png", b"PNG")
    assert tail.outputs[2] == "[a picture of 5,000,001 bytes, too large to be kept]"
    assert tail.picture_bytes >= 3
    tail.drop_pictures()
    assert tail.picture_bytes == 0


def test_what_has_no_text_is_named_and_a_widget_is_nothing() -> None:
    tail = CellOutputs()
    tail.feed("display_data", shown(text_html="<b>x</b>", text_plain="<IPython.core.display.HTML object>"))
    tail.feed("display_data", {"data": {cell_outputs._WIDGET_MIME: {}, "text/plain": "Widget()"}})
    tail.feed("display_data", {"data": {"text/plain": "an answer"}, "metadata": {"streamnb": {}}})
    tail.feed("display_data", {"data": {"application/json": {}}})
    assert tail.outputs == ("[an output of kind HTML]",)
