"""Entry point of the command line: ``streamnb`` and ``python -m streamnb``."""

from __future__ import annotations

import gc
import sys

__all__ = ["main"]

# Importing an SDK makes hundreds of thousands of objects and no garbage.
GC_THRESHOLD = 100_000


def main() -> int:
    """Run the command line; return the exit status."""
    gc.set_threshold(
        GC_THRESHOLD
    )  # before anything is imported: looking for garbage takes a third of the start
    from .cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
