"""Environment variables: the ``.env`` file, API keys by variable name, and which may be used together.

A ``.env`` comes with whatever folder the kernel runs in, a stranger's repository included.  So an
address, a proxy or a certificate out of it is used with a key of the same file, or when the person
says so; a key of the person's own does not follow it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ..core.errors import UsageError
from ..core.redaction import ENVIRON, Secret
from ..core.safe_files import read_regular_file
from ..core.text import sanitize_line
from ..providers.base import Endpoint
from ..providers.colab_secrets import colab_key
from .option_table import row_by_dest

__all__ = [
    "PLACEHOLDER_KEY",
    "dotenv_variables",
    "key_from_named_variable",
    "load_nearest_dotenv",
    "refuse_outside_key_for_dotenv_address",
    "speed_from_env",
]

PLACEHOLDER_KEY = Secret("no-key-set")
"""Stands for a key in a dry run, where none was found."""

dotenv_variables: dict[str, tuple[Path, str]] = {}
"""The variables that a ``.env`` has set in this process: where it lies, and the value."""

# Variables that change the way to any address.
_NETWORK_VARIABLE = re.compile(r"(?i)(?:https?|all)_proxy|ssl_cert_(?:file|dir)|(?:requests|curl)_ca_bundle")
# Variables that say which program or library runs, where a person's own files lie, or where keys are written.
_PROGRAM_VARIABLE = re.compile(
    r"(?i)_?(?:ld|dyld|git|xdg|npm|conda|pip|uv|java|jdk|jupyter|google_external_account)_\w*"
    r"|python(?:[a-z0-9]*|_\w+)|(?:ipython|perl5|ruby)\w*"
    r"|path|pathext|home|shell|(?:bash_)?env|ifs|prompt_command|comspec|node_options|classpath|sslkeylogfile"
    r"|(?:\w+_)?(?:pager|editor|browser|askpass)|ssh_\w+|gconv_path|cloudsdk_\w+"
)
_VARIABLE_REFERENCE = re.compile(r"\$\{([^}:]*)(?::-([^}]*))?\}")
_HARMLESS_REFERENCES = frozenset({"HOME", "USER", "USERNAME", "HOSTNAME", "PWD"})


def load_nearest_dotenv() -> str | None:
    """Set the variables of the nearest ``.env`` that are not set yet, where python-dotenv is there.

    Returns
    -------
    str | None
        A sentence that names a parent folder's file which was used, or what of a file is not used; ``None``
        where there is nothing to say.
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
        texts = dotenv.dotenv_values(path, interpolate=False)
    except (OSError, ValueError) as error:
        return sanitize_line(f"{path} cannot be read and is not used: {error}")
    values = _expand_references(texts)
    fresh = {
        name: value
        for name, value in values.items()
        if name not in os.environ and "\0" not in value and not _is_unsafe_variable(name, value)
    }
    os.environ.update(fresh)
    dotenv_variables.update((name, (path, value)) for name, value in fresh.items())
    unused = [name for name, text in texts.items() if text and name not in os.environ]
    notices = [f"{', '.join(unused)}: not taken from {path}; set it before the start"] if unused else []
    if folder != here and fresh:
        notices.insert(0, f"{', '.join(fresh)}: read from {path}, in a folder above this one")
    return sanitize_line(" · ".join(notices)) or None


def _is_unsafe_variable(name: str, value: str) -> bool:
    """Whether a ``.env`` may not set a variable: it chooses programs, or a credential that reads files."""
    if name != "GOOGLE_APPLICATION_CREDENTIALS":
        return _PROGRAM_VARIABLE.fullmatch(name) is not None
    try:  # "external_account" sends what it finds in a file of this machine to an address of its own
        kind = json.loads(read_regular_file(value))["type"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return True
    return kind not in ("service_account", "authorized_user")


def _expand_references(texts: Mapping[str, str | None]) -> dict[str, str]:
    """Return the values with ``${NAME}`` replaced by the file's own values.

    One that would have a variable of the person's own written into it is left out: an address could carry
    a key, or a password, to whoever wrote the file.
    """
    values = {name: os.environ[name] for name in _HARMLESS_REFERENCES if name in os.environ}
    for name, text in texts.items():
        references = _VARIABLE_REFERENCE.findall(text or "")
        if text is not None and all(known in values or known not in os.environ for known, _ in references):
            values[name] = _VARIABLE_REFERENCE.sub(lambda match: values.get(match[1]) or match[2] or "", text)
    return {name: value for name, value in values.items() if name in texts}


def refuse_outside_key_for_dotenv_address(endpoint: Endpoint, environ: Mapping[str, str] = ENVIRON) -> None:
    """Refuse to take a key to an address that a ``.env`` names, unless the key comes from a ``.env`` as well.

    Parameters
    ----------
    endpoint
        Where the request would go.
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
    secrets = endpoint.secrets
    signed = endpoint.key is None and endpoint.provider in ("azure", "vertex")  # with the SDK's credentials
    if not (secrets or signed):
        return
    for name, (path, value) in from_file.items():
        if name != endpoint.address_variable and not _NETWORK_VARIABLE.fullmatch(name):
            continue
        values = [text for source, text in from_file.values() if source == path]
        if not secrets or not all(any(str.__str__(secret) in text for text in values) for secret in secrets):
            raise UsageError(
                _outside_key_message(name, path, value, is_address=name == endpoint.address_variable)
            )


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
        Whether something will be sent; without that ``PLACEHOLDER_KEY`` stands for a missing one.

    Returns
    -------
    str | None
        The key, ``PLACEHOLDER_KEY`` for a dry run without one, or ``None``.

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
        return PLACEHOLDER_KEY
    if not key:
        raise UsageError(
            f"--key-env {name}: this variable is not set (in a notebook: import os, getpass; "
            f'os.environ["{name}"] = getpass.getpass())'
        )
    return key


def speed_from_env(environ: Mapping[str, str] = ENVIRON) -> float | Literal["auto"]:
    """Return the pace of replays and the demo that ``STREAMNB_SPEED`` names, the option's default without it.

    Raises
    ------
    UsageError
        The variable holds neither a number from 0 on nor ``auto``.
    """
    row, text = row_by_dest("speed"), environ.get("STREAMNB_SPEED", "").strip()
    speed: float | Literal["auto"] = row.read(text) if text else row.default
    return speed
