"""What an output can do: whether it is a terminal, and whether it shows colours."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from typing import TextIO

__all__ = ["is_terminal", "wants_colour"]

_ENABLE_VIRTUAL_TERMINAL = 0x0004  # Windows: ENABLE_VIRTUAL_TERMINAL_PROCESSING


def wants_colour(out: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Tell whether ``out`` is a terminal on which nobody refused colours (no-color.org)."""
    refused = environ.get("NO_COLOR") or environ.get("TERM") == "dumb"
    return is_terminal(out) and not refused and _supports_control_sequences(out)


def _supports_control_sequences(out: TextIO) -> bool:
    """Tell whether a terminal carries out control sequences; a Windows console has to be told to."""
    if sys.platform != "win32":
        return True
    import ctypes
    import msvcrt

    mode = ctypes.c_ulong()
    try:
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(out.fileno()))
    except (OSError, ValueError):
        return False
    console = ctypes.windll.kernel32
    return bool(
        console.GetConsoleMode(handle, ctypes.byref(mode))
        and console.SetConsoleMode(handle, mode.value | _ENABLE_VIRTUAL_TERMINAL)
    )


def is_terminal(out: TextIO) -> bool:
    """Tell whether ``out`` is a terminal; what has no ``isatty`` is none."""
    return hasattr(out, "isatty") and out.isatty()
