"""Making of the log's entry for a stream that has ended; ``storage.log`` writes the file."""

from __future__ import annotations

import time

from ..core.content import Blob, Link, Part, Text, Upload
from ..core.events import Usage
from ..core.reply import Reply
from ..core.stream_redaction import WireEventRedactor
from ..core.text import mask_keys
from ..core.timing import Timing
from ..storage.log import LogEntry
from .plan import Plan

__all__ = ["make_log_entry", "reply_from_entry"]


def make_log_entry(plan: Plan, reply: Reply) -> LogEntry:
    """Return the entry of a stream, without keys and without the bytes of attachments."""
    redactor = WireEventRedactor(plan.secrets)

    def clean(text: str | None) -> str | None:
        return None if text is None else mask_keys(str(redactor.redact_json(text)))

    parts = plan.request.turns[-1].parts
    prompt = "".join(part.text for part in parts if isinstance(part, Text))
    return LogEntry(
        at=time.time(),
        model=plan.model_spec,
        system=clean(plan.request.system),
        prompt=clean(prompt) or "",
        answer=clean(reply.text) or "",
        state=reply.state,
        error=clean(reply.error),
        origin=plan.origin,
        input_tokens=reply.usage.input_tokens,
        output_tokens=reply.usage.output_tokens,
        cost=reply.cost,
        first_token=reply.timing.time_to_first_token,
        duration=reply.timing.duration,
        attachments=tuple(
            clean(_attachment_label(part)) or "" for part in parts if not isinstance(part, Text)
        ),
    )


def reply_from_entry(entry: LogEntry) -> Reply:
    """Return an entry's answer as a reply that shows itself as it did."""
    return Reply(
        entry.answer,
        model=entry.model,
        state=entry.state,
        error=entry.error,
        origin=entry.origin,
        cost=entry.cost,
        usage=Usage(input_tokens=entry.input_tokens, output_tokens=entry.output_tokens),
        timing=Timing(time_to_first_token=entry.first_token, duration=entry.duration or 0.0),
    )


def _attachment_label(part: Part) -> str:
    """Return an attachment's name and size; of an address what stands before its query."""
    match part:
        case Blob(mime_type, data, name):
            return f"{name or mime_type}, {len(data):,} bytes"
        case Upload(size=size, name=name):
            return f"{name}, {size:,} bytes"
        case Link(url):
            return url.partition("?")[0]
        case _:
            return type(part).__name__
