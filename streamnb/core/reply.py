"""``Reply``: the result of a stream that has ended; ``reply_builder`` makes it while the stream runs.

Its times are in ``timing``, how it is rendered is in ``render``.
"""

from __future__ import annotations

import dataclasses
from importlib import import_module
from typing import Any

from .code_blocks import Code, code_blocks
from .events import (
    Citation,
    Image,
    State,
    Usage,
)
from .sent_items import SentItem
from .table_row import TableRow
from .timing import Timing
from .tool_calls import ToolCall, result_to_text

__all__ = ["Reply", "ToolCall"]


class Reply(str):
    """The answer: a ``str`` of the full text that also knows how it came about.

    It survives pickle, copy and json (as a plain string); as the last line of a cell it
    shows text and footer as they were when the stream ended.

    Attributes
    ----------
    text
        The full text as a plain ``str``.
    reasoning
        What the model thought aloud, never part of the text; empty where it was not streamed.
    tool_calls
        The calls that the model asked for, of all rounds, in their order.
    steps
        What tools of the provider's own did (code that it ran, searches), in their order.
    citations
        The sources that the provider named, each once.
    images
        The pictures in the answer, decoded.
    usage
        Tokens of all rounds; a count is ``None`` where one of them did not report it.
    timing
        Seconds from sending, tokens a second, and chunks.
    state
        How it ended; ``complete`` only with the provider's own finish mark.
    finish_reason
        The provider's own word for the end, ``None`` where it gave none.
    model
        The model as it was typed.
    error
        What went wrong, one sentence; ``None`` where nothing did.
    parsed
        The answer as the schema's model; ``None`` without a schema, or where it does not fit.
    schema
        The name of the schema, ``None`` without one.
    chat
        The name of the conversation, ``None`` without one.
    origin
        Of what it is a replay, and when that was recorded; ``None`` for a live answer.
    cost
        US dollars by the list price, ``None`` where that is not known.
    details
        Sentences for the footer's fold: what was filled in, how the cost was worked out.
    row
        What it was asked with in a table of ``map`` or ``grid``, and its scores; ``None`` elsewhere.
    sent
        What was filled in and attached: what each of these sentences is about, cut and with its keys masked.
    """

    __module__ = "streamnb"  # a pickle names the class by where it is public

    reasoning: str
    tool_calls: list[ToolCall]
    steps: list[ToolCall]
    citations: list[Citation]
    images: list[Image]
    usage: Usage
    timing: Timing
    state: State
    finish_reason: str | None
    model: str
    error: str | None
    parsed: Any
    schema: str | None
    chat: str | None
    origin: str | None
    cost: float | None
    details: list[str]
    sent: list[SentItem]
    row: TableRow | None

    def __new__(cls, text: str = "", /, **fields: Any) -> Reply:
        """Make a reply of ``text``; what ``fields`` leaves out is empty, or ``complete``."""
        reply = super().__new__(cls, text)
        unknown = fields.keys() - _DEFAULTS.keys()
        if unknown:
            raise TypeError(f"Reply() has no field {sorted(unknown)[0]!r}")
        for name, default in _DEFAULTS.items():
            value = fields.get(name, default)
            setattr(reply, name, list(value) if isinstance(default, tuple) else value)
        return reply

    @property
    def text(self) -> str:
        """The full text as a plain ``str``."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        # Nothing of ours by name but the class itself: what is pickled today is read by a later version.
        fields = {name: getattr(self, name) for name in _DEFAULTS}
        fields |= {name: _to_plain_data(fields[name]) for name in _RECORD_CLASSES}
        for call in fields["tool_calls"]:
            call["result"] = _picklable_or_text(call["result"])
        return type(self), (self.text,), fields

    def __copy__(self) -> Reply:
        return type(self)(self.text, **{name: getattr(self, name) for name in _DEFAULTS})

    def __setstate__(self, fields: dict[str, Any]) -> None:
        """Set the fields of a pickle; one that this version does not know is passed over."""
        for name in fields.keys() & _DEFAULTS.keys():
            kind = _RECORD_CLASSES.get(name)
            setattr(self, name, _from_plain_data(kind, fields[name]) if kind else fields[name])

    @property
    def code(self) -> list[Code]:
        """The fenced blocks of code in the text, in order, each with its ``.language``."""
        return code_blocks(self.text)

    def set_fields(self, **fields: Any) -> None:
        """Set fields of a reply that nobody has yet: a copy would be the whole text once more.

        Parameters
        ----------
        **fields
            New values by the names of the attributes.
        """
        for name, value in fields.items():
            setattr(self, name, value)

    def wait(self, timeout: float | None = None) -> Reply:
        """Return at once: a reply has ended. (A running stream's ``wait`` takes time.)

        Parameters
        ----------
        timeout
            Seconds, as for a running stream; of no effect here.

        Returns
        -------
        Reply
            The reply itself.
        """
        return self

    def stop(self) -> None:
        """Do nothing: a reply has ended."""

    def _repr_mimebundle_(self, **_kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        bundle = _import_renderer().bundle(self)
        return bundle.data, bundle.metadata

    def _mime_(self) -> tuple[str, str]:  # marimo's name for it
        return "text/html", _import_renderer().marimo_html(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(_import_renderer().plain_text(self))


def _import_renderer() -> Any:
    """Return the module that renders a reply, imported when one is shown."""
    return import_module("streamnb.render.snapshot")


_DEFAULTS: dict[str, Any] = {
    "reasoning": "",
    "tool_calls": (),
    "steps": (),
    "citations": (),
    "images": (),
    "usage": Usage(),
    "timing": Timing(),
    "state": "complete",
    "finish_reason": None,
    "model": "",
    "error": None,
    "parsed": None,
    "schema": None,
    "chat": None,
    "origin": None,
    "cost": None,
    "details": (),
    "sent": (),
    "row": None,
}
"""The fields of a reply; a tuple stands for an empty list."""


_RECORD_CLASSES: dict[str, type] = {
    "tool_calls": ToolCall,
    "steps": ToolCall,
    "citations": Citation,
    "images": Image,
    "sent": SentItem,
    "usage": Usage,
    "timing": Timing,
}
"""The fields that hold records of ours."""


def _to_plain_data(value: Any) -> Any:
    """Return a record as a dict of its fields, a list of records as a list of such."""
    if isinstance(value, list):
        return [_to_plain_data(record) for record in value]
    plain = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    return plain | ({"gaps": tuple(plain["gaps"])} if "gaps" in plain else {})


def _picklable_or_text(result: Any) -> Any:
    """Return what a tool gave, or its text where it cannot go elsewhere: a lock, a connection, a module."""
    import pickle  # here: few replies ever travel

    try:
        pickle.dumps(result)
    except Exception:  # whatever a class of the person's own raises
        return result_to_text(result)
    return result


def _from_plain_data(kind: type, value: Any) -> Any:
    if isinstance(value, list):
        return [_from_plain_data(kind, plain) for plain in value]
    field_names = {part.name for part in dataclasses.fields(kind)}
    return kind(**{name: item for name, item in value.items() if name in field_names})
