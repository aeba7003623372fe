"""Events of a stream: one small dataclass for each kind of thing that a provider can send.

Adapters make these, and everything after them (reply, Markdown, display, footer) reads nothing else.  They
carry no times.  In every stream they come in the order of arrival, and ``Finished`` last, exactly once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

__all__ = [
    "FAULT_STATES",
    "Citation",
    "Event",
    "Finished",
    "Image",
    "Notice",
    "ReasoningDelta",
    "State",
    "StepDelta",
    "TextDelta",
    "TextWasReasoning",
    "ToolCallDelta",
    "ToolResult",
    "Usage",
]

State: TypeAlias = Literal[
    "complete",  # the provider's own finish mark says that the answer is whole
    "length",  # the provider stopped at a limit of tokens
    "filtered",  # the provider blocked the prompt or withheld the rest
    "unfinished",  # the stream ended in order, but without a finish mark
    "lost",  # the connection failed
    "error",  # the provider said so, or sent what cannot be read
    "timed-out",  # no content for the time allowed
    "interrupted",  # stopped by the person
    "capped",  # stopped by us, at our own bound on text or line length
]

FAULT_STATES: Final[frozenset[State]] = frozenset({"lost", "error", "timed-out"})
"""The states that ``stream`` raises ``StreamError`` for, and that end a cell."""


@dataclass(frozen=True, slots=True)
class TextDelta:
    """New text of the answer.

    Attributes
    ----------
    text
        What is new; joining the text of all of them gives the answer, always.
    """

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """New text of what the model thinks aloud.

    Attributes
    ----------
    text
        What is new; never part of the answer.
    """

    text: str


@dataclass(frozen=True, slots=True)
class TextWasReasoning:
    """All text of this answer so far was reasoning: the model closed a thought that it never opened.

    The text of the answer is what comes after it.
    """


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a tool call.

    Attributes
    ----------
    index
        Tells the calls of one answer apart; counts from 0.
    id
        The provider's id of the call; ``None`` on pieces that do not say it.
    name
        The function; ``None`` on pieces that do not say it.
    arguments
        The next piece of the JSON text.
    signature
        An opaque mark that some providers want back with the call's result; ``None`` without one.
    """

    index: int
    id: str | None
    name: str | None
    arguments: str
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a function of the notebook gave for a call; told to views only.

    Attributes
    ----------
    index
        That of the call.
    name
        The function.
    result
        Its value; where it ``failed``, the sentence of the notice that says how.
    failed
        Whether there is no value: it raised, was refused, or does not exist.
    """

    index: int
    name: str
    result: Any
    failed: bool = False


@dataclass(frozen=True, slots=True)
class StepDelta:
    """A piece of a step: what a tool of the provider's own did, code that it ran or a search.

    Attributes
    ----------
    index
        Tells the steps of one answer apart; counts from 0.
    name
        The provider's name of the tool; ``None`` on pieces that do not say it.
    arguments
        The next piece of what the tool was given: JSON text, or plain code.
    result
        The next piece of what it gave.
    """

    index: int
    name: str | None
    arguments: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A source that the provider names.

    Attributes
    ----------
    title
        Its title; empty where there is an address alone.
    url
        Its address; empty where there is a title alone.
    """

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Image:
    """A picture in the answer.

    Attributes
    ----------
    mime_type
        As the provider gave it.
    data
        The bytes of the picture, decoded.
    """

    mime_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the provider counts them.

    Cumulative, so a later one replaces an earlier one: Gemini repeats it in every chunk, OpenAI sends one.

    Attributes
    ----------
    input_tokens
        Tokens of the prompt, cached ones included; any count is ``None`` where the provider gave none.
    output_tokens
        Tokens of the answer, reasoning included for every provider.
    reasoning_tokens
        Those of them that are reasoning.
    cached_tokens
        Tokens of the input that were read from a cache.
    total_tokens
        Input and output.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    total_tokens: int | None = None

    def plus(self, other: Usage) -> Usage:
        """Add the tokens of another request.

        Parameters
        ----------
        other
            The tokens of that request.

        Returns
        -------
        Usage
            The sums; ``None`` for what one of the two did not report.

        >>> total = Usage(1, 2).plus(Usage(3, None))
        >>> total.input_tokens, total.output_tokens
        (4, None)
        """
        sums = {}
        for name in ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "total_tokens"):
            mine, theirs = getattr(self, name), getattr(other, name)
            sums[name] = None if mine is None or theirs is None else mine + theirs
        return Usage(**sums)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the person should know while waiting: a silence, a retry.

    Attributes
    ----------
    text
        One sentence.
    seconds
        How long the wait announced here will last, for a countdown; ``None`` where that is not known.
    """

    text: str
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The last event, always sent, exactly once.

    Attributes
    ----------
    state
        How it ended: ``complete`` only with the provider's own finish mark.
    reason
        The provider's own word for the end, ``None`` where it gave none.
    error
        One sentence for a person, ``None`` where nothing went wrong.
    """

    state: State
    reason: str | None = None
    error: str | None = None


Event: TypeAlias = (
    TextDelta
    | ReasoningDelta
    | TextWasReasoning
    | ToolCallDelta
    | ToolResult
    | StepDelta
    | Citation
    | Image
    | Usage
    | Notice
    | Finished
)
