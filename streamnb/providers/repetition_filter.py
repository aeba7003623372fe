"""Filter of text that a server repeats: what of each delta, or of the whole at the end, is new.

A delta should hold what follows the deltas before it.  Some servers send in each delta all the text so far
(MiniMax, and gateways around older interfaces), some send the whole once more at the end.  Text that was
given on cannot be taken back, so a piece that may be such a repetition waits for the next one.
"""

from __future__ import annotations

__all__ = ["RepetitionFilter"]

MIN_REPETITION_CHARACTERS = 16  # of a text that no two pieces begin with by chance
MIN_CUMULATIVE_PIECES = 3  # pieces, each the one before it and more, that are no chance either


class RepetitionFilter:
    """Passes on what is new of one text.

    >>> text = RepetitionFilter()
    >>> [text.feed(piece) for piece in ("Once upon", "Once upon a time", "Once upon a time there")]
    ['Once upon', '', ' a time there']
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []  # what was given on
        self._length = 0
        self._waiting: list[str] = []  # each is all before it, and more
        self._is_cumulative: bool | None = None  # each piece holds all before it; None: not known yet

    def __bool__(self) -> bool:
        return bool(self._pieces)

    def __str__(self) -> str:
        return "".join(self._pieces)

    def feed(self, piece: str, *, is_last: bool = False) -> str:
        """Return what is new in the next piece, as far as it is known.

        Parameters
        ----------
        piece
            The next delta.
        is_last
            The finish mark came with it, so that it may be the whole once more.
        """
        if self._is_cumulative is False:  # nearly always
            if is_last and len(piece) >= self._length and self._is_repetition(piece):
                return self.feed_whole(piece)
            return self._append(piece)
        if not self._pieces:
            return self._append(piece)
        if self._is_cumulative:
            return self._feed_cumulative(piece)
        before = self._waiting[-1] if self._waiting else str(self)
        if len(piece) > len(before) and piece.startswith(before):
            self._waiting.append(piece)
            is_long = len(before) >= MIN_REPETITION_CHARACTERS
            is_text = any(map(str.isalnum, before))
            if is_text and (
                len(self._waiting) >= MIN_CUMULATIVE_PIECES or (is_long and len(self._waiting) > 1)
            ):
                self._is_cumulative = True
                return self.feed_whole(piece)
            return ""
        self._is_cumulative = False
        return self._release_waiting() + self._append(piece)

    def feed_whole(self, text: str) -> str:
        """Return what is new in a text that comes as a whole; nothing of one that begins otherwise."""
        text_so_far = str(self)
        if text.startswith(text_so_far):
            self._waiting = []
            return self._append(text[len(text_so_far) :])
        return self._release_waiting()

    def resolve_waiting(self, whole: str) -> str:
        """Return the pieces that waited: of a ``whole`` that is one of them only what is new."""
        return self.feed_whole(whole) if whole in self._waiting else self._release_waiting()

    def close(self) -> str:
        """Return what waited."""
        if self._waiting and self._is_repetition(self._waiting[-1]):
            return self.feed_whole(self._waiting[-1])
        return self._release_waiting()

    def _feed_cumulative(self, piece: str) -> str:
        text_so_far = str(self)
        if text_so_far.startswith(piece):
            return ""
        new = piece.removeprefix(text_so_far)  # all of it where another text begins
        self._pieces, self._length = [piece], len(piece)
        return new

    def _is_repetition(self, piece: str) -> bool:
        return self._length >= MIN_REPETITION_CHARACTERS and piece.startswith(str(self))

    def _append(self, text: str) -> str:
        if text:
            self._pieces.append(text)
            self._length += len(text)
        return text

    def _release_waiting(self) -> str:
        text, self._waiting = "".join(self._waiting), []
        return self._append(text)
