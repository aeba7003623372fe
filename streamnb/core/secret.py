"""Keys that do not show themselves: a traceback that prints variables prints no secret.

``Secret`` is a key wherever one is kept; ``ENVIRON`` is the process's environment for code whose
frames may end up in such a traceback.  What leaves for a provider is the plain text.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

__all__ = ["ENVIRON", "Secret"]


class Secret(str):
    """A text whose ``repr`` keeps it to itself; its methods return plain texts, as every ``str``'s do."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"


class _Environ(Mapping[str, str]):
    """``os.environ`` as it is now, read only, without its contents in its ``repr``."""

    def __getitem__(self, name: str) -> str:
        return Secret(os.environ[name])

    def __iter__(self) -> Iterator[str]:
        return iter(os.environ)

    def __len__(self) -> int:
        return len(os.environ)

    def __repr__(self) -> str:
        return "<the environment>"


ENVIRON: Mapping[str, str] = _Environ()
