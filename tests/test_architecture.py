"""The table of CONTRIBUTING.md: who may import whom, imports for type checkers included."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support import PROJECT

LAYERS = {  # from the ground up: the folders of each layer
    0: ("core", "markdown"),
    1: ("render", "providers"),
    2: ("storage", "request", "views"),
    3: ("streaming",),
    4: ("parallel",),
    5: ("__init__", "__main__", "api", "cli", "demo_cli", "lesson_server", "magic"),
}
ALONE = {"core", "markdown", "render", "providers", "storage", "request", "views"}
"""Folders that import no other folder of their own layer."""
ONLY_IN = {  # what is imported from outside, and the one place for it
    "openai": "providers.openai",
    "google": "providers.gemini",
    "httpx2": "providers.",
    "markdown_it": "markdown.",
    "anywidget": "views.widget",
    "ipywidgets": "views.widget",
    "IPython.core": "magic",
}


@cache
def modules() -> dict[str, Path]:
    """Return every module by its name within the package: ``providers.demo``, ``__init__``."""
    package = PROJECT / "streamnb"
    files = (file for file in package.rglob("*.py") if "notebooks" not in file.parts)
    return {".".join(file.relative_to(package).with_suffix("").parts): file for file in sorted(files)}


def folder_of(module: str) -> str:
    """Return the folder of a module, or its name where it lies at the top."""
    return module.partition(".")[0]


def layer(module: str) -> int:
    """Return a module's layer, which its folder tells."""
    for number, folders in LAYERS.items():
        if folder_of(module) in folders:
            return number
    raise AssertionError(
        f"{module} is in no layer: add its folder to this table and to the one in CONTRIBUTING.md"
    )


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports, with whether it is ours, as a name within the package."""
    folder = ["streamnb", *module.split(".")[:-1]]
    for node in ast.walk(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, False) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = folder[: len(folder) - node.level + 1] if node.level else []
            source = ".".join([*base, *([node.module] if node.module else [])])
            if source.partition(".")[0] != "streamnb":
                yield source, False
                continue
            for alias in node.names:
                names = (
                    f"{source}.{alias.name}",
                    f"{source}.{alias.name}.__init__",
                    source,
                    f"{source}.__init__",
                )
                within = [name.removeprefix("streamnb.") for name in names]
                found = next((name for name in within if name in modules()), None)
                assert found, f"{module} imports {within[0]}, which is not there"
                yield found, True


@pytest.mark.parametrize("module", modules())
def test_a_module_imports_only_what_its_layer_may(module: str) -> None:
    for name, ours in imports(module):
        if not ours or folder_of(name) == folder_of(module):
            continue
        assert layer(name) <= layer(module), f"{module} imports {name}, which lies above it"
        if folder_of(module) in ALONE:
            assert layer(name) < layer(module), f"{module} imports {name}, which lies beside it"


@pytest.mark.parametrize("module", modules())
def test_a_library_is_imported_in_one_place(module: str) -> None:
    for name, ours in imports(module):
        for library, place in ONLY_IN.items():
            if not ours and f"{name}.".startswith(f"{library}."):
                assert module.startswith(place), f"{module} imports {name}"


def test_no_import_comes_back_to_where_it_began() -> None:
    graph = {module: {name for name, ours in imports(module) if ours} for module in modules()}
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, with the cycle


def test_every_module_says_what_lives_in_it() -> None:
    for module, file in modules().items():
        assert ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))), module


def test_the_table_can_fail() -> None:
    assert layer("providers.demo") == 1
    assert layer("render.snapshot") == 1
    assert layer("views.widget") == 2
    assert ("core.events", True) in set(imports("core.reply"))
    with pytest.raises(AssertionError, match="in no layer"):
        layer("attic")
