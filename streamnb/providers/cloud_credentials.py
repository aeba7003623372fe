"""Checks of the settings that Azure and Vertex AI need besides a model's name, before anything is sent.

Their SDKs read it from the environment, and say what is missing in the middle of a request and in
their own words.  In here it is one line that says what to type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..core.errors import UsageError
from ..core.text import sanitize_line
from . import gemini_client

__all__ = [
    "AZURE_VARIABLES",
    "VERTEX_VARIABLES",
    "check_azure_settings",
    "check_vertex_settings",
    "missing_key_message",
]

AZURE_VARIABLES = ("OPENAI_API_VERSION", "AZURE_OPENAI_AD_TOKEN")
_VERTEX_PROJECT_VARIABLES = ("GOOGLE_CLOUD_PROJECT", "GOOGLE_CLOUD_LOCATION")
_VERTEX_KEY_VARIABLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
_VERTEX_FILE_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
VERTEX_VARIABLES = (*_VERTEX_PROJECT_VARIABLES, *_VERTEX_KEY_VARIABLES, _VERTEX_FILE_VARIABLE)


def check_azure_settings(address: str | None, key: str | None, environ: Mapping[str, str]) -> None:
    """Check what Azure needs besides a deployment's name.

    Parameters
    ----------
    address
        The base URL, ``None`` where none was given.
    key
        The key, ``None`` without one.
    environ
        Where the SDK would look for both.

    Raises
    ------
    UsageError
        The endpoint, the API's version, or both key and token are missing.
    """
    if not address:
        raise UsageError(
            _missing_variable_message("azure", "AZURE_OPENAI_ENDPOINT", "https://NAME.openai.azure.com")
        )
    if not environ.get("OPENAI_API_VERSION"):
        raise UsageError(_missing_variable_message("azure", "OPENAI_API_VERSION", "2024-10-21"))
    if key is None and not environ.get("AZURE_OPENAI_AD_TOKEN"):
        raise UsageError(missing_key_message("azure", "AZURE_OPENAI_API_KEY"))


def check_vertex_settings(address: str | None, key: str | None, environ: Mapping[str, str]) -> None:
    """Check what Vertex AI needs besides a model's name.

    Credentials are looked for as the SDK does, at worst by asking the machine, for some seconds.

    Parameters
    ----------
    address
        The base URL, ``None`` where none was given.
    key
        The key, ``None`` without one.
    environ
        Where the SDK would look for project and credentials.

    Raises
    ------
    UsageError
        There is neither a key nor credentials and a project, or the location is none.
    """
    location = environ.get("GOOGLE_CLOUD_LOCATION", "").strip()
    if not re.fullmatch(r"[A-Za-z0-9-]*", location):  # the SDK writes it into the name of the host
        raise UsageError(
            f"vertex: GOOGLE_CLOUD_LOCATION is {sanitize_line(location, 60)!r}, which is no location; "
            "set it to one such as us-central1"
        )
    has_location = any(environ.get(name) for name in _VERTEX_PROJECT_VARIABLES)
    # The SDK passes keys over where a place is named.
    has_key = any(environ.get(name) for name in _VERTEX_KEY_VARIABLES)
    if address or key or (has_key and not has_location):  # a gateway knows whom to let in
        return
    try:
        project = gemini_client.project_of_credentials()
    except LookupError:
        raise UsageError(_no_credentials_message(environ.get(_VERTEX_FILE_VARIABLE, ""))) from None
    if not (project or environ.get("GOOGLE_CLOUD_PROJECT")):
        raise UsageError(_missing_variable_message("vertex", "GOOGLE_CLOUD_PROJECT", "PROJECT-ID"))


def missing_key_message(provider: str, variable: str) -> str:
    """Return the line for a key that is missing."""
    return (
        f"{provider} needs a key: set {variable} (in a notebook: import os, getpass; "
        f'os.environ["{variable}"] = getpass.getpass())'
    )


def _missing_variable_message(provider: str, variable: str, value: str) -> str:
    statement = f'import os; os.environ["{variable}"] = "{value}"'
    return f"{provider} needs {variable}: set it (in a notebook: {statement})"


def _no_credentials_message(file: str) -> str:
    if file:
        reason = f"{_VERTEX_FILE_VARIABLE} names {sanitize_line(file, 60)}, which holds no credentials"
        return f"vertex: {reason}; set it to the path of a key file"
    return (
        "vertex finds no credentials; in a terminal: gcloud auth application-default login "
        f"(or set {_VERTEX_FILE_VARIABLE} to the path of a key file)"
    )
