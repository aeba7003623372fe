"""What a page that got every patch shows, kept on the kernel's side for one that did not."""

from __future__ import annotations

from ..markdown import Patch

__all__ = ["Mirror"]


class Mirror:
    """What a page that got every patch shows: for one that did not."""

    def __init__(self) -> None:
        self.segments: list[str] = []
        self.tail = ""

    def apply(self, patch: Patch) -> None:
        """Do with a patch what a page does."""
        if patch.seal:
            self.segments += [self.tail[: patch.take] + patch.seal[0], *patch.seal[1:]]
        for index, html in patch.fix.items():
            self.segments[index] = html
        self.tail = self.tail[: patch.keep] + patch.tail
