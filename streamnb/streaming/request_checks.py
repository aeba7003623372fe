"""Check that a request can be sent: options that replace none of it, and no lone surrogates.

Such halves come from text that was cut in the middle of an emoji, or decoded as what it is not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..core.content import Text
from ..core.errors import UsageError
from ..core.surrogates import find_surrogate
from ..core.text import sanitize_line
from ..providers.base import Request

__all__ = ["check_encodable", "check_option_pairs"]

_CONTEXT_CHARACTERS = 12  # characters before a half that show where it is
_REPAIR_CODE = '.encode("utf-16", "surrogatepass").decode("utf-16", "replace")'


_OBJECT_OPTIONS = (
    "extra_headers",
    "extra_query",
    "extra_body",
)  # what an SDK adds to a request, as name and value
_RESERVED_OPTIONS = {
    "model": "the model: name it first, as in %%stream openai:m",
    **dict.fromkeys(("messages", "input", "contents"), "the prompt: write it below the line"),
    "timeout": "the time-out: type --timeout 30",
}


def check_option_pairs(options: Mapping[str, Any]) -> None:
    """Refuse an option that would replace what the line says elsewhere, or that no SDK could take.

    Raises
    ------
    UsageError
        The line names the option and what to type instead.
    """
    for name, what in _RESERVED_OPTIONS.items():
        if name in options:
            raise UsageError(f"--option {name} would replace {what}")
    for name in _OBJECT_OPTIONS:
        value = options.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise UsageError(f"""--option {name} takes an object: --option {name} '{{"NAME": "VALUE"}}'""")


def check_encodable(request: Request) -> None:
    """Refuse a request with a lone surrogate in one of its texts.

    >>> from streamnb.core.content import Turn
    >>> check_encodable(Request("m", (Turn("user", (Text("ok"),)),)))

    Raises
    ------
    UsageError
        Half a surrogate pair is in it; the line says where.
    """
    for where, text in _texts_of_request(request):
        if match := find_surrogate(text):
            before = sanitize_line(
                text[max(0, match.start() - _CONTEXT_CHARACTERS) : match.start()], _CONTEXT_CHARACTERS
            )
            half = f"half a character (U+{ord(match[0]):04X}, after {before!r})"
            raise UsageError(
                f"{where} has {half}, which cannot be sent: take it out, or mend it with {_REPAIR_CODE}"
            )


def _texts_of_request(request: Request) -> Iterator[tuple[str, str]]:
    *earlier, last = request.turns
    for where, turns in (("the prompt", [last]), ("the conversation", earlier)):
        for turn in turns:
            yield from ((where, part.text) for part in turn.parts if isinstance(part, Text))
    yield "the system prompt", request.system or ""
    for name, value in request.options.items():
        yield f"--option {sanitize_line(name, 40)}", f"{name}{value}"
