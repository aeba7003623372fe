"""``%stream cassette``: a folder that records each stream and replays it when it is asked again."""

from __future__ import annotations

import time
from pathlib import Path

from ...core.errors import UsageError
from ...storage.cassette import Cassette
from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    """Say what the cassette holds, have it asked anew, or take it out.

    Raises
    ------
    UsageError
        There is no cassette, or no such command about one.
    """
    match args or ["status"]:
        case ["status"] if not magics.cassette:
            print('no cassette: %config StreamMagics.cassette = "lesson/" puts one in')
        case ["status"]:
            files = Cassette(Path(magics.cassette).expanduser()).recording_files()
            stale = sum(path.stat().st_mtime < magics.cassette_since for path in files)
            streams = f"{len(files)} stream{'s' * (len(files) != 1)} kept"
            print(f"{magics.cassette}: {streams}" + (f", {stale} to be asked anew" if stale else ""))
        case ["refresh"] if magics.cassette:
            magics.cassette_since = time.time()
            print(f"what is in {magics.cassette} is asked anew when it is wanted next, and replaced")
        case ["off"]:
            magics.cassette = ""
            print("the cassette is off: each prompt goes to its model")
        case ["refresh"]:
            raise UsageError('there is no cassette to refresh: %config StreamMagics.cassette = "lesson/"')
        case _:
            raise UsageError("type %stream cassette status, cassette refresh or cassette off")
