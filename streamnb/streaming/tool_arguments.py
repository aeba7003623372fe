"""Parameters of a tool: their JSON schema, and the check of what a model passes for them.

Pydantic describes and checks them under names of ours, so that a parameter may be called anything.
The check is strict, but never stricter than the schema that was sent: where that says ``integer``,
5.0 is one, and where it says that the default is ``null``, ``null`` is the default.
"""

from __future__ import annotations

import functools
import inspect
import json
import warnings
from collections.abc import Callable
from typing import Any

from ..core.errors import UsageError
from ..core.text import sanitize_line

__all__ = ["Parameters"]

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Parameters:
    """The parameters of one function; ``name`` is the tool's, for messages.

    Attributes
    ----------
    schema
        A JSON schema of an object with a property for each.

    Raises
    ------
    UsageError
        One of them cannot be described to a model.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self._parameters = _checked_parameters(name, function)
        self._fields = {f"p{number}": parameter for number, parameter in enumerate(self._parameters)}
        self._argument_model, self.schema = _model_and_schema(name, self._fields)

    def check_arguments(self, arguments: dict[str, Any] | str) -> tuple[list[Any], dict[str, Any]]:
        """Return positional and named arguments.

        Raises
        ------
        ValueError
            What does not fit, in words that a model can act on.
        """
        from pydantic import ValidationError

        if isinstance(arguments, dict):
            arguments = json.dumps(self._drop_null_defaults(arguments))
        try:
            checked = self._validate_json(arguments)
        except ValidationError as error:
            faults = [
                f"{'.'.join(map(str, fault['loc'])) or 'arguments'}: {fault['msg']}"
                for fault in error.errors()
            ]
            raise ValueError("; ".join(faults)) from None
        arguments_by_field = {field: getattr(checked, field) for field in checked.model_fields_set}
        return self._bind_arguments(arguments_by_field)

    def _drop_null_defaults(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Leave out a null that is the default, also where the annotation knows no None."""
        defaults = {parameter.name for parameter in self._parameters if parameter.default is None}
        return {name: value for name, value in arguments.items() if value is not None or name not in defaults}

    def _validate_json(self, text: str) -> Any:
        from pydantic import ValidationError

        try:
            return self._argument_model.model_validate_json(text, strict=True)
        except ValidationError as error:
            paths = [fault["loc"] for fault in error.errors() if fault["type"] == "int_type"]
            if not paths:
                raise
            value = json.loads(text)
            for path in paths:
                _make_integer_at_path(value, path)
            return self._argument_model.model_validate_json(json.dumps(value), strict=True)

    def _bind_arguments(self, values: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
        positional, keywords = [], {}
        last = max(
            (field for field in values if self._is_positional_only(field)), key=_field_number, default=None
        )
        for field, parameter in self._fields.items():
            if self._is_positional_only(field):
                if last is not None and _field_number(field) <= _field_number(last):
                    positional.append(values.get(field, parameter.default))
            elif field in values:
                keywords[parameter.name] = values[field]
        return positional, keywords

    def _is_positional_only(self, field: str) -> bool:
        return self._fields[field].kind is inspect.Parameter.POSITIONAL_ONLY


def _field_number(field: str) -> int:
    """Return the number in a field's name: 3 of ``p3``."""
    return int(field[1:])


def _resolve_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature, with annotations that are texts evaluated; that of the result stays as it is."""
    signature, inner = inspect.signature(function), inspect.unwrap(function)
    while isinstance(inner, functools.partial):
        inner = inspect.unwrap(inner.func)
    names = getattr(inner, "__globals__", {})
    parameters = [
        parameter.replace(annotation=eval(parameter.annotation, names))
        if isinstance(parameter.annotation, str)
        else parameter
        for parameter in signature.parameters.values()
    ]
    return signature.replace(parameters=parameters)


def _checked_parameters(name: str, function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        signature = _resolve_signature(function)
    except Exception as error:  # an annotation is evaluated, which may raise anything
        raise UsageError(_not_describable_message(name, str(error))) from None
    bound = getattr(function, "keywords", {})  # what a partial has said already is not asked of a model
    parameters = [parameter for parameter in signature.parameters.values() if parameter.name not in bound]
    for parameter in parameters:
        if parameter.kind in _VARIADIC:
            raise UsageError(
                f"the tool {name} takes *{parameter.name}: write its parameters out, each with a name"
            )
    owner = getattr(function, "__qualname__", "").rpartition(".")[0]
    if parameters and parameters[0].name == "self" and owner and not owner.endswith("<locals>"):
        raise UsageError(f"the tool {name} is a method without its object: pass the method of an object")
    return parameters


def _argument_model(name: str, fields: dict[str, inspect.Parameter]) -> Any:
    from pydantic import ConfigDict, Field, create_model

    definitions: dict[str, Any] = {}
    for field, parameter in fields.items():
        kind = Any if parameter.annotation is parameter.empty else parameter.annotation
        default = ... if parameter.default is parameter.empty else parameter.default
        definitions[field] = (kind, Field(default, alias=parameter.name))
    return create_model(name, __config__=ConfigDict(extra="forbid"), **definitions)


def _model_and_schema(name: str, fields: dict[str, inspect.Parameter]) -> tuple[Any, dict[str, Any]]:
    """Return the pydantic model and its JSON schema."""
    try:
        model = _argument_model(name, fields)
        with warnings.catch_warnings():  # of a default that no schema can hold
            warnings.simplefilter("ignore")
            schema = model.model_json_schema()
        # Not a number is none for JSON, either.
        schema = json.loads(json.dumps(schema), parse_constant=lambda _name: None)
    except Exception:  # pydantic has a kind of its own for everything that it cannot describe
        if len(fields) > 1:  # find the one that it is about
            for field, parameter in fields.items():
                _model_and_schema(name, {field: parameter})
        (parameter, *_) = fields.values()
        annotation = inspect.formatannotation(parameter.annotation)
        raise UsageError(_not_describable_message(name, f"{parameter.name}: {annotation}")) from None
    schema.pop("title", None)
    return model, schema


def _not_describable_message(name: str, what: str) -> str:
    what = sanitize_line(what.partition("\n")[0], 80)
    return sanitize_line(
        f"the tool {name} cannot be described to a model ({what}): annotate its parameters with "
        "str, int, float, bool, list, dict or a pydantic model"
    )


def _make_integer_at_path(value: Any, path: tuple[Any, ...]) -> None:
    """Replace 5.0 by 5 at ``path``, whose steps may also name members of a union: those are passed over."""
    holder: Any = {"": value}
    key: Any = ""
    for step in path:
        inner = holder[key]
        if (isinstance(inner, dict) and step in inner) or (isinstance(inner, list) and isinstance(step, int)):
            holder, key = inner, step
    if isinstance(holder[key], float) and holder[key].is_integer():
        holder[key] = int(holder[key])
