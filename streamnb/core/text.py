"""Cleaning of text from outside (a server's message, an exception, a name) into one line for a person.

Whole answers are rendered by ``markdown`` and ``render``; known keys are removed by ``redaction``.
"""

from __future__ import annotations

import re

__all__ = [
    "CONVERSATION_PREFIX",
    "MAX_MESSAGE_CHARACTERS",
    "SCHEMA_MISFIT_PREFIX",
    "SENT_AS_TYPED_PREFIX",
    "error_line",
    "mask_keys",
    "sanitize_line",
    "truncate",
    "with_article",
]

MAX_MESSAGE_CHARACTERS = 200  # of a message to a person; a longer one is cut

# Beginnings of the details that the footer shows outside its fold, or marks: it knows them by these.
SENT_AS_TYPED_PREFIX = "sent as typed: "  # braces that name nothing
CONVERSATION_PREFIX = "conversation "  # and its name, the turn, what was set aside
SCHEMA_MISFIT_PREFIX = "the answer does not fit"  # an answer that is none of its schema

_MARKUP_TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_ZERO_WIDTH = re.compile("[\xad\u200b-\u200f\u2060-\u2064\ufeff]+")  # a blank there would part a word
_UNSAFE_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2065-\u2069\ud800-\udfff]+")
_KEY_LIKE = re.compile(r"\b(?:sk|gsk|pplx|xai|AIza|hf|key)[-_]?[A-Za-z0-9_-]{16,}")


def mask_keys(text: str) -> str:
    """Return text with ``[key]`` for everything that looks like a key of a provider.

    >>> mask_keys("key = 'sk-0123456789abcdefXYZ'")
    "key = '[key]'"
    """
    return _KEY_LIKE.sub("[key]", text)


def with_article(name: str) -> str:
    """Return a name behind its article.

    >>> with_article("object"), with_article("ufunc"), with_article("ndarray")
    ('an object', 'a ufunc', 'an ndarray')
    """
    return f"an {name}" if name[:1].lower() in ("a", "e", "i", "o") or name == "ndarray" else f"a {name}"


def truncate(text: str, limit: int) -> str:
    """Return text, a longer one cut, with how long it is.

    >>> truncate("abcdef", 3)
    'abc… (6 characters)'
    """
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text):,} characters)"


def error_line(error: BaseException) -> str:
    """Return type and message of what a person's own code has raised; asking for it raises nothing.

    >>> error_line(KeyError("a")), error_line(KeyboardInterrupt())
    ("KeyError: 'a'", 'KeyboardInterrupt')
    """
    try:
        text = str(error)
    except BaseException:  # an exception that cannot say what it is about, or leaves over it
        text = ""
    return f"{type(error).__name__}: {text}".removesuffix(": ")


def sanitize_line(text: str, limit: int = MAX_MESSAGE_CHARACTERS) -> str:
    """Return foreign text as one harmless line of at most ``limit`` characters.

    Markup, control characters and anything that looks like a key are taken out; what is
    too long ends in an ellipsis.  The result may be empty.

    >>> sanitize_line("<h1>Bad   Gateway</h1>\\n nginx")
    'Bad Gateway nginx'
    """
    text = text[: 20 * limit]  # a server's whole page is not worth scrubbing
    text = _ZERO_WIDTH.sub("", _MARKUP_TAG.sub(" ", text))
    text = mask_keys(_UNSAFE_CHARACTERS.sub(" ", text))
    text = " ".join(text.replace("<", "‹").replace(">", "›").split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
