"""Tool calls of an answer, and the steps that the provider's own tools did.

Both arrive in pieces; ``ToolCallBuilder`` and ``StepBuilder`` put the pieces together.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .events import StepDelta, ToolCallDelta
from .surrogates import without_surrogates

__all__ = [
    "StepBuilder",
    "ToolCall",
    "ToolCallBuilder",
    "parse_arguments",
    "plain_name",
    "result_to_text",
    "with_unique_ids",
]

MAX_NAME_CHARACTERS = 64  # of a function, at OpenAI
_NAMESPACE = re.compile(r"^(?:functions|default_api)[.:]")  # of OpenAI's models, and of Gemini's
MAX_CANDIDATE_BRACES = 100  # at which a repetition of the arguments may begin


MAX_ARGUMENT_LEVELS = (
    100  # of lists and objects in one another; deeper ones cannot be copied, or written again
)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that the model asked for, or a step that the provider took itself.

    Attributes
    ----------
    name
        The function, as the model calls it.
    arguments
        What it is called with; the raw text where that is no JSON object, or one of more than 100 levels.
    id
        The provider's id of the call, ``None`` where it gave none.
    result
        What the function gave, or a sentence where it failed; ``None`` while it was not called.
    signature
        An opaque mark that some providers want back with the result; ``None`` without one.
    """

    name: str
    arguments: dict[str, Any] | str
    id: str | None = None
    result: Any = None
    signature: str | None = field(default=None, repr=False)


@dataclass
class ToolCallBuilder:
    """A tool call whose pieces are still coming."""

    partial_call: ToolCall = ToolCall("", {})
    arguments: list[str] = field(default_factory=list)

    def feed(self, delta: ToolCallDelta) -> None:
        if delta.name and delta.name.startswith(self.partial_call.name) and not any(self.arguments):
            self.partial_call = replace(self.partial_call, name=delta.name)  # a name that grows
        self.arguments.append(delta.arguments)
        # Some servers repeat id and name on every piece, some send them empty.
        for name in ("id", "name", "signature"):
            value = getattr(delta, name)
            if value and not getattr(self.partial_call, name):
                self.partial_call = replace(self.partial_call, **{name: value})

    def build_call(self) -> ToolCall:
        return replace(self.partial_call, arguments=parse_arguments("".join(self.arguments)))


@dataclass
class StepBuilder:
    """A step whose pieces are still coming.

    Attributes
    ----------
    name
        The provider's name of the tool; empty until a piece says it.
    arguments, result
        The pieces so far of what it was given, and of what it gave.
    """

    name: str = ""
    arguments: list[str] = field(default_factory=list)
    result: list[str] = field(default_factory=list)

    def feed(self, delta: StepDelta) -> None:
        self.name = self.name or delta.name or ""
        self.arguments.append(delta.arguments)
        self.result.append(delta.result)

    def build_step(self) -> ToolCall:
        return ToolCall(
            self.name, parse_arguments("".join(self.arguments)), result="".join(self.result) or None
        )


def parse_arguments(text: str) -> dict[str, Any] | str:
    """Return a call's arguments; the text itself where it is no JSON object, or a very deep one.

    Servers say ``null`` for none, write the object as JSON text once more, say it twice, begin with an empty
    one, or say with each piece all that came before.

    >>> parse_arguments('{"a": 1}'), parse_arguments("null"), parse_arguments("Oslo")
    ({'a': 1}, {}, 'Oslo')
    >>> parse_arguments('"{\\\\"a\\\\": 1}"'), parse_arguments('{"a": 1}{"a": 1}')
    ({'a': 1}, {'a': 1})
    >>> parse_arguments('{}{"a": 1}'), parse_arguments('{"a{"a": 1{"a": 1}')
    ({'a': 1}, {'a': 1})
    """
    text_ = _last_of_repetitions(text.strip())
    try:
        value = json.loads(text_) if text_ else None
        if isinstance(value, str) and value.startswith("{"):
            value = json.loads(value)
    except (ValueError, RecursionError):
        return text
    if value is None:
        return {}
    is_object = isinstance(value, dict) and not _is_deeper_than(value, MAX_ARGUMENT_LEVELS)
    return without_surrogates(value) if is_object else text


def _is_deeper_than(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return not levels or any(
        _is_deeper_than(item, levels - 1) for item in inner if isinstance(item, dict | list)
    )


def _last_of_repetitions(text: str) -> str:
    """Return the last object of a text before which there is nothing but beginnings of it, else the text."""
    at = text.find("{", 1) if text.startswith("{") else -1
    for _ in range(MAX_CANDIDATE_BRACES):
        if at < 0:
            break
        whole, before = text[at:], text[:at].removeprefix("{}")
        while before and (common := _common_length(before, whole)):
            before = before[common:].lstrip()
        if not before and _is_object(whole) and not _is_object(text):
            return whole
        at = text.find("{", at + 1)
    return text


def _common_length(text: str, other: str) -> int:
    return next(
        (at for at, pair in enumerate(zip(text, other, strict=False)) if pair[0] != pair[1]), len(text)
    )


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def result_to_text(value: Any) -> str:
    """Return what a function gave as text that can be sent and shown: JSON where it can be, else its ``str``.

    Raises whatever a value raises that cannot say what it is.

    >>> result_to_text([1, None]), result_to_text({(1, 2): b"x"})
    ('[1, null]', "{(1, 2): b'x'}")
    """
    if isinstance(value, str):
        return without_surrogates(str.__str__(value))  # type: ignore[no-any-return]
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        # Keys that are no text, a circle, 5,000 digits, 10,000 levels.
        text = hex(value) if isinstance(value, int) else str(value)
    return without_surrogates(text)  # type: ignore[no-any-return]


def plain_name(name: str) -> str:
    """Return a function's name without what models and servers put around it; every server can read it.

    >>> plain_name("functions.now"), plain_name("now<|channel|>commentary"), plain_name("a b"), plain_name("")
    ('now', 'now', 'a_b', 'unnamed')
    """
    name = _NAMESPACE.sub("", name.partition("<|")[0].strip())
    return re.sub(r"[^\w-]", "_", name)[:MAX_NAME_CHARACTERS] or "unnamed"


def with_unique_ids(calls: Sequence[ToolCall], used_ids: Iterable[str]) -> list[ToolCall]:
    """Return calls each with an id of its own, so that each gets its own answer; ``used_ids`` are taken.

    What the provider gave is kept where it is one of a kind.  A new one is made of the call and its place,
    so that the same conversation has the same ids once more.
    """
    taken_ids = set(used_ids)
    calls_with_ids = []
    for index, call in enumerate(calls):
        id_, salt = call.id, len(taken_ids)
        while not id_ or id_ in taken_ids:
            text = f"{salt} {index} {call.name} {call.arguments}"
            id_ = "c" + hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=4).hexdigest()
            salt += 1
        taken_ids.add(id_)
        calls_with_ids.append(call if id_ == call.id else replace(call, id=id_))
    return calls_with_ids
