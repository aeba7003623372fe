"""A model provider for tests, on 127.0.0.1: three dialects, exact pace, every fault."""

from .answers import TEXT, ModelAnswer, answer_request, error_answer
from .messages import Answer, Dialect, Request
from .server import Upstream

__all__ = [
    "TEXT",
    "Answer",
    "Dialect",
    "ModelAnswer",
    "Request",
    "Upstream",
    "answer_request",
    "error_answer",
]
