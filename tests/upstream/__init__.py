"""A model provider for tests, on 127.0.0.1: three wires, exact pace, every fault."""

from .answers import TEXT, Speech, refuse, speak
from .server import Upstream
from .words import Answer, Request, Surface

__all__ = ["TEXT", "Answer", "Request", "Speech", "Surface", "Upstream", "refuse", "speak"]
