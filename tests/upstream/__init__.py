"""A model provider for tests, on 127.0.0.1: three wires, exact pace, every fault."""

from .answers import TEXT, Speech, refuse, speak
from .server import Upstream
from .words import Answer, Dialect, Request

__all__ = ["TEXT", "Answer", "Dialect", "Request", "Speech", "Upstream", "refuse", "speak"]
