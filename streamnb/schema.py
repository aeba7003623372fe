"""Structured answers: the schema that a provider is asked to keep to, and the check of what came.

``fields`` reads the JSON while it is still coming, for a live view; ``read`` is the verdict at
the end.  An answer that does not fit keeps its text and its state.
"""

from __future__ import annotations

from typing import Any

from .errors import UsageError, one_line
from .reply import Reply

__all__ = ["Schema", "fields"]


class Schema:
    """A Pydantic model, or any type that pydantic can check, and the name it goes by."""

    def __init__(self, kind: Any) -> None:
        from pydantic import PydanticUserError, TypeAdapter  # heavy; only who uses a schema pays for it

        self.name = getattr(kind, "__name__", "Answer")
        try:
            self._adapter = TypeAdapter(kind)
            self.json = self._adapter.json_schema()
        except (PydanticUserError, TypeError) as error:
            what = one_line(repr(kind), 60)
            raise UsageError(
                one_line(f"{what} is no schema; class Person(BaseModel): name: str is one ({error})")
            ) from None

    def read(self, reply: Reply) -> dict[str, Any]:
        """Return the fields of a reply that the check changes: ``parsed``, or ``error``."""
        from pydantic import ValidationError

        try:
            return {"parsed": self._adapter.validate_json(_bare(reply.text))}
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the answer"
            more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
            return {"error": one_line(f"the answer does not fit {self.name}: {where}: {first['msg']}{more}")}


def fields(text: str) -> Any:
    """Return what can be read of JSON that is still coming, ``None`` where nothing can.

    >>> fields('{"name": "Ada", "born": 18')
    {'name': 'Ada', 'born': 18}
    """
    from pydantic_core import from_json

    try:
        return from_json(_bare(text), allow_partial="trailing-strings")
    except ValueError:
        return None


def _bare(text: str) -> str:
    """Take JSON out of a code fence: models put it there however they are asked."""
    text = text.strip()
    if text.startswith("```"):
        text = text.partition("\n")[2]
        text = text.rstrip().removesuffix("```")
    return text
