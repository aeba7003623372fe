"""Templates: a typed prompt and the notebook's variables become the parts of a message.

``render_prompt`` replaces ``{{ name }}`` in a text, ``parts_of_attach_expression`` reads an ``-a``
expression, and ``prompt_parts`` reads the ``str | list`` of the Python functions; how one value is converted
for a model stands in ``value_parts``, what an expression may be in ``expressions``.  A value is never
looked into for more braces.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from ..core.content import Link, Part, Text, merge_adjacent_texts
from ..core.errors import UsageError
from ..core.sent_items import SentItem, make_sent_item
from ..core.text import SENT_AS_TYPED_PREFIX, sanitize_line
from . import expressions
from .expressions import Names
from .files import parts_from_file
from .value_parts import describe_parts, to_parts

__all__ = [
    "RenderedPrompt",
    "look_up_name",
    "parts_of_attach_expression",
    "parts_of_attach_value",
    "prompt_parts",
    "render_option_value",
    "render_prompt",
    "variables_in_placeholders",
]

ToParts: TypeAlias = Callable[[Any], tuple[Part, ...]]
"""Makes parts of a value."""

# Not after a third brace, so that {{{ x }}} stays whole; a closing one may follow, as in {"a": {{ x }}}.
_PLACEHOLDER = re.compile(r"(?<!\{)\{\{([^{}\n]+)\}\}")

MAX_UNKNOWN_PLACEHOLDERS = 5  # placeholders that name nothing and are listed

_WEB_ADDRESS = re.compile(r"(https|gs)://\S+\Z")


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A prompt with its ``{{ }}`` filled in.

    Attributes
    ----------
    parts
        What is sent, in order.
    sent
        What stood for each name.
    unknown
        What names nothing, and was sent as typed.
    """

    parts: tuple[Part, ...]
    sent: tuple[SentItem, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def details(self) -> tuple[str, ...]:
        """What the footer's details say: each replacement, and what went out as it was typed."""
        if not self.unknown:
            return self.replacement_lines
        more = len(self.unknown) - MAX_UNKNOWN_PLACEHOLDERS
        places = ", ".join(self.unknown[:MAX_UNKNOWN_PLACEHOLDERS]) + (
            f" and {more:,} more" if more > 0 else ""
        )
        return (SENT_AS_TYPED_PREFIX + places, *self.replacement_lines)

    @property
    def replacement_lines(self) -> tuple[str, ...]:
        """A line on each replacement."""
        return tuple(item.about for item in self.sent)


def render_prompt(text: str, names: Names, convert: ToParts = to_parts) -> RenderedPrompt:
    """Replace every ``{{ name }}`` that names something; all else stays as typed.

    Parameters
    ----------
    text
        What was typed.
    names
        The notebook's variables.
    convert
        Makes parts of a value.

    Returns
    -------
    RenderedPrompt
        The parts in their order, what was filled in, and the braces that stayed.

    Raises
    ------
    UsageError
        An expression names something and cannot be worked out.

    Examples
    --------
    >>> render_prompt("Hello {{ who }}, {{ nobody }}", {"who": "Ada"}).parts
    (Text(text='Hello Ada, {{ nobody }}'),)
    """
    parts: list[Part] = []
    replacements: list[SentItem] = []
    unknown: dict[str, None] = {}  # an ordered set
    end = 0
    for match in _PLACEHOLDER.finditer(text):
        tree = expressions.parse(match[1])
        if tree is None or not expressions.uses_known_names(tree, names):
            if expressions.is_likely_expression(match[1]):
                unknown[sanitize_line(match[0], 60)] = None
            continue
        expression = match[1].strip()
        value_parts = _value_parts(expression, expressions.evaluate(expression, tree, names), convert)
        parts += (Text(text[end : match.start()]), *value_parts)
        about = f"{{{{ {expression} }}}} → {describe_parts(value_parts)}"
        replacements.append(make_sent_item(about, value_parts))
        end = match.end()
    parts.append(Text(text[end:]))
    return RenderedPrompt(merge_adjacent_texts(parts), tuple(replacements), tuple(unknown))


def variables_in_placeholders(text: str) -> set[str]:
    """Return the variables that are named in the ``{{ }}`` of a text.

    >>> sorted(variables_in_placeholders("{{ it.name }} and {{ n + 1 }}, {{ no call() }}"))
    ['it', 'n']
    """
    trees = (expressions.parse(match[1]) for match in _PLACEHOLDER.finditer(text))
    return {
        node.id for tree in trees if tree is not None for node in ast.walk(tree) if isinstance(node, ast.Name)
    }


def render_option_value(text: str, names: Names) -> str:
    """Fill in the ``{{ }}`` of one option's value, where only text can stand; a path is its text.

    Raises
    ------
    UsageError
        What was filled in is no text, or an expression cannot be worked out.
    """
    parts = render_prompt(text, names, _to_option_parts).parts
    if all(isinstance(part, Text) for part in parts):
        return "".join(part.text for part in parts if isinstance(part, Text))
    raise UsageError(
        f"{sanitize_line(text, 60)}: only text goes into an option; name the value with -a, or in the prompt"
    )


def _to_option_parts(value: Any) -> tuple[Part, ...]:
    # A file that an option names may be one that is still to be written.
    return (Text(str(value)),) if isinstance(value, PurePath) else to_parts(value)


def parts_of_attach_expression(expression: str, names: Names) -> tuple[Part, ...]:
    """Return the parts of an ``-a`` expression: a variable, an address or a file, in this order.

    A variable that holds text never chooses a file: a model may have written it.

    Raises
    ------
    UsageError
        It names nothing, or text that chooses a file.
    """
    if braces := _PLACEHOLDER.fullmatch(expression.strip()):
        expression = braces[1].strip()
    tree = expressions.parse(expression)
    if tree is None or not expressions.uses_known_names(tree, names):
        return parts_of_attach_value(expression)
    try:
        value = expressions.evaluate(expression, tree, names)
    except UsageError:
        if _is_existing_file(expression):  # df.csv beside a variable df
            return parts_of_attach_value(expression)
        raise
    if type(value) is str:  # the person's own, not a reply's
        if _WEB_ADDRESS.match(value):
            return (Link(value),)
        if _is_existing_file(value):
            raise UsageError(
                f"--attach {expression} is the text {sanitize_line(value, 60)!r}, not the file: "
                f"type its path after -a, or make it Path({expression})"
            )
    return _value_parts(expression, value)


def parts_of_attach_value(value: Any) -> tuple[Part, ...]:
    """Return the parts of one ``attach=`` value, where a plain ``str`` is an address or a path.

    A reply is text, and not a path, whatever a model has written in it.

    Raises
    ------
    UsageError
        It is no file and no address, or cannot be sent.
    """
    if type(value) is not str:
        return to_parts(value)
    if _WEB_ADDRESS.match(value):
        return (Link(value),)
    if not _is_existing_file(value):
        raise UsageError(
            f"--attach {sanitize_line(value, 80)!r} is no file, no https: or gs: address, no variable"
        )
    return parts_from_file(Path(value).expanduser())


def _is_existing_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # too long for a path, a NUL in it, nobody's home
        return False


def prompt_parts(prompt: str | Sequence[Any]) -> tuple[Part, ...]:
    """Return the parts of a prompt given in Python: a text, or a list of values in order."""
    if isinstance(prompt, str):
        return (Text(str.__str__(prompt)),)
    return tuple(part for value in prompt for part in to_parts(value))


def look_up_name(expression: str, names: Names, flag: str) -> Any:
    """Return what a dotted name of the option line stands for; ``flag`` is for the message.

    Parameters
    ----------
    expression
        The dotted name.
    names
        The notebook's variables.
    flag
        The option, for the message.

    Returns
    -------
    Any
        The value of the notebook, no copy of it.

    Raises
    ------
    UsageError
        Nothing in the notebook has this name.
    """
    tree = expressions.parse(expression)
    if tree is None or not expressions.uses_known_names(tree, names):
        raise UsageError(f"{flag} {expression}: nothing in the notebook has this name; run its cell first")
    return expressions.evaluate(expression, tree, names)


def _value_parts(expression: str, value: Any, convert: ToParts = to_parts) -> tuple[Part, ...]:
    try:
        return convert(value)
    except UsageError as error:
        raise UsageError(f"{expression}: {error}") from None
    except BaseException as error:  # a value is converted by its own code, and an interrupt ends it, too
        raise expressions.evaluation_error(expression, error) from None
