"""One-line summaries of a notebook's variables for a model: type, shape, columns, a short value.

No code of the person's own runs for it: no ``repr``, no property, no ``len`` of a class of theirs.  What is
shown is bounded, and a name like ``api_key`` is told by its type alone.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import keyword
import re
import types
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from ..core.notebook_secrets import is_secret_name
from ..core.text import with_article

__all__ = ["names_in_code", "summaries_for_code", "summary"]

MAX_NAMES = 40
MAX_LINE_CHARACTERS = 400
MAX_TEXT_CHARACTERS = 80  # of the beginning of a text
MAX_ITEMS = 8  # of a list, a dict, attributes
MAX_COLUMNS = 30
MAX_INTEGER_BITS = 128  # of a whole number that is shown

_IDENTIFIER = re.compile(r"(?<![\w.])[^\W\d]\w*")
_ARRAY_MODULES = ("numpy", "torch", "jax", "jaxlib", "tensorflow", "cupy", "xarray", "scipy")
_TABLE_MODULES = ("pandas", "polars")
# Of these the repr is a short value.
_SHORT_REPR_MODULES = ("datetime", "decimal", "fractions", "pathlib", "uuid", "zoneinfo")
_IPYTHON_NAMES = {"In", "Out", "get_ipython", "exit", "quit", "open", "_", "__", "___"}


def summaries_for_code(code: str, names: Mapping[str, Any]) -> list[str]:
    """Return a line for each name in ``code`` that the notebook has, in the order in which they stand."""
    known_names = [name for name in names_in_code(code) if name in names and name not in _IPYTHON_NAMES]
    lines = [f"{name}: {summary(names[name], name)}" for name in known_names[:MAX_NAMES]]
    return (
        [*lines, f"and {len(known_names) - MAX_NAMES} more names"] if len(known_names) > MAX_NAMES else lines
    )


def names_in_code(code: str) -> list[str]:
    """Return the names that stand in code, once each; words that look like one where it is no Python.

    >>> names_in_code("total = sum(prices) / n"), names_in_code("if prices")
    (['total', 'sum', 'prices', 'n'], ['prices'])
    """
    try:
        nodes = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)]
        nodes.sort(key=lambda node: (node.lineno, node.col_offset))
        names = [node.id for node in nodes]
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a magic in it, or the error itself
        names = [name for name in _IDENTIFIER.findall(code) if not keyword.iskeyword(name)]
    return list(dict.fromkeys(names))


def summary(value: Any, name: str = "") -> str:
    """Return one line about a value; ``name`` is what it is called, and may say that it is a key.

    >>> summary([1, 2]), summary("hello"), summary({"a": 1})
    ('list of 2: [1, 2]', "str of 5 characters: 'hello'", "dict of 1: keys 'a'")
    """
    try:
        kind = type(value)
        if is_secret_name(name) and not _is_code(value):
            return f"{_type_name(kind)}, its value is not shown: it is named like a key"
        line = _describe_value(value, kind)
    except Exception:  # a class may break even what Python asks of every object
        line = "a value that cannot be described"
    return line if len(line) <= MAX_LINE_CHARACTERS else line[: MAX_LINE_CHARACTERS - 1] + "…"


def _describe_value(value: Any, kind: type) -> str:
    for base, describe in _BUILT_IN_DESCRIBERS.items():
        if issubclass(kind, base):
            # The base's own methods: a subclass may have overridden them.
            return describe(value) if kind is base else f"{_type_name(kind)}, {with_article(describe(value))}"
    if _is_code(value):
        return _describe_code(value)
    library = next(
        (
            root
            for base in kind.__mro__
            if (root := _root_package(base)) in (*_TABLE_MODULES, *_ARRAY_MODULES)
        ),
        "",
    )
    if library in _TABLE_MODULES and (table := _describe_table(value, kind)):
        return table
    if kind.__module__.partition(".")[0] in _SHORT_REPR_MODULES:
        return repr(value)
    if library and (array := _describe_array(value, kind)):
        return array
    return _describe_instance(value, kind)


def _root_package(kind: type) -> str:
    module = kind.__module__
    return module.partition(".")[0] if type(module) is str else ""


def _type_name(kind: type) -> str:
    module = kind.__module__
    is_plain = type(module) is not str or module in ("builtins", "__main__")
    return kind.__qualname__ if is_plain else f"{module.partition('.')[0]}.{kind.__qualname__}"


# --- values of Python's own types ----------------------------------------------------


def _count_with_noun(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _describe_text(value: str) -> str:
    text = str.__str__(value)
    length = _count_with_noun(len(text), "character")
    if len(text) <= MAX_TEXT_CHARACTERS:
        return f"str of {length}: {text!r}"
    return f"str of {length}, beginning {text[:MAX_TEXT_CHARACTERS]!r}"


def _describe_integer(value: int) -> str:
    bits = int.bit_length(value)
    return f"int {int.__repr__(value)}" if bits <= MAX_INTEGER_BITS else f"int of {bits:,} bits"


def _describe_element(item: Any) -> str:
    """Return an element: its value where it is a short one of Python's own, else its type."""
    kind = type(item)
    if kind in (bool, type(None), float, complex) or (
        kind is int and int.bit_length(item) <= MAX_INTEGER_BITS
    ):
        return repr(item)
    if kind is str:
        return repr(item if len(item) <= 30 else item[:29] + "…")
    return _type_name(kind)


def _sequence_describer(name: str, opening: str, closing: str, base: type) -> Callable[[Any], str]:
    def describe(value: Any) -> str:
        count: int = base.__len__(value)  # type: ignore[attr-defined]
        items = ", ".join(map(_describe_element, islice(base.__iter__(value), MAX_ITEMS)))  # type: ignore[attr-defined]
        more = ", …" if count > MAX_ITEMS else ""
        return f"{name} of {count:,}: {opening}{items}{more}{closing}" if count else f"empty {name}"

    return describe


def _describe_dict(value: dict[Any, Any]) -> str:
    count = dict.__len__(value)
    keys = ", ".join(map(_describe_element, islice(dict.__iter__(value), MAX_COLUMNS)))
    return f"dict of {count:,}: keys {keys}{', …' * (count > MAX_COLUMNS)}" if count else "empty dict"


_BUILT_IN_DESCRIBERS: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "None",
    bool: lambda value: f"bool {bool.__repr__(value)}",
    int: _describe_integer,
    float: lambda value: f"float {float.__repr__(value)}",
    complex: lambda value: f"complex {complex.__repr__(value)}",
    str: _describe_text,
    bytes: lambda value: f"bytes, {_count_with_noun(bytes.__len__(value), 'byte')}",
    bytearray: lambda value: f"bytearray, {_count_with_noun(bytearray.__len__(value), 'byte')}",
    list: _sequence_describer("list", "[", "]", list),
    tuple: _sequence_describer("tuple", "(", ")", tuple),
    set: _sequence_describer("set", "{", "}", set),
    frozenset: _sequence_describer("frozenset", "{", "}", frozenset),
    dict: _describe_dict,
    range: repr,
}


# --- code ----------------------------------------------------------------------------


_CODE_TYPES = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.MethodType,
    types.BuiltinFunctionType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
)


def _is_code(value: Any) -> bool:
    # Not isinstance: it asks an object for its __class__, which may be a property.
    return issubclass(type(value), _CODE_TYPES)


def _describe_code(value: Any) -> str:
    if issubclass(type(value), types.ModuleType):
        contents = object.__getattribute__(value, "__dict__")
        version = contents.get("__version__")
        return f"module {contents.get('__name__')}{f' {version}' if type(version) is str else ''}"
    if issubclass(type(value), type):
        start = value.__dict__.get("__init__")
        arguments = _signature_text(start) if type(start) is types.FunctionType else ""
        return f"class {_type_name(value)}{arguments}"
    if type(value) in (types.FunctionType, types.MethodType):
        prefix = "async def" if inspect.iscoroutinefunction(value) else "def"
        return f"{prefix} {value.__qualname__}{_signature_text(value)}"
    return f"built-in {getattr(value, '__qualname__', type(value).__name__)}"


def _signature_text(function: Any) -> str:
    """Return a function's parameters, with no default's own text in them."""
    signature = inspect.signature(function)
    parameters = [
        parameter.replace(
            annotation=_annotation_for_display(parameter.annotation),
            default=_default_for_display(parameter.default),
        )
        for parameter in signature.parameters.values()
    ]
    returned = _annotation_for_display(signature.return_annotation)
    return str(signature.replace(parameters=parameters, return_annotation=returned))


class _Verbatim:
    """A stand-in that prints as a text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _annotation_for_display(annotation: Any) -> Any:
    if annotation is inspect.Parameter.empty or type(annotation) is type:
        return annotation
    return _Verbatim(annotation if type(annotation) is str else "…")


def _default_for_display(default: Any) -> Any:
    return default if default is inspect.Parameter.empty else _Verbatim(_describe_element(default))


# --- values of libraries, and of the person's own classes ----------------------------


def _describe_table(value: Any, kind: type) -> str:
    base = next((base.__name__ for base in kind.__mro__ if _root_package(base) in _TABLE_MODULES), "")
    if base == "Series":
        return f"{_type_name(kind)} of {len(value):,}, {value.dtype}, name {_describe_element(value.name)}"
    if base != "DataFrame":
        return ""
    rows, count = value.shape
    columns = [_describe_element(column) if type(column) is not str else column for column in value.columns]
    types_ = list(value.dtypes)
    pairs = zip(columns[:MAX_COLUMNS], types_, strict=False)
    items = ", ".join(f"{column} {dtype}" for column, dtype in pairs)
    more = f", and {count - MAX_COLUMNS:,} more" if count > MAX_COLUMNS else ""
    index = type(getattr(value, "index", None)).__name__
    labels = "" if index in ("RangeIndex", "NoneType") else f"; {index}"
    rows_and_columns = f"{_count_with_noun(rows, 'row')} × {_count_with_noun(count, 'column')}"
    return f"{_type_name(kind)}, {rows_and_columns}: {items}{more}{labels}"


def _describe_array(value: Any, kind: type) -> str:
    shape, dtype = getattr(value, "shape", None), getattr(value, "dtype", None)
    if shape is None or dtype is None:
        return ""
    if tuple(shape) == () and _root_package(kind) == "numpy":
        return f"{_type_name(kind)} {value!s}"
    device = getattr(value, "device", None) if _root_package(kind) == "torch" else None
    on = f" on {device}" if device is not None else ""
    return f"{_type_name(kind)}, shape {tuple(shape)}, {dtype}{on}"


def _describe_instance(value: Any, kind: type) -> str:
    """Return what an object of any class is: its type, and the attributes that it simply holds."""
    try:
        contents = object.__getattribute__(value, "__dict__")
    except AttributeError:
        contents = None
    if type(contents) is not dict or kind.__module__ in dir(builtins):
        return f"{_type_name(kind)} object"
    public = [name for name in contents if type(name) is str and not name.startswith("_")]
    items = ", ".join(_describe_attribute(name, contents[name]) for name in public[:MAX_ITEMS])
    more = f", and {len(public) - MAX_ITEMS} more" if len(public) > MAX_ITEMS else ""
    return f"{_type_name(kind)} object{f' with {items}' if items else ''}{more}"


def _describe_attribute(name: str, value: Any) -> str:
    return f"{name}=…" if is_secret_name(name) else f"{name}={_describe_element(value)}"
