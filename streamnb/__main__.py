"""Entry point of the command line: ``streamnb`` and ``python -m streamnb``.

Nearly all of the time until the first text is the SDK's import, so what Python and pydantic do beside it is
left out before anything is imported.
"""

from __future__ import annotations

import gc
import os
import sys

__all__ = ["main"]

# Importing an SDK makes some hundred thousand objects and no garbage.
GC_THRESHOLD = 1_000_000


def main() -> int:
    """Run the command line; return the exit status."""
    gc.set_threshold(GC_THRESHOLD)
    # For plugins that watch an application's models pydantic reads what every installed package offers.
    if sys.argv[1:2] != ["demo"]:  # whose JupyterLab inherits the environment
        os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from .cli import main

    return main()


if __name__ == "__main__":
    sys.exit(main())
