"""The demo provider: recorded answers that need no key and no network.

A name picks an answer (``demo:haiku``), without one the prompt does (``demo``).  What is picked
is a recording like any other, in the wire format of chat completions, so a demo takes the same
way as a live stream from the first byte on.  ``scripts/record-demo`` makes the recordings out of
the Markdown beside them.
"""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

from ..core.errors import UsageError
from ..core.recording import Recording, parse
from ..core.text import sanitize_line

__all__ = ["answer_for", "answer_names"]

DEFAULT_ANSWER = "streaming"  # the answer to a prompt that has no word in common with any

_WORD = re.compile(r"[^\W\d_]+")


def answer_for(name: str, prompt: str) -> Recording:
    """Return the answer of a ``name``; the one nearest to ``prompt`` where the name is empty.

    Raises
    ------
    UsageError
        There is no answer of that name.

    >>> answer_for("", "A poem, if you can!").header.model
    'demo:haiku'
    """
    if not name:
        return _load_recording(_nearest_answer_name(prompt))
    if name not in answer_names():
        names = ", ".join(answer_names())
        raise UsageError(
            f"there is no demo:{sanitize_line(name, 20)}; there are {names}; demo alone picks one"
        )
    return _load_recording(name)


def answer_names() -> list[str]:
    """Return the names of all answers."""
    stems = (file.name.partition(".jsonl") for file in _recordings_folder().iterdir())
    return sorted(stem for stem, suffix, _ in stems if suffix)


def _recordings_folder() -> Traversable:
    return files("streamnb") / "recordings"


def _nearest_answer_name(prompt: str) -> str:
    """Return the name of the answer whose key words the prompt has most of.

    Words for a form (story, haiku) outweigh those for a subject: a long story about rain is a long story.
    Answers without key words show how a stream fails: they are had by name only.
    """
    prompt_words = set(_WORD.findall(prompt.lower()))
    nearest, most = DEFAULT_ANSWER, [0, 0]
    for name in answer_names():
        about = parse(_read_recording(name).partition(b"\n")[0], name).header.about
        common = [len(prompt_words.intersection(about.get(key, ()))) for key in ("forms", "words")]
        if common > most:
            nearest, most = name, common
    return nearest


def _load_recording(name: str) -> Recording:
    return parse(_read_recording(name), f"the demo answer {name}")


def _read_recording(name: str) -> bytes:
    return (_recordings_folder() / f"{name}.jsonl").read_bytes()
