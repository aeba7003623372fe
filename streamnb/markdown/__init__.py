"""Live Markdown: exact at every moment, small patches, safe HTML."""

from __future__ import annotations

from .live import LiveMarkdown, render
from .patch import Patch

__all__ = ["LiveMarkdown", "Patch", "render"]
