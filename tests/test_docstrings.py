"""The docstrings of the public names say all that a caller needs, and their examples are true."""

from __future__ import annotations

import ast
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
from streamnb.core.sent_items import SentItem
from streamnb.core.table_row import TableRow
from streamnb.core.timing import Timing
from streamnb.core.tool_calls import ToolCall
from streamnb.request.option_table import OPTIONS
from tests.support import PROJECT

MODULES = [module.name for module in pkgutil.walk_packages(streamnb.__path__, "streamnb.")]

PUBLIC = {name: getattr(streamnb, name) for name in streamnb.__all__} | {
    "SentItem": SentItem,
    "TableRow": TableRow,
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
    """Return a numpy section of what documents something, empty where it has none."""
    return section_of(inspect.getdoc(documented) or "", title)


def section_of(text: str, title: str) -> str:
    """Return a numpy section of a docstring, empty where it has none."""
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


def test_the_keywords_of_stream_and_their_defaults_stand_in_its_docstring() -> None:
    text = section(streamnb.stream, "Parameters")
    rows = {row.keyword: row for row in OPTIONS if row.keyword}
    assert entries(text) == {"prompt", *rows}
    for name, row in rows.items():
        if row.default is not None:
            (described,) = re.findall(rf"^{name}\n((?: +.*\n)+)", text, re.M)
            assert str(row.default) in " ".join(described.split()), name


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


# -- everything that one module offers another ----------------------------------------------

SECTIONS = {"Parameters", "Returns", "Yields", "Raises", "Attributes", "Examples", "Notes"}
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definitions(body: list[ast.stmt], prefix: str) -> Iterator[tuple[str, Definition]]:
    """Yield what a module or a class defines, by name."""
    for node in body:
        if isinstance(node, Definition):
            yield f"{prefix}.{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from definitions(node.body, f"{prefix}.{node.name}")


def raised(node: ast.AST) -> Iterator[str]:
    """Yield the exceptions that a function makes and raises by itself, by the names of their classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition | ast.Lambda):
            continue
        if isinstance(child, ast.Raise) and isinstance(child.exc, ast.Call):
            name = ast.unparse(child.exc.func)
            yield from [name] if name.rpartition(".")[2][:1].isupper() else []
        yield from raised(child)


def arguments(node: Definition) -> set[str]:
    """Return the names that a section on parameters may have: a class's are those of its ``__init__``."""
    if isinstance(node, ast.ClassDef):
        fields = {
            field.target.id for field in node.body if isinstance(getattr(field, "target", None), ast.Name)
        }
        made = [inner for inner in node.body if getattr(inner, "name", "") in ("__init__", "__new__")]
        return fields.union(*map(arguments, made))
    given = node.args
    stars = [argument for argument in (given.vararg, given.kwarg) if argument]
    return {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, *stars)}


DEFINITIONS = {
    name: node
    for file in sorted((PROJECT / "streamnb").rglob("*.py"))
    if "notebooks" not in file.parts
    for name, node in definitions(
        ast.parse(file.read_text("utf-8")).body,
        ".".join(file.relative_to(PROJECT).with_suffix("").parts),
    )
}


def test_what_a_function_raises_by_itself_stands_under_raises() -> None:
    silent = [
        f"{name}: {exception}"
        for name, node in DEFINITIONS.items()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and "._" not in name
        for exception in set(raised(node)) - {"NotImplementedError"}
        if exception not in entries(section_of(ast.get_docstring(node) or "", "Raises"))
    ]
    assert silent == []


def test_sections_have_their_names_and_describe_parameters_that_there_are() -> None:
    for name, node in DEFINITIONS.items():
        text = ast.get_docstring(node) or ""
        assert set(re.findall(r"^(\w[\w ]*)\n-{3,}$", text, re.M)) <= SECTIONS, name
        described = {entry for entry in entries(section_of(text, "Parameters")) if entry}
        if name != "streamnb.api.stream":  # its keywords stand in one class
            assert described <= arguments(node), name


def data_fields(node: Definition) -> set[str]:
    """Return the fields of a dataclass or a named tuple; none of anything else."""
    if not isinstance(node, ast.ClassDef):
        return set()
    headers = [ast.unparse(header) for header in (*node.decorator_list, *node.bases)]
    if not any(header.startswith("dataclass") or header == "NamedTuple" for header in headers):
        return set()
    return {
        field.target.id
        for field in node.body
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and "ClassVar" not in ast.unparse(field.annotation)
    }


DATA = {name: (node, data_fields(node)) for name, node in DEFINITIONS.items() if len(data_fields(node)) > 2}


@pytest.mark.parametrize("name", DATA)
def test_every_field_of_data_is_described_and_nothing_that_is_none(name: str) -> None:
    node, fields = DATA[name]
    described = entries(section_of(ast.get_docstring(node) or "", "Attributes"))
    members = {getattr(member, "name", "") for member in ast.walk(node)}
    assert fields <= described, fields - described
    assert described <= fields | members, described - fields


def test_data_without_a_word_on_a_field_is_seen() -> None:
    (node,) = ast.parse(
        "@dataclass(slots=True)\nclass Point:\n    x: float\n    y: float\n    z: float = 0"
    ).body
    assert isinstance(node, ast.ClassDef)
    assert data_fields(node) == {"x", "y", "z"}
    assert data_fields(ast.ClassDef("Point", [], [], node.body, [])) == set()


def test_a_function_that_raises_in_silence_is_seen() -> None:
    (function,) = ast.parse(
        "def read():\n    if True:\n        raise UsageError('no')\n    def inner(): raise A()"
    ).body
    assert set(raised(function)) == {"UsageError"}
    assert section_of("Read.\n\nRaises\n------\nUsageError\n    Never.", "Raises").startswith("UsageError")
