"""The examples in docstrings say what really comes out."""

from __future__ import annotations

import doctest
import importlib
import pkgutil

import pytest

import streamnb

MODULES = [found.name for found in pkgutil.walk_packages(streamnb.__path__, "streamnb.")]


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_every_example_in_a_docstring_is_true(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0
