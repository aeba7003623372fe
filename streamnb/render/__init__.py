"""Answers as HTML and as text: nothing here knows a display."""
