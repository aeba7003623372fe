"""Structured answers: the JSON schema that is sent to a provider, and the validation of the answer.

``json_table`` reads the JSON while it is still coming; ``Schema.check_reply`` is the verdict at the end.
An answer that does not fit keeps its text and its state.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from typing import Any

from ..core.errors import UsageError
from ..core.reply import Reply
from ..core.text import SCHEMA_MISFIT_PREFIX, sanitize_line
from ..render.json_table import strip_fence

__all__ = ["Schema"]


MAX_JSON_OPENINGS = 50  # places at which JSON is looked for in words

_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```", re.DOTALL | re.MULTILINE)
_JSON_OPENING = re.compile(r"[{\[]")


class Schema:
    """A Pydantic model, or any type that pydantic can check, and the name it goes by."""

    def __init__(self, kind: Any) -> None:
        from pydantic import TypeAdapter  # heavy; only who uses a schema pays for it

        self.name = getattr(kind, "__name__", "Answer")
        try:
            self._adapter = TypeAdapter(kind)
            self.json = self._adapter.json_schema()
        except Exception as error:  # pydantic takes any value for a type, and fails on others in any way
            what = kind.__name__ if isinstance(kind, type) else f"a value of type {type(kind).__name__}"
            why = f" ({error})" if isinstance(kind, type) else ""  # of a value it says nothing that helps
            message = (
                f"{sanitize_line(what, 60)} is no schema; class Person(BaseModel): name: str is one{why}"
            )
            raise UsageError(sanitize_line(message)) from None

    def check_reply(self, reply: Reply) -> dict[str, Any]:
        """Return the fields of a reply that the check changes: ``parsed``, or ``error``."""
        from pydantic import ValidationError

        misfit: ValidationError | None = None
        for text in _json_candidates(reply.text):
            try:
                return {"parsed": self._adapter.validate_json(text), "schema": self.name}
            except ValidationError as error:
                # What is JSON, and no other schema's, says best what is amiss.
                if misfit is None or misfit.errors()[0]["type"] == "json_invalid":
                    misfit = error
        assert misfit is not None  # there is always the whole text
        first = misfit.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        more = f" (and {misfit.error_count() - 1} more)" if misfit.error_count() > 1 else ""
        message = f"{SCHEMA_MISFIT_PREFIX} {self.name}: {where}: {first['msg']}{more}"
        return {"error": sanitize_line(message), "schema": self.name}


def _json_candidates(text: str) -> Iterator[str]:
    """Yield what may be the JSON of an answer: what is fenced, the text, the objects and lists in it.

    >>> list(_json_candidates('It is: {"a": 1}. Ask on!'))[-1]
    '{"a": 1}'
    """
    yield strip_fence(text)
    yield text.strip()
    yield from (block[1] for block in _FENCE.finditer(text))
    decoder = json.JSONDecoder(strict=False)
    end = 0
    for start in [match.start() for match in _JSON_OPENING.finditer(text)][:MAX_JSON_OPENINGS]:
        if start < end:
            continue
        try:
            value, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        yield text[start:end]
        yield json.dumps(value)  # without line feeds inside of texts
    if text.lstrip().startswith('"'):  # written as JSON twice
        with contextlib.suppress(ValueError):
            yield str(json.loads(text))
