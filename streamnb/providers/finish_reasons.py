"""Finish reasons: the providers' words for how an answer ended, and the state that each means.

A word that is in no table is kept as the reason, but proves nothing: the answer is unfinished.
"""

from __future__ import annotations

from ..core.events import State
from ..core.text import sanitize_line
from .fault_messages import UNKNOWN_REASON

__all__ = [
    "CUT_STATES",
    "INCOMPLETE_REASON_STATES",
    "MAX_REASON_CHARACTERS",
    "is_final_chat_reason",
    "normalize_chat_reason",
    "normalize_gemini_reason",
    "state_of_chat_reason",
    "state_of_gemini_reason",
    "unknown_reason_message",
]

MAX_REASON_CHARACTERS = 100  # what is longer is no finish reason
CUT_STATES: tuple[State, ...] = ("length", "filtered")
"""States that a later "stop", which some gateways add, does not make complete."""

_CHAT_STATES: dict[str, State] = {
    "stop": "complete",
    "tool_calls": "complete",
    "function_call": "complete",
    "end_turn": "complete",  # xAI; Claude behind a gateway says these four in its own words
    "stop_sequence": "complete",
    "tool_use": "complete",
    "tool_call": "complete",  # Cohere
    "eos": "complete",  # Together
    "eos_token": "complete",  # text-generation-inference
    "complete": "complete",  # Cohere
    "max_output_tokens": "length",
    "length": "length",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",  # Claude, z.ai
    "error_limit": "length",  # Cohere
    "model_length": "length",  # Mistral: the model's own window is full
    "content_filter": "filtered",
    "content_filtered": "filtered",  # Bedrock says these two
    "guardrail_intervened": "filtered",
    "error_toxic": "filtered",  # Cohere
    "refusal": "filtered",
    "safety": "filtered",  # Gemini behind a gateway says these five
    "recitation": "filtered",
    "blocklist": "filtered",
    "prohibited_content": "filtered",
    "spii": "filtered",
    "sensitive": "filtered",  # z.ai
}
_PENDING_CHAT_REASONS = frozenset({"null", "none", "unspecified", "finish_reason_unspecified", "in_progress"})

_GEMINI_STATES: dict[str, State] = {
    # OTHER is not here: it says nothing.
    "STOP": "complete",
    "MAX_TOKENS": "length",
    "SAFETY": "filtered",
    "RECITATION": "filtered",
    "LANGUAGE": "filtered",  # withheld because the language is not supported
    "BLOCKLIST": "filtered",
    "PROHIBITED_CONTENT": "filtered",
    "SPII": "filtered",
    "MODEL_ARMOR": "filtered",
    "IMAGE_SAFETY": "filtered",
    "IMAGE_PROHIBITED_CONTENT": "filtered",
    "IMAGE_RECITATION": "filtered",
    # The model or the service failed at its own work: the answer is not there.
    "ERROR": "error",
    "MALFORMED_FUNCTION_CALL": "error",
    "MALFORMED_RESPONSE": "error",
    "MISSING_THOUGHT_SIGNATURE": "error",
    "TOO_MANY_TOOL_CALLS": "error",
    "UNEXPECTED_TOOL_CALL": "error",
    "NO_IMAGE": "error",
    "IMAGE_OTHER": "error",
}
_GEMINI_NUMBERS = ("UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION")  # as the protocol counts them

INCOMPLETE_REASON_STATES: dict[str, State] = {
    "max_output_tokens": "length",
    "max_tokens": "length",
    "length": "length",
    "content_filter": "filtered",
}
"""Why a response of the Responses API is incomplete."""


def state_of_chat_reason(reason: str | None) -> State | None:
    """Return the state that a finish reason of chat completions means; ``None`` for an unknown one."""
    return _CHAT_STATES.get(normalize_chat_reason(reason))


def state_of_gemini_reason(reason: str | None) -> State | None:
    """Return the state that a finish reason of Gemini means; ``None`` for an unknown one."""
    return _GEMINI_STATES.get(normalize_gemini_reason(reason or ""))


def is_final_chat_reason(reason: str) -> bool:
    """Tell whether a finish reason is one: some servers send on every chunk that there is none yet."""
    return reason.strip().lower() not in _PENDING_CHAT_REASONS


def normalize_chat_reason(reason: str | None) -> str:
    """Return a finish reason as the table has it: Cohere and some gateways say STOP.

    >>> normalize_chat_reason("STOP"), normalize_chat_reason("FinishReason.Max-Tokens")
    ('stop', 'max_tokens')
    """
    return _strip_field_prefix((reason or "").replace("-", "_")).lower()


def normalize_gemini_reason(reason: str) -> str:
    """Return a finish reason as the table has it; some gateways send its number.

    >>> normalize_gemini_reason("1"), normalize_gemini_reason("finish_reason_stop")
    ('STOP', 'STOP')
    """
    plain = _strip_field_prefix(reason)
    return _GEMINI_NUMBERS[int(plain)] if plain in ("0", "1", "2", "3", "4") else plain


def unknown_reason_message(reason: str) -> str:
    """Return the sentence for an end that the provider named with a word we do not know."""
    return UNKNOWN_REASON.format(reason=sanitize_line(reason, 40))


def _strip_field_prefix(reason: str) -> str:
    """Return a reason in capitals, without the field's name that gateways put before it."""
    return reason.strip().upper().removeprefix("FINISHREASON.").removeprefix("FINISH_REASON_")
