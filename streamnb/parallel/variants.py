"""Variants: the models and option values of the streams that run side by side, all checked before one begins.

``A*3`` is three tries of ``A``; an option that was given several times makes a stream for each of its values.
``side_by_side`` runs them.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..core.conversation import CellRunId
from ..core.errors import UsageError
from ..core.redaction import ENVIRON
from ..request.option_pairs import Sweep
from ..request.options import REPEAT_SYNTAX, Options, resolve_aliases
from ..streaming.plan import Plan
from ..streaming.planner import make_plan

__all__ = [
    "MAX_VARIANTS",
    "Variant",
    "expand_variants",
    "plan_variants",
    "refuse_single_stream_options",
    "unused_name",
]

MAX_VARIANTS = 16


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several streams: its options, and in what they differ from those of its neighbours."""

    options: Options
    label: str = ""


def expand_variants(
    options: Options,
    *,
    sets: Sequence[Mapping[str, Any]] = (),
    aliases: Mapping[str, str] | None = None,
) -> dict[str, Variant]:
    """Return a variant for each stream, by the name that its answer has in the dict.

    Parameters
    ----------
    options
        ``models`` may have several names, and ``A*3`` for three tries of one; a value of
        ``options`` that is ``Sweep`` stands for a stream with each.
    sets
        Option sets: every model is asked with each of them.
    aliases
        What short names stand for; answers keep the name that was typed.

    Returns
    -------
    dict[str, Variant]
        The variants in the order typed; repeats are ``NAME #2``, ``NAME #3`` and so on.

    Raises
    ------
    UsageError
        There are too many, or an option fits one stream only.
    """
    refuse_single_stream_options(options, "several models side by side")
    models = options.models or tuple(filter(None, [ENVIRON.get("STREAMNB_MODEL")]))
    names = [name for model in models for name in _expand_repeats(model)]
    variants: dict[str, Variant] = {}
    combinations = _option_combinations(options.options, list(sets) or [{}])
    for name, (values, label) in itertools.product(names, combinations):
        own = resolve_aliases(replace(options, models=(name,), options=values), aliases or {})
        variants[unused_name(name, variants.__contains__)] = Variant(own, label)
    if not 1 <= len(variants) <= MAX_VARIANTS:
        raise UsageError(
            f"{len(variants)} streams side by side are too many: {MAX_VARIANTS} at most"
            if variants
            else 'no model was named: models=["demo:tour", "demo:haiku"]'
        )
    return variants


def _expand_repeats(model: str) -> list[str]:
    """Return a model's name as often as it is to be asked.

    >>> _expand_repeats("demo*2"), _expand_repeats("demo")
    (['demo', 'demo'], ['demo'])
    """
    match = REPEAT_SYNTAX.fullmatch(model)
    if match is None:
        return [model]
    count = int(match["count"] or 0)
    if not 1 <= count <= MAX_VARIANTS:
        raise UsageError(f"{model!r} asks for {count} tries: a number from 1 to {MAX_VARIANTS} follows the *")
    return [match["name"]] * count


def _option_combinations(
    options: Mapping[str, Any], sets: Sequence[Mapping[str, Any]]
) -> list[tuple[dict[str, Any], str]]:
    """Return every combination of option values, each with the words for what varies."""
    sweeps = {key: value for key, value in options.items() if isinstance(value, Sweep)}
    combinations = []
    for values in itertools.product(*sweeps.values()):
        for extra in sets:
            own = {**dict(zip(sweeps, values, strict=True)), **extra}
            label = ", ".join(f"{key} {_value_text(value)}" for key, value in own.items())
            combinations.append(({**options, **own}, label))
    return combinations


def _value_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def unused_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """Return a name that is not taken: itself, else ``name #2``, ``name #3`` …

    >>> unused_name("demo", {"demo", "demo #2"}.__contains__)
    'demo #3'
    """
    names = itertools.chain([name], (f"{name} #{number}" for number in itertools.count(2)))
    return next(candidate for candidate in names if not is_taken(candidate))


def refuse_single_stream_options(options: Options, where: str) -> None:
    """Refuse options that only one stream can have: record, replay, chat.

    Raises
    ------
    UsageError
        One of them is given.
    """
    for value, refusal in (
        (options.record, "--record (record=) keeps one stream in a file"),
        (options.replay, "--replay (replay=) plays one stream back"),
        (options.chat, "--chat (chat=) goes on with one answer"),
    ):
        if value is not None:
            raise UsageError(f"{where}: {refusal}; leave it out, or ask once")


def plan_variants(
    prompt: str | list[Any],
    variants: Mapping[str, Variant],
    cell_run_id: CellRunId | None = None,
    *,
    make: Callable[..., Plan] = make_plan,
) -> dict[str, Plan]:
    """Make the plan of each variant; one refusal refuses all.

    Parameters
    ----------
    prompt
        A text, or a list of parts; the same for all.
    variants
        Options by the name of the answer.
    cell_run_id
        Which run of which cell asks; ``None`` outside of a notebook.
    make
        Makes a plan: ``make_plan``, or ``make_preview_plan``.

    Returns
    -------
    dict[str, Plan]
        A plan for each variant, by its name and in their order.

    Raises
    ------
    UsageError
        One of them cannot be sent; the line names it.
    """
    plans_ = {}
    for name, variant in variants.items():
        try:
            plans_[name] = make(prompt, variant.options, cell_run_id=cell_run_id)
        except UsageError as refused:
            message = str(refused)
            raise UsageError(message if name in message else f"{name}: {message}") from None
    return plans_
