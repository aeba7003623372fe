"""What the doors take from outside the line: the ``.env`` file and keys by variable name."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UsageError
from ..secret import ENVIRON, Secret

__all__ = ["key_named", "read_dotenv"]


def read_dotenv() -> None:
    """Set the variables of the nearest ``.env`` that are not set yet, where python-dotenv is there."""
    try:
        import dotenv
    except ImportError:  # an optional helper; without it the environment is as it is
        return
    dotenv.load_dotenv(dotenv.find_dotenv(usecwd=True), override=False)


def key_named(name: str | None, environ: Mapping[str, str] = ENVIRON) -> str | None:
    """Return the key that the variable ``name`` holds, ``None`` where no variable was named."""
    if name is None:
        return None
    key = Secret(environ.get(name, "").strip())
    if not key:
        raise UsageError(
            f"--key-env {name}: this variable is not set; in a cell: import os, getpass; "
            f'os.environ["{name}"] = getpass.getpass()'
        )
    return key
