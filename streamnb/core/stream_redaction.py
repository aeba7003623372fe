"""Redaction of a stream's traffic and events, before they are shown or stored.

Fields with the name of a secret are left out; known secrets are replaced by stars (``redaction``), also where
a chunk's edge or two events split one: its beginning is held back until the next piece decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from .cross_event_secrets import CrossEventSecretMasker
from .deltas import GROWING_FIELDS, make_delta
from .events import Event, ReasoningDelta, TextDelta
from .redaction import Secrets, strip_userinfo
from .wire_events import Data, EndOfBody, ResponseHead, WireEvent

__all__ = ["EventRedactor", "WireEventRedactor"]

# Names of options and headers under which people and servers pass keys on.
_SECRET_NAME = re.compile(
    r"(?i)api[_-]?key|authorization|auth[_-]token|cookie|credential|headers|passw|secret"
)


class WireEventRedactor:
    """Takes secrets out of the traffic of one stream: ``secrets`` are the texts that are one."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = Secrets(secrets)
        self._held: Data | None = None  # the end of a block, which may begin a secret
        self._cut = CrossEventSecretMasker(self._secrets)

    def feed(self, message: WireEvent) -> list[WireEvent]:
        """Return the wire events that are clean after this one, in order: mostly the event itself."""
        if isinstance(message, Data):
            return self._redact_data(message.at, message.data)
        if isinstance(message, ResponseHead):
            message = replace(message, headers=self.redact_json(message.headers))
        elif isinstance(message, EndOfBody) and message.fault is not None:
            sentence = self.redact_json(message.fault.message)
            message = replace(message, fault=replace(message.fault, message=sentence))
        return [*self.flush(), message]

    def flush(self) -> list[WireEvent]:
        """Return what was held back; called when nothing more will come of a body."""
        pending, self._held = self._held, None
        last = [] if pending is None else self._cut.feed(pending.at, pending.data)
        return self._mask_blocks([*last, *self._cut.close()])

    def _redact_data(self, at: float, data: bytes) -> list[WireEvent]:
        if not self._secrets:
            return [Data(at, data)]
        if self._held is not None:
            data, self._held = self._held.data + data, None
        if begun := self._secrets.partial_match_length_in_bytes(data):
            self._held, data = Data(at, data[-begun:]), data[:-begun]
        return self._mask_blocks(self._cut.feed(at, data)) if data or not begun else []

    def _mask_blocks(self, blocks: list[tuple[float, bytes]]) -> list[WireEvent]:
        return [Data(at, self._secrets.mask_bytes(data)) for at, data in blocks]

    def redact_json(self, value: Any) -> Any:
        """Return a copy of JSON without hidden texts, and without what is named like a secret."""
        if isinstance(value, Mapping):
            public = {name: inner for name, inner in value.items() if not _SECRET_NAME.search(str(name))}
            return {str(name): self.redact_json(inner) for name, inner in public.items()}
        if isinstance(value, list | tuple):
            return [self.redact_json(inner) for inner in value]
        return self._secrets.mask(strip_userinfo(value)) if isinstance(value, str) else value


class EventRedactor:
    """Takes secrets out of the events of one answer, also where two events have one half each.

    >>> redactor = EventRedactor(["sk-canary-0123"])
    >>> redactor.feed([TextDelta("your key: sk-can")]), redactor.feed([TextDelta("ary-0123.")])
    ([TextDelta(text='your key: ')], [TextDelta(text='**************.')])
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = Secrets(secrets)
        self._first_letters = self._secrets.first_letters
        self._ends: dict[tuple[type[Event], int, str], str] = {}  # what waits, by kind, index and field

    def feed(self, events: list[Event]) -> list[Event]:
        """Return the events of one chunk, as far as it is certain that no secret begins in them."""
        if not self._first_letters:
            return events
        if not self._ends:
            for event in events:
                if not self._can_pass_unchanged(event):
                    break
            else:
                return events
        clean = [self._mask_event(event) for event in events]
        return [event for event in clean if event is not None]

    def close(self) -> list[Event]:
        """Return what was held back."""
        ends, self._ends = self._ends, {}
        return [
            make_delta(kind, index, name, self._secrets.mask(pending))
            for (kind, index, name), pending in ends.items()
        ]

    def redact_line(self, text: str) -> str:
        """Return a whole text with every secret starred, and without user and password in addresses."""
        return self._secrets.mask(strip_userinfo(text))

    def redact_body(self, body: bytes) -> bytes:
        """Return a whole body with every secret starred."""
        return self._secrets.mask_bytes(body)

    def _can_pass_unchanged(self, event: Event) -> bool:
        """Whether this is a piece of text, as most are, in which no secret ends or begins."""
        if type(event) is not TextDelta and type(event) is not ReasoningDelta:
            return False
        text, secrets = event.text, self._secrets
        if len(text) < secrets.shortest:
            return self._first_letters.isdisjoint(text) or not secrets.partial_match_length(text)
        return not secrets.partial_match_length(text) and secrets.mask(text) == text

    def _mask_event(self, event: Event) -> Event | None:
        growing = GROWING_FIELDS.get(type(event), ())
        changes: dict[str, Any] = {}
        for field in fields(event):
            before = getattr(event, field.name)
            if type(before) is str and before:
                key = (type(event), getattr(event, "index", 0), field.name)
                text = (
                    self._mask_growing_text(key, before)
                    if field.name in growing
                    else self._secrets.mask(before)
                )
                if text != before:
                    changes[field.name] = text
        if not changes:
            return event
        event = replace(event, **changes)
        return None if type(event) in (TextDelta, ReasoningDelta) and not changes["text"] else event

    def _mask_growing_text(self, key: tuple[type[Event], int, str], piece: str) -> str:
        """Return what of a text that goes on can be shown now; what may begin a secret waits."""
        text = self._ends.pop(key, "") + piece
        if waiting := self._secrets.undecided_length(text, is_json=key[2] == "arguments"):
            self._ends[key], text = text[-waiting:], text[:-waiting]
        return self._secrets.mask(text)
