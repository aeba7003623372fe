"""The table of CONTRIBUTING.md: who may import whom, imports for type checkers included."""

from __future__ import annotations

import ast
import graphlib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest

from streamnb.magic import commands
from streamnb.magic.command_table import COMMANDS
from streamnb.providers.registry import DIALECTS
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
HOOKS = {"_esm", "_css", "_exit", "_fields"}  # anywidget's traits, ``os._exit``, fields of a named tuple
HOOKS_OF_SDKS = {"_api_client"}  # where google-genai notes that aiohttp is there: nothing public tells it
LOOKUPS = {"setattr", "delattr", "getattr", "hasattr", "attrgetter", "import_module", "object", "patch"}
"""Functions that take the name of an attribute or a module as text, ``monkeypatch``'s and mock's included."""
MAX_CHAIN = 12  # modules, from the one that stands on all the others down to one that stands on none
ONLY_IN = {  # what is imported from outside, and the one place for it
    "openai": "providers.openai",
    "google": "providers.gemini",
    "httpx2": "providers.",
    "jiter": "providers.chunks",
    "markdown_it": "markdown.",
    "anywidget": "views.widget",
    "ipywidgets": "views.widget",
    "IPython.core": "magic",
}
IMPORTS_BY_NAME = {  # module: what it imports without a statement, which the other tests cannot see
    "__init__": ["f'.{home}'"],  # public names, each when it is first asked for
    "core.replies": ["'pandas'", "'streamnb.render.replies_table'"],  # the table, when it is shown
    "core.reply": ["'streamnb.render.snapshot'"],  # the answer, when it is shown
    "magic.background_imports": ["name"],  # ahead of time
    "magic.commands.__init__": ["command_module_name(name)"],  # a command, when it is typed
    "providers.colab_secrets": ["'google.colab.userdata'"],
    "providers.compat": ["'httpx'"],
    "providers.registry": ["f'.{module}'"],  # a dialect, when it is asked
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


@cache
def tree(module: str) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def imports_when_imported(module: str) -> Iterator[str]:
    """Yield what of ours a module imports at once: not in a function, and not for type checkers alone."""
    yield from (name for name, ours in imports(module, at_once(tree(module))) if ours)


def at_once(root: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a module that run when it is imported."""
    for node in ast.iter_child_nodes(root):
        is_for_types = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if not is_for_types and not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
            yield from at_once(node)


def imports(module: str, nodes: Iterable[ast.AST] | None = None) -> Iterator[tuple[str, bool]]:
    """Yield what a module imports, with whether it is ours, as a name within the package."""
    folder = ["streamnb", *module.split(".")[:-1]]
    for node in ast.walk(tree(module)) if nodes is None else nodes:
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
                imported = next((name for name in within if name in modules()), None)
                assert imported, f"{module} imports {within[0]}, which is not there"
                yield imported, True


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
        for library, prefix in ONLY_IN.items():
            if not ours and f"{name}.".startswith(f"{library}."):
                assert module.startswith(prefix), f"{module} imports {name}"


def imports_by_name(module: str) -> Iterator[str]:
    """Yield, as it is written, each name that a module imports without a statement."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Call) and (
            ast.unparse(node.func).rpartition(".")[2] in ("import_module", "__import__")
        ):
            yield ast.unparse(node.args[0])


def test_a_module_that_is_imported_by_name_is_in_a_list() -> None:
    by_name = {module: sorted(imports_by_name(module)) for module in modules()}
    assert {module: names for module, names in by_name.items() if names} == IMPORTS_BY_NAME


def test_no_import_comes_back_to_where_it_began() -> None:
    graph = {module: {name for name, ours in imports(module) if ours} for module in modules()}
    graph["magic.commands.__init__"] |= {name for name in graph if name.startswith("magic.commands.")} - {
        "magic.commands.__init__"
    }
    graphlib.TopologicalSorter(graph).prepare()  # raises CycleError, with the cycle


def chain(module: str) -> list[str]:
    """Return the longest chain of imports that begins when a module is imported."""
    return _chains()[module]


@cache
def _chains() -> dict[str, list[str]]:
    graph = {module: set(imports_when_imported(module)) - {module} for module in modules()}
    chains: dict[str, list[str]] = {}
    for module in graphlib.TopologicalSorter(graph).static_order():
        chains[module] = [module, *max((chains[name] for name in graph[module]), key=len, default=[])]
    return chains


def test_no_chain_of_imports_is_long() -> None:
    longest = max(map(chain, modules()), key=len)
    assert len(longest) <= MAX_CHAIN, " -> ".join(longest)


@pytest.mark.parametrize("name", DIALECTS.values())
def test_every_dialect_that_is_loaded_by_name_is_there(name: str) -> None:
    module, _, provider = name.partition(":")
    assert callable(getattr(import_module(f"streamnb.providers.{module}"), provider)().make_adapter)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_that_is_loaded_by_name_is_there(command: str) -> None:
    assert callable(import_module(commands.command_module_name(command)).run)


def test_every_module_says_what_lives_in_it() -> None:
    for module in modules():
        assert ast.get_docstring(tree(module)), module


def is_private(name: str) -> bool:
    """Tell whether a name is private: not the hooks that IPython and anywidget look for."""
    return name.startswith("_") and not name.endswith("_") and name not in HOOKS


def reaches(file_tree: ast.AST) -> Iterator[str]:
    """Yield the private names of others that a file reads or imports."""
    own = {
        node.attr
        for node in ast.walk(file_tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    for node in ast.walk(file_tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr) and node.attr not in own:
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if is_private(alias.name))


def reaches_by_text(file_tree: ast.AST) -> Iterator[str]:
    """Yield the private names that a file hands as text to what looks up or replaces an attribute."""
    for node in ast.walk(file_tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in LOOKUPS:
            texts = (arg.value for arg in node.args[:2] if isinstance(arg, ast.Constant))
            names = (name for text in texts if isinstance(text, str) for name in text.split("."))
            yield from (name for name in names if is_private(name) and name not in HOOKS_OF_SDKS)


def test_no_test_reaches_into_what_is_private() -> None:
    files = (PROJECT / "tests").rglob("*.py")
    trees = {str(file): ast.parse(file.read_text("utf-8")) for file in files}
    private = {name: [*reaches(tree), *reaches_by_text(tree)] for name, tree in trees.items()}
    assert {name: names for name, names in private.items() if names} == {}
    assert [*reaches(ast.parse("from a import _b\nc._d\nself._e\nc._e"))] == ["_b", "_d"]
    by_text = "patch.setattr(a, '_b', 1)\npatch.setattr('a._c.d', '_1')\ngetattr(a, '_e')\nf('_g')"
    assert [*reaches_by_text(ast.parse(by_text))] == ["_b", "_c", "_1", "_e"]


def test_who_catches_everything_says_why() -> None:
    """A bare ``except Exception`` has a comment on its line; one that raises again needs none."""
    for module, file in modules().items():
        lines = file.read_text("utf-8").splitlines()
        for node in ast.walk(tree(module)):
            if not isinstance(node, ast.ExceptHandler) or isinstance(node.body[-1], ast.Raise):
                continue
            kinds = {"BaseException"} if node.type is None else set(ast.unparse(node.type).split())
            if kinds & {"Exception", "BaseException"}:
                assert "  # " in lines[node.lineno - 1], f"{module}, line {node.lineno}"


def test_the_table_can_fail() -> None:
    assert layer("providers.demo") == 1
    assert layer("render.snapshot") == 1
    assert layer("views.widget") == 2
    assert ("core.events", True) in set(imports("core.reply"))
    assert chain("core.wire_events") == ["core.wire_events", "core.events"]
    with pytest.raises(AssertionError, match="in no layer"):
        layer("attic")
