"""The files of ``static`` as text, for the widgets and for what is saved."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["css_source", "join_static_files", "stylesheet", "widget_script"]

_WIDGET_FILES = (
    "sanitize.js",
    "dom.js",
    "notebook.js",
    "code_actions.js",
    "segments.js",
    "follow.js",
    "handoff.js",
    "stream.js",
)
_LINE_COMMENT = re.compile(r"(?m)^\s*//.*$")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@cache
def widget_script() -> str:
    """Return the widget's JavaScript as one module, though written in several files."""
    return join_static_files(*_WIDGET_FILES)


def join_static_files(*names: str) -> str:
    """Return files of ``static`` as one text, without comments and indentation."""
    return _remove_indentation(_LINE_COMMENT.sub("", "".join(map(_read_static_file, names))))


@cache
def stylesheet(name: str = "stream.css") -> str:
    """Return a style sheet for a live view, where its rules win over the page's own for Markdown.

    What it says about the tags of an answer holds for its reasoning as well.
    """
    both = r"\1.snb-thoughts \2,\n\1.snb-answer \2 {"
    rules_of_both = re.sub(r"(?m)^( *)\.snb-answer ((?:pre )?[a-z][a-z0-9]*) \{$", both, css_source(name))
    return _remove_indentation(re.sub(r"(?m)^( *)(?=\.snb-)", r"\1.streamnb ", rules_of_both))


@cache
def css_source(name: str) -> str:
    """Return a style sheet without its comments."""
    return _COMMENT.sub("", _read_static_file(name))


def _remove_indentation(text: str) -> str:
    """Return ``text`` without indentation and empty lines: it travels with every answer."""
    return re.sub(r"(?m)^\s+", "", text)


def _read_static_file(name: str) -> str:
    return files("streamnb").joinpath("static", name).read_text(encoding="utf-8")
