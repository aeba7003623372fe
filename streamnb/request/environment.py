"""What the doors take from outside the line: the ``.env`` file and keys by variable name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..core.errors import UsageError
from ..core.redaction import ENVIRON, Secret

__all__ = ["NO_KEY", "key_from_env", "read_dotenv"]

NO_KEY = Secret("no-key-set")
"""What stands for a key where nothing is sent, and none was found."""


def read_dotenv() -> None:
    """Set the variables of the nearest ``.env`` that are not set yet, where python-dotenv is there."""
    here = Path.cwd()
    if not any((folder / ".env").is_file() for folder in (here, *here.parents)):
        return  # looking is quicker than importing what reads it
    try:
        import dotenv
    except ImportError:  # an optional helper; without it the environment is as it is
        return
    dotenv.load_dotenv(dotenv.find_dotenv(usecwd=True), override=False)


def key_from_env(
    name: str | None, environ: Mapping[str, str] = ENVIRON, *, needed: bool = True
) -> str | None:
    """Return the key that the variable ``name`` holds, ``None`` where no variable was named."""
    if name is None:
        return None
    key = Secret(environ.get(name, "").strip())
    if not key and not needed:
        return NO_KEY
    if not key:
        raise UsageError(
            f"--key-env {name}: this variable is not set (in a notebook: import os, getpass; "
            f'os.environ["{name}"] = getpass.getpass())'
        )
    return key
