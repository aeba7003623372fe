"""Rendering of answers as HTML and as text; pure functions, no display."""
