"""Structured answers: the schema that a provider is asked to keep to, and the check of what came.

``fields`` reads the JSON while it is still coming; ``Schema.read`` is the verdict at the end.
An answer that does not fit keeps its text and its state.
"""

from __future__ import annotations

from typing import Any

from ..core.errors import UsageError
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..render.json_table import parse_partial as fields
from ..render.json_table import strip_fence

__all__ = ["Schema", "fields"]


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
            told = f"{sanitize_line(what, 60)} is no schema; class Person(BaseModel): name: str is one{why}"
            raise UsageError(sanitize_line(told)) from None

    def read(self, reply: Reply) -> dict[str, Any]:
        """Return the fields of a reply that the check changes: ``parsed``, or ``error``."""
        from pydantic import ValidationError

        try:
            return {"parsed": self._adapter.validate_json(strip_fence(reply.text)), "schema": self.name}
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the answer"
            more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
            told = sanitize_line(f"the answer does not fit {self.name}: {where}: {first['msg']}{more}")
            return {"error": told, "schema": self.name}
