"""Conversion of a Python value to message parts: text, a table, a picture, a file.

Optional libraries are told by the names of their types' modules and are never imported:
whoever has such a value has imported them.  Bytes and files are ``files``' business.
"""

from __future__ import annotations

import base64
import inspect
import io
import json
import re
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ..core.content import Blob, Link, Part, ProviderPart, Text, ToolCallPart, ToolResultPart, Upload
from ..core.errors import UsageError
from ..core.sent_items import picture_size
from ..core.text import sanitize_line, with_article
from .files import part_from_bytes, part_from_typed_bytes, parts_from_file

__all__ = ["describe_parts", "to_parts"]

MAX_ROWS = 200
_MEMORY_ADDRESS_REPR = re.compile(r"<[^\n]* at 0x[0-9a-fA-F]+[^\n]*>")
MAX_CHARACTERS = 20_000


def to_parts(value: Any) -> tuple[Part, ...]:
    """Return the parts that stand for ``value``, in order; text for whatever is nothing special.

    What is above 20 MB is an ``Upload``, which not every provider takes.

    Raises
    ------
    UsageError
        A file cannot be read, bytes are of an unknown kind, an object knows no text but its address in
        memory, or it is beyond all bounds.
    """
    match value:
        case Text() | Blob() | Upload() | Link() | ProviderPart() | ToolCallPart() | ToolResultPart():
            return (value,)
        case str():  # a Reply is one too
            return (Text(str.__str__(value)),)
        case bytes() | bytearray() | memoryview():
            return (part_from_bytes(bytes(value)),)
        case Path():
            return parts_from_file(value)
        case BaseException():
            return (Text("".join(traceback.format_exception(value)).rstrip()),)
    for is_kind, convert in _CONVERTERS:
        if is_kind(value):
            return (convert(value),)
    if isinstance(value, list | tuple) and value and all(_is_separate_part(item) for item in value):
        return tuple(part for item in value for part in to_parts(item))
    if all(getattr(type(value), name) is getattr(object, name) for name in ("__str__", "__repr__")):
        name = with_article(sanitize_line(type(value).__name__, 40))
        raise UsageError(
            f"{name} has no text of its own and cannot be sent; name one of its attributes, or str(…) of it"
        )
    text = _value_to_text(value)
    if inspect.ismodule(value) or _MEMORY_ADDRESS_REPR.fullmatch(text):
        name = with_article(sanitize_line(type(value).__name__, 40))
        raise UsageError(
            f"{name} has no text of its own and cannot be sent ({sanitize_line(text.replace('<', '‹'), 60)})"
        )
    return (Text(text),)


def describe_parts(parts: Sequence[Part]) -> str:
    """Return kind and size of parts in a few words.

    >>> describe_parts((Text("four"),))
    '4 characters'
    """

    def one(part: Part) -> str:
        match part:
            case Text(text):
                return f"{len(text):,} character" + "s" * (len(text) != 1)
            case Blob(mime_type, data):
                size = picture_size(data)
                return f"{mime_type}, {len(data):,} bytes" + (
                    f", {size[0]} × {size[1]} pixels" if size else ""
                )
            case Upload(mime_type, _, size):
                return f"{mime_type}, {size:,} bytes"
            case Link(url):
                return url
            case _:
                return "a value of the provider's own"

    return " + ".join(map(one, parts))


# --- values of other libraries -------------------------------------------------------


def _is_table(value: Any) -> bool:
    return any(
        base.__name__ in ("DataFrame", "Series") and base.__module__.partition(".")[0] in ("pandas", "polars")
        for base in type(value).__mro__
    )


def _is_pillow_image(value: Any) -> bool:
    return any(base.__module__ == "PIL.Image" and base.__name__ == "Image" for base in type(value).__mro__)


def _is_matplotlib_figure(value: Any) -> bool:
    library = type(value).__module__.partition(".")[0]
    return library in ("matplotlib", "seaborn") and _matplotlib_figure_of(value) is not None


def _has_picture_repr(value: Any) -> bool:
    return hasattr(type(value), "_repr_png_") or hasattr(type(value), "_repr_jpeg_")


def _is_sdk_value(value: Any) -> bool:
    # Not their containers and clients: what their SDK's own value classes are made with.
    return type(value).__module__.startswith(("google.genai", "openai.types")) and not inspect.isroutine(
        value
    )


def _has_source_code(value: Any) -> bool:
    return inspect.isroutine(value) or inspect.isclass(value)


def _is_separate_part(value: Any) -> bool:
    """Tell whether an item of a list becomes a part by itself, and is not written as JSON."""
    binary = isinstance(value, bytes | bytearray | memoryview | Path | Blob | Link | ProviderPart)
    return binary or any(belongs(value) for belongs, _ in _CONVERTERS)


def _picture_of_pillow(image: Any) -> Part:
    picture = io.BytesIO()
    if image.mode not in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"):
        image = image.convert("RGB")  # PNG knows no CMYK and no floats
    image.save(picture, format="PNG")
    return part_from_typed_bytes("image/png", picture.getvalue())


def _matplotlib_figure_of(value: Any) -> Any:
    """Return the matplotlib figure that ``value`` is or lies in, ``None`` where there is none."""
    if hasattr(value, "savefig"):
        return value
    return getattr(value, "figure", None)


def _picture_of_figure(value: Any) -> Part:
    picture = io.BytesIO()
    _matplotlib_figure_of(value).savefig(picture, format="png", bbox_inches="tight")
    return part_from_typed_bytes("image/png", picture.getvalue())


def _picture_from_repr(value: Any) -> Part:
    for mime_type, draw in (("image/png", "_repr_png_"), ("image/jpeg", "_repr_jpeg_")):
        picture = getattr(value, draw)() if hasattr(type(value), draw) else None
        data = picture[0] if isinstance(picture, tuple) else picture
        if isinstance(data, str):  # IPython's own Image gives base64
            data = base64.b64decode(data)
        if data:
            return part_from_typed_bytes(mime_type, data)
    return Text(str(value))


def _source_code_to_part(value: Any) -> Part:
    try:
        return Text(inspect.getsource(value).rstrip())
    except (OSError, TypeError):  # built in, or typed where no source is kept
        return Text(repr(value))


def _table_to_part(value: Any) -> Part:
    return Text(_markdown_table(value))


_CONVERTERS: tuple[tuple[Callable[[Any], bool], Callable[[Any], Part]], ...] = (
    (_is_table, _table_to_part),
    (_is_pillow_image, _picture_of_pillow),
    (_is_matplotlib_figure, _picture_of_figure),
    (_is_sdk_value, ProviderPart),
    (_has_source_code, _source_code_to_part),
    (_has_picture_repr, _picture_from_repr),
)
"""What a value may be and how it is made a part, in the order in which they are tried."""


# --- text and tables -----------------------------------------------------------------


def _value_to_text(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        try:
            return json.dumps(value, ensure_ascii=False, indent=1, default=str)
        except (TypeError, ValueError):  # keys that JSON has not, or a circle
            return str(value)
    return str(value)


def _markdown_table(frame: Any) -> str:
    """Return a frame as a Markdown table of bounded size that says what was left out."""
    head, rows, total = _columns_rows_and_count(frame)
    lines = [_markdown_row(head), _markdown_row(["---"] * len(head))]
    size = sum(map(len, lines))
    count = 0
    for row in rows:
        line = _markdown_row(row)
        size += len(line) + 1
        if count == MAX_ROWS or size > MAX_CHARACTERS:
            break
        lines.append(line)
        count += 1
    lines += ["", f"({total:,} rows)" if count == total else f"(the first {count:,} of {total:,} rows)"]
    return "\n".join(lines)


def _columns_rows_and_count(frame: Any) -> tuple[list[Any], Iterator[Sequence[Any]], int]:
    """Return names of columns, rows, and how many there are, for pandas and polars alike."""
    total = len(frame)
    if type(frame).__name__ == "Series" or not hasattr(frame, "columns"):
        frame = frame.to_frame()
    if hasattr(frame, "iter_rows"):  # polars
        return list(frame.columns), frame.head(MAX_ROWS + 1).iter_rows(), total
    names = [" ".join(map(str, name)) if isinstance(name, tuple) else name for name in frame.columns]
    index = frame.index
    plain = type(index).__name__ == "RangeIndex" and index.name is None
    first = frame.head(MAX_ROWS + 1)
    cells = first.itertuples(index=not plain, name=None)
    return names if plain else [index.name or "", *names], cells, total


def _markdown_row(cells: Sequence[Any]) -> str:
    return "| " + " | ".join(_escape_table_cell(cell) for cell in cells) + " |"


def _escape_table_cell(value: Any) -> str:
    text = str(value).replace("\\", "\\\\").replace("|", "\\|")
    return " ".join(text.split("\n"))
