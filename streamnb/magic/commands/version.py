"""``%stream version``: the versions of streamnb and of what it stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    print(f"streamnb {_installed_version('streamnb')}, Python {platform.python_version()}")
    names = ("openai", "google-genai", "httpx2", "IPython", "ipykernel", "anywidget")
    print(", ".join(f"{name} {_installed_version(name)}" for name in names))


def _installed_version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
