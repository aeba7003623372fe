"""Masking of keys in a notebook's own text (cells, outputs, tracebacks) before it goes to a model.

``redaction`` has a list of the keys of one stream; here no list exists.  So three things are masked: the
values of environment variables with a name like ``…_KEY``, text with the shape of a known service's key, and
a literal that is assigned to a name like ``api_key``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .redaction import is_maskable, mask
from .text import mask_keys

__all__ = ["MASK", "is_secret_name", "mask_notebook_text", "secret_env_values"]

MASK = "[key]"

_SECRET_ENV_VARIABLE = re.compile(r"(?i)key|token|secret|passw|credential")
_SECRET_NAME = re.compile(
    r"(?i)api_?key|(?:access|secret|private)_key|\w_token|secret|passw|credential|pwd\b"
)
_SERVICE_KEY = re.compile(
    r"\b(?:gh[opsu]_|github_pat_|glpat-|xox[abpr]-|AKIA|ya29\.)[A-Za-z0-9_-]{12,}"
    r"|\b(?:npm_|pypi-|glsa_|sntrys_|dop_v1_|shpat_|SG\.)[A-Za-z0-9._-]{12,}"
    r"|\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]+"  # a signed token
    r"|(?<=Bearer )(?=\S*\d)[\w.~+/=-]{12,}|(?<=Basic )(?=\S*\d)[\w+/=]{12,}"
    r"|(?<=AccountKey=)[\w+/=]{20,}|(?<=SharedAccessKey=)[\w+/=]{20,}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
)
# In an address, as requests quotes it in an error.
_QUERY_KEY = re.compile(
    r"(?i)([?&](?:[\w.-]{0,40}(?:key|token|secret|passw(?:or)?d|signature|credential)|sig|pwd)=)[^&\s'\"<>(){}#]{6,}"
)
# name = "…", "name": "…", ["NAME"] = "…", name="…"
_KEY_ASSIGNMENT = re.compile(
    r"""(?<!\w)(\w{1,80})(['"]?\]?\s{0,9}[:=]\s{0,9}[rbufRBUF]{0,2})(['"]{1,3})([^'"\n]+)"""
)


def is_secret_name(name: str) -> bool:
    """Tell whether a variable of this name may hold a key.

    >>> is_secret_name("OPENAI_API_KEY"), is_secret_name("keyboard")
    (True, False)
    """
    return _SECRET_NAME.search(name) is not None


def secret_env_values(environ: Mapping[str, str]) -> list[str]:
    """Return the values of variables with a name like a key's.

    >>> secret_env_values({"HOME": "/home/me", "GROQ_API_KEY": "c4n4ry "})
    ['c4n4ry']
    """
    return [environ[name].strip() for name in environ if _SECRET_ENV_VARIABLE.search(name)]


def mask_notebook_text(text: str, environ: Mapping[str, str]) -> str:
    """Return text without the keys in it.

    >>> mask_notebook_text('api_key = "c4n4ry-c4n4ry"', {})
    'api_key = "[key]"'
    """
    text = _KEY_ASSIGNMENT.sub(_mask_assignment, mask(text, secret_env_values(environ)))
    return _SERVICE_KEY.sub(MASK, _QUERY_KEY.sub(rf"\1{MASK}", mask_keys(text)))


def _mask_assignment(match: re.Match[str]) -> str:
    name, between, quote, value = match.groups()
    return f"{name}{between}{quote}{MASK}" if is_secret_name(name) and is_maskable(value) else match[0]
