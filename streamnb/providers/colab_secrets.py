"""Look-up of API keys in Colab's secrets, by the name of the environment variable.

Only where Colab runs this, and only for a stream that cannot be sent without the key, since nothing else has
it.  Colab's page then asks by itself whether this notebook may read it.  What is not there, or not allowed,
is no key.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module

from ..core.redaction import Secret

__all__ = ["colab_key"]


def colab_key(names: Iterable[str]) -> Secret | None:
    """Return the first secret of one of these names, ``None`` without one or outside of Colab."""
    if "google.colab" not in sys.modules:
        return None
    for name in names:
        try:
            value = import_module("google.colab.userdata").get(name)
        except Exception:  # there is none, access was refused, nobody answered; Colab has a class for each
            continue
        if isinstance(value, str) and value.strip():
            return Secret(value.strip())
    return None
