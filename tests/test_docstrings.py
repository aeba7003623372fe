"""The docstrings of the public names say all that a caller needs, and their examples are true."""

from __future__ import annotations

import dataclasses
import doctest
import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import pytest

import streamnb
from streamnb import markdown
from streamnb.core.timing import Timing
from streamnb.core.tool_calls import ToolCall

MODULES = [found.name for found in pkgutil.walk_packages(streamnb.__path__, "streamnb.")]

PUBLIC = {name: getattr(streamnb, name) for name in streamnb.__all__} | {
    "Timing": Timing,
    "ToolCall": ToolCall,
    "markdown.LiveMarkdown": markdown.LiveMarkdown,
    "markdown.Patch": markdown.Patch,
    "markdown.render": markdown.render,
}
"""The public names, and the classes of what their attributes hold."""


def functions() -> Iterator[tuple[str, Any]]:
    """Yield the public functions and the public methods of the public classes, by name."""
    for name, value in PUBLIC.items():
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            methods = ((f"{name}.{key}", member) for key, member in vars(value).items() if key[0] != "_")
            yield from ((key, member) for key, member in methods if inspect.isfunction(member))


FUNCTIONS = dict(functions())
CLASSES = {name: value for name, value in PUBLIC.items() if inspect.isclass(value)}


def section(documented: Any, title: str) -> str:
    """Return a numpy section of a docstring, empty where it has none."""
    text = inspect.getdoc(documented) or ""
    match = re.search(rf"^{title}\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    return match[1] if match else ""


def entries(text: str) -> set[str]:
    """Return the names that a section describes: ``a, b`` on one line are two of them."""
    names = (
        name.strip().lstrip("*") for line in re.findall(r"^\S.*$", text, re.M) for name in line.split(",")
    )
    return set(names)


@pytest.mark.parametrize("name", [name for name in MODULES if not name.endswith("__main__")])
def test_every_example_in_a_docstring_is_true(name: str) -> None:
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_of_a_public_function_is_described(name: str) -> None:
    function = FUNCTIONS[name]
    described = entries(section(function, "Parameters"))
    keywords = {"keywords", "values"} & described
    parameters = inspect.signature(function).parameters.keys() - {"self"}
    if keywords and "As for" in section(function, "Parameters"):  # those of another function
        parameters -= streamnb.stream.__signature__.parameters.keys() - described  # type: ignore[attr-defined]
    assert parameters <= described | keywords, parameters - described


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_public_function_returns_is_described(name: str) -> None:
    function = FUNCTIONS[name]
    returns = inspect.get_annotations(inspect.unwrap(function)).get("return")
    assert bool(section(function, "Returns")) == (returns != "None"), returns


@pytest.mark.parametrize("name", CLASSES)
def test_every_field_of_a_public_class_is_described(name: str) -> None:
    value = CLASSES[name]
    fields = getattr(value, "_fields", ())
    if dataclasses.is_dataclass(value):
        fields = tuple(field.name for field in dataclasses.fields(value))
    elif "__annotations__" in vars(value):
        fields = tuple(vars(value)["__annotations__"])
    assert set(fields) <= entries(section(value, "Attributes"))


def test_a_section_that_is_missing_is_seen() -> None:
    def documented(text: str) -> int:
        """Count.

        Parameters
        ----------
        text, more
            What is counted.
        """
        return len(text)

    assert entries(section(documented, "Parameters")) == {"text", "more"}
    assert section(documented, "Returns") == ""
