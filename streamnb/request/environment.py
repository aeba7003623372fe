"""Environment variables: the ``.env`` file, API keys by variable name, and which may be used together.

A ``.env`` comes with whatever folder the kernel runs in, a stranger's repository included.  So an
address, a proxy or a certificate out of it is used with a key of the same file, or when the person
says so; a key of the person's own does not follow it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ..core.errors import UsageError
from ..core.redaction import ENVIRON, Secret
from ..core.text import sanitize_line
from ..providers.base import Endpoint
from ..providers.colab_secrets import colab_key
from .option_table import row_of_field

__all__ = [
    "NO_KEY",
    "dotenv_variables",
    "key_from_named_variable",
    "load_nearest_dotenv",
    "refuse_outside_key_for_dotenv_address",
    "speed_from_env",
]

NO_KEY = Secret("no-key-set")
"""What stands for a key where nothing is sent, and none was found."""

dotenv_variables: dict[str, tuple[Path, str]] = {}
"""The variables that a ``.env`` has set in this process: where it lies, and the value."""

# Variables that change the way to any address.
_NETWORK_VARIABLE = re.compile(r"(?i)(?:https?|all)_proxy|ssl_cert_(?:file|dir)")
_VARIABLE_REFERENCE = re.compile(r"\$\{([^}:]+)")
_IS_SECRET = re.compile("(?i)key|token|secret|passw|headers").search


def load_nearest_dotenv() -> str | None:
    """Set the variables of the nearest ``.env`` that are not set yet, where python-dotenv is there.

    Returns
    -------
    str | None
        A sentence that names a parent folder's file which was used; ``None`` where there is none to name.
    """
    here = Path.cwd()
    folder = next((folder for folder in (here, *here.parents) if (folder / ".env").is_file()), None)
    if folder is None:
        return None  # looking is quicker than importing what reads it
    try:
        import dotenv
    except ImportError:  # an optional helper; without it the environment is as it is
        return None
    path = folder / ".env"
    try:
        values, raw = dotenv.dotenv_values(path), dotenv.dotenv_values(path, interpolate=False)
    except (OSError, ValueError) as error:
        return sanitize_line(f"{path} cannot be read and is not used: {error}")
    fresh = {
        name: value
        for name, value in values.items()
        if value is not None and name not in os.environ and not _expands_to_secret(raw.get(name) or "", raw)
    }
    os.environ.update(fresh)
    dotenv_variables.update((name, (path, value)) for name, value in fresh.items())
    if folder == here or not fresh:
        return None
    return sanitize_line(f"{', '.join(fresh)}: read from {path}, in a folder above this one")


def _expands_to_secret(raw: str, names: Mapping[str, object]) -> bool:
    """Whether a value would have a key of the person's own written into it: ``${OPENAI_API_KEY}``."""
    return any(_IS_SECRET(name) and name not in names for name in _VARIABLE_REFERENCE.findall(raw))


def refuse_outside_key_for_dotenv_address(
    endpoint: Endpoint, *, is_address_typed: bool, environ: Mapping[str, str] = ENVIRON
) -> None:
    """Refuse to take a key to an address that a ``.env`` names, unless the key comes from a ``.env`` as well.

    Parameters
    ----------
    endpoint
        Where the request would go.
    is_address_typed
        Whether the person has typed the address.
    environ
        The environment that the request is made in.

    Raises
    ------
    UsageError
        Which variable leads where, and what to type if that is wanted.
    """
    from_file = {
        name: (path, value) for name, (path, value) in dotenv_variables.items() if environ.get(name) == value
    }
    values = [value for _, value in from_file.values()]
    secrets = endpoint.secrets
    signed = endpoint.key is None and endpoint.provider in ("azure", "vertex")  # with the SDK's credentials
    if not (secrets or signed) or (
        secrets and all(any(str.__str__(secret) in value for value in values) for secret in secrets)
    ):
        return
    addresses = {endpoint.base_url, *(value.rstrip("/") for _, value in endpoint.settings)}
    for name, (path, value) in from_file.items():
        leads = not is_address_typed and value.strip().rstrip("/") in addresses and "://" in value
        if leads or _NETWORK_VARIABLE.fullmatch(name):
            raise UsageError(_outside_key_message(name, path, value, is_address=leads))


def _outside_key_message(name: str, path: Path, value: str, *, is_address: bool) -> str:
    scheme, separator, address = value.strip().rpartition("://")
    where = sanitize_line(f"{scheme}{separator}{address.rpartition('@')[2]}", 60)
    if is_address:
        way = f"--base-url {where} --key-env NAME sends one there"
    else:
        way = f"{where} gets no key; set {name} before the start, or put the key into that file"
    source = sanitize_line(f"{path.parent.name}/.env", 30)
    return sanitize_line(f"{name} comes from {source} and the key does not, so nothing was sent: {way}")


def key_from_named_variable(
    name: str | None, environ: Mapping[str, str] = ENVIRON, *, needed: bool = True
) -> str | None:
    """Return the key that the variable ``name`` holds, ``None`` where no variable was named.

    Parameters
    ----------
    name
        The variable.
    environ
        The environment it is looked up in.
    needed
        Whether something will be sent; without that ``NO_KEY`` stands for a missing one.

    Returns
    -------
    str | None
        The key, ``NO_KEY`` for a dry run without one, or ``None``.

    Raises
    ------
    UsageError
        The variable is not set, or empty.
    """
    if name is None:
        return None
    key = Secret(environ.get(name, "").strip())
    if not key and needed:
        key = colab_key([name]) or key
    if not key and not needed:
        return NO_KEY
    if not key:
        raise UsageError(
            f"--key-env {name}: this variable is not set (in a notebook: import os, getpass; "
            f'os.environ["{name}"] = getpass.getpass())'
        )
    return key


def speed_from_env(environ: Mapping[str, str] = ENVIRON) -> float | Literal["auto"]:
    """Return the pace of replays and the demo that ``STREAMNB_SPEED`` names; 1 where it is not set.

    Raises
    ------
    UsageError
        The variable holds neither a number from 0 on nor ``auto``.
    """
    text = environ.get("STREAMNB_SPEED", "").strip()
    if not text:
        return 1.0
    speed: float | Literal["auto"] = row_of_field("speed").read(text)
    return speed
