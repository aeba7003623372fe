"""``grid``: a template, filled with every combination of values, asked of every model; ``agrid``.

Only ``{name}`` is replaced, and ``{{name}}`` is the text ``{name}``: every other brace stays as typed, so
that JSON needs no escapes.  The prompts are then sent as by ``map``.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from numbers import Number
from typing import Any

from ..core.errors import UsageError
from ..core.replies import Replies
from ..core.reply import Reply
from ..core.text import with_article
from ..request.keywords import Keywords, hide_api_key
from ..views.progress import Progress, progress_for
from . import request_pool
from .map_prompts import Models, options_of_models
from .table_requests import (
    DEFAULT_CONCURRENCY,
    Score,
    TableRequest,
    TableSettings,
    check_request_count,
    plan_requests,
)

__all__ = ["agrid", "fill_template", "grid"]

_PLACEHOLDER = re.compile(r"\{\{([^\W\d]\w*)\}\}|\{([^\W\d]\w*)\}")


def grid(
    template: str | Sequence[str],
    *,
    model: Models = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    resume: Iterable[Reply | None] | None = None,
    score: Score | None = None,
    limit: int | None = None,
    **values: Any,
) -> Replies:
    """Fill a template with every combination of values and ask each model; return the answers in order.

    Parameters
    ----------
    template
        A text with ``{name}`` where a value goes, or a list of such texts; ``{{name}}`` is the
        text ``{name}``.
    model, concurrency, resume, score, limit
        As for ``map``.
    **values
        For each name of the template a list of texts or of numbers, or one of them; whatever
        else is a keyword of ``stream``.

    Returns
    -------
    Replies
        One for each combination and model, the models of the first combination first, the last
        name varied first.

    Raises
    ------
    UsageError
        A name has no values, values are of unequal kinds, or nothing can be sent.
    StreamInterrupted
        It was stopped by hand; ``.replies`` has one reply for each request, for ``resume``.

    Examples
    --------
    >>> replies = grid("{n} words on {topic}", n=[5, 9], topic=["rain", "snow"], model="demo:haiku",
    ...                speed=0, display=False)
    >>> [reply.row.prompt for reply in replies]
    ['5 words on rain', '5 words on snow', '9 words on rain', '9 words on snow']
    """
    hide_api_key(values)  # type: ignore[arg-type]
    settings = TableSettings(concurrency, score, [*(resume or ())], limit)
    requests, progress = _requests_and_progress(template, model, settings, values)
    return request_pool.run_requests(requests, settings, progress)


async def agrid(
    template: str | Sequence[str],
    *,
    model: Models = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    resume: Iterable[Reply | None] | None = None,
    score: Score | None = None,
    limit: int | None = None,
    **values: Any,
) -> Replies:
    """Fill a template with every combination of values and ask each model, on a running event loop.

    Parameters
    ----------
    template, model, concurrency, resume, score, limit, **values
        As for ``grid``.

    Returns
    -------
    Replies
        As from ``grid``.

    Raises
    ------
    UsageError
        A name has no values, values are of unequal kinds, or nothing can be sent.
    asyncio.CancelledError
        The task was cancelled; ``.replies`` has one reply for each request, for ``resume``.
    """
    hide_api_key(values)  # type: ignore[arg-type]
    settings = TableSettings(concurrency, score, [*(resume or ())], limit)
    requests, progress = _requests_and_progress(template, model, settings, values)
    return await request_pool.arun_requests(requests, settings, progress)


def fill_template(template: str, values: Mapping[str, Any]) -> str:
    """Return a template with its places filled in; a value is never looked into for more of them.

    >>> fill_template('{"a": {n}, "b": "{{n}}"}', {"n": 3})
    '{"a": 3, "b": "{n}"}'
    """
    return _PLACEHOLDER.sub(lambda match: f"{{{match[1]}}}" if match[1] else str(values[match[2]]), template)


def _requests_and_progress(
    template: str | Sequence[str], model: Models, settings: TableSettings, arguments: Mapping[str, Any]
) -> tuple[list[TableRequest], Progress]:
    settings.check()
    templates = (
        list(template) if isinstance(template, Sequence) and not isinstance(template, str) else [template]
    )
    if not templates or not all(isinstance(text, str) for text in templates):
        raise UsageError(
            'a template is a text: grid("{n} words on {topic}", n=[5, 9], topic=["rain"], model=…)'
        )
    names = list(
        dict.fromkeys(match[2] for text in templates for match in _PLACEHOLDER.finditer(text) if match[2])
    )
    values = {name: _placeholder_values(name, arguments) for name in names}
    keywords = {name: value for name, value in arguments.items() if name not in values}
    _refuse_unknown_keywords(keywords, names)
    variants = options_of_models(model, keywords)
    check_request_count(len(templates) * math.prod(map(len, values.values())) * len(variants), settings)
    return plan_requests(_filled_prompts(templates, values), variants, settings), progress_for(
        display=variants[0].display
    )


def _placeholder_values(name: str, keywords: Mapping[str, Any]) -> list[Any]:
    """Return the values of one name of a template."""
    if name not in keywords:
        raise UsageError(
            f"the template has {{{name}}}, which has no values: {name}=[…]; for a brace, {{{{{name}}}}}"
        )
    value = keywords[name]
    if isinstance(value, str | Number):
        return [value]
    if isinstance(value, Mapping | bytes) or not isinstance(value, Iterable) or hasattr(value, "columns"):
        raise UsageError(
            f"{name}= is {with_article(type(value).__name__)}: a list of texts or numbers is needed"
        )
    values = list(value)
    kinds = {
        "text" if isinstance(one, str) else "number" if isinstance(one, Number) else type(one).__name__
        for one in values
    }
    if not values:
        raise UsageError(f"{name}= is empty: nothing would be asked")
    if len(kinds) > 1 or not kinds <= {"text", "number"}:
        raise UsageError(
            f"{name}= holds values of unequal kinds ({', '.join(sorted(kinds))}): texts, or numbers"
        )
    return values


def _refuse_unknown_keywords(keywords: Mapping[str, Any], names: Sequence[str]) -> None:
    """Refuse what is neither in the template nor a keyword of ``stream``."""
    for name in keywords.keys() - Keywords.__annotations__.keys():
        near = get_close_matches(name, [*names, *Keywords.__annotations__], 1)
        hint = f"did you mean {near[0]}=?" if near else f"write {{{name}}} where it goes"
        raise UsageError(f"{name}= is not in the template: {hint}")


def _filled_prompts(
    templates: Sequence[str], values: Mapping[str, Sequence[Any]]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every prompt with the values that it was filled with."""
    for text in templates:
        for combination in itertools.product(*values.values()):
            by_name = dict(zip(values, combination, strict=True))
            yield fill_template(text, by_name), by_name
