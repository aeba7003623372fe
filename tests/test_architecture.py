"""The table of CONTRIBUTING.md: who may import whom.  Imports for type checkers alone do not count."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.support import PROJECT

LAYERS = {
    "words": "errors events parts secret traffic",
    "pure": """
        asking.checks asking.environment asking.files asking.flags asking.options asking.prompt asking.values
        calls cost discretion footer markdown recording reply several.comparison timing
        display.asides display.controls display.fields display.looks display.snapshot
    """,
    "providers": "providers",
    "display": "display",
    "conductor": """
        asking chats keeping ledger lesson_server run schema session several streaming tools uploads warmup
        xray
    """,
    "doors": "__init__ __main__ cli magic tour",
}
MAY_IMPORT = {
    "words": {"words"},
    "pure": {"words", "pure"},
    "providers": {"words", "providers"},
    "display": {"words", "pure", "display"},
    "conductor": {"words", "pure", "providers", "display", "conductor"},
    "doors": {"words", "pure", "providers", "display", "conductor", "doors"},
}
ALONE = {"markdown"}  # a folder that imports nothing of ours but itself
ALSO = {("providers.demo", "recording")}
ONLY_IN = {  # what is imported from outside, and the one place for it
    "openai": "providers.openai",
    "google": "providers.gemini",
    "httpx2": "providers.",
    "markdown_it": "markdown.",
    "anywidget": "display.widget",
    "ipywidgets": "display.widget",
    "IPython.core": "magic",
}


@cache
def modules() -> dict[str, Path]:
    """Return every module by its name within the package: ``providers.demo``, ``__init__``."""
    package = PROJECT / "streamnb"
    files = (file for file in package.rglob("*.py") if "notebooks" not in file.parts)
    return {".".join(file.relative_to(package).with_suffix("").parts): file for file in sorted(files)}


def layer(module: str) -> str:
    """Return a module's layer: the one of the longest entry that it is, or that it is below of."""
    name = module.removesuffix(".__init__")
    found = [
        (len(entry), layer)
        for layer, entries in LAYERS.items()
        for entry in entries.split()
        if f"{name}.".startswith(f"{entry}.")
    ]
    assert found, f"{module} is in no layer: add it to this table and to the one in CONTRIBUTING.md"
    return max(found)[1]


def statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node that can run, those below ``if TYPE_CHECKING`` left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        yield from statements(node)


def imports(module: str) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports, with whether it is ours, as a name within the package."""
    folder = ["streamnb", *module.split(".")[:-1]]
    for node in statements(ast.parse(modules()[module].read_text(encoding="utf-8"))):
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
        if ours and (module, name) not in ALSO:
            assert layer(name) in MAY_IMPORT[layer(module)], f"{module} imports {name}"
        if ours and module.partition(".")[0] in ALONE:
            assert name.partition(".")[0] == module.partition(".")[0], f"{module} imports {name}"


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
    assert layer("providers.demo") == "providers"
    assert layer("display.snapshot") == "pure"
    assert layer("display.widget") == "display"
    assert ("events", True) in set(imports("reply"))
    with pytest.raises(AssertionError, match="in no layer"):
        layer("attic")
