"""One answer that holds every kind of Markdown that we render, in several scripts: ``everything.txt``."""

from __future__ import annotations

from pathlib import Path

__all__ = ["EVERYTHING"]

EVERYTHING = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
