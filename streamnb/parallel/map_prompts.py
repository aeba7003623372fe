"""``map``: many prompts to one model or to several; ``amap`` on a running event loop.

Here prompts and keywords become requests; ``request_pool`` sends them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from ..core.errors import UsageError
from ..core.replies import Replies
from ..core.reply import Reply
from ..request.keywords import check_prompt, hide_api_key, options_from_keywords
from ..request.options import Options
from ..views.progress import Progress, progress_for
from . import request_pool
from .table_requests import (
    DEFAULT_CONCURRENCY,
    Score,
    TableRequest,
    TableSettings,
    check_request_count,
    plan_requests,
)
from .variants import expand_variants, refuse_single_stream_options

__all__ = ["amap", "map", "options_of_models"]

Models = str | Sequence[str] | None


def map(
    prompts: Iterable[Any],
    *,
    model: Models = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    resume: Iterable[Reply | None] | None = None,
    score: Score | None = None,
    limit: int | None = None,
    **keywords: Any,
) -> Any:
    """Ask every prompt of every model, several at the same time, and return the answers in order.

    Parameters
    ----------
    prompts
        Texts, or lists of parts: a list, or a pandas Series (``df["question"]``).
    model
        As for ``stream``; or a list of models, ``"A*3"`` asks ``A`` three times.
    concurrency
        How many are asked at the same time of each provider, 1 to 64.
    resume
        What an earlier call returned, or the ``.replies`` of its interrupt: answers in it are
        kept, and only the others are asked.
    score
        A function of a reply; the number, bool or text that it returns, or the dict of them,
        is one more column. One that raises is the error of its reply and of no other.
    limit
        How many requests may be sent; ``None``: 10,000.
    **keywords
        As for ``stream``.

    Returns
    -------
    Replies
        One for each prompt and model, the models of the first prompt first; one that failed, or
        that cannot be asked, is a reply with its state.  For a Series and one model, a Series with
        the same index.

    Raises
    ------
    UsageError
        None of the prompts can be sent, or an argument is wrong; nothing was sent.
    StreamInterrupted
        It was stopped by hand; ``.replies`` has one reply for each request, for ``resume``.

    Examples
    --------
    >>> replies = map(["one", "two"], model="demo:haiku", speed=0, display=False)
    >>> [reply.state for reply in replies]
    ['complete', 'complete']
    """
    hide_api_key(keywords)  # type: ignore[arg-type]
    settings = TableSettings(concurrency, score, [*(resume or ())], limit)
    requests, progress = _requests_and_progress(prompts, model, settings, keywords)
    return _replies_in_type_of_input(prompts, request_pool.run_requests(requests, settings, progress))


async def amap(
    prompts: Iterable[Any],
    *,
    model: Models = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    resume: Iterable[Reply | None] | None = None,
    score: Score | None = None,
    limit: int | None = None,
    **keywords: Any,
) -> Any:
    """Ask every prompt of every model on a running event loop.

    Parameters
    ----------
    prompts, model, concurrency, resume, score, limit, **keywords
        As for ``map``.

    Returns
    -------
    Replies
        As from ``map``.

    Raises
    ------
    UsageError
        None of the prompts can be sent, or an argument is wrong; nothing was sent.
    asyncio.CancelledError
        The task was cancelled; ``.replies`` has one reply for each request, for ``resume``.
    """
    hide_api_key(keywords)  # type: ignore[arg-type]
    settings = TableSettings(concurrency, score, [*(resume or ())], limit)
    requests, progress = _requests_and_progress(prompts, model, settings, keywords)
    return _replies_in_type_of_input(prompts, await request_pool.arun_requests(requests, settings, progress))


def options_of_models(model: Models, keywords: Mapping[str, Any]) -> list[Options]:
    """Return the options of each model that is to be asked.

    Raises
    ------
    UsageError
        There is no model, or an option that only one stream can have.
    """
    if model is None or isinstance(model, str):
        options = options_from_keywords({**keywords, "model": model})
        models: Sequence[str] = options.models
    else:
        models = list(model)
        options = options_from_keywords(keywords)
        if not models or not all(isinstance(name, str) for name in models):
            raise UsageError('model= is a name or a list of names: model=["demo:tour", "demo:haiku"]')
    refuse_single_stream_options(options, "many prompts")
    if len(models) <= 1 and not any("*" in name for name in models):
        return [replace(options, models=tuple(models))]
    return [variant.options for variant in expand_variants(replace(options, models=tuple(models))).values()]


def _requests_and_progress(
    prompts: Iterable[Any], model: Models, settings: TableSettings, keywords: Mapping[str, Any]
) -> tuple[list[TableRequest], Progress]:
    settings.check()
    variants = options_of_models(model, keywords)
    if isinstance(prompts, str) or hasattr(prompts, "columns"):
        what = 'a list of prompts is needed: map(["…", "…"], …), or a column: map(df["question"], …)'
        raise UsageError(f"one {type(prompts).__name__} was given, and {what}")
    listed = list(islice(prompts, settings.effective_max_requests + 1))  # a generator may have no end
    check_request_count(len(listed) * len(variants), settings)
    requests = plan_requests(((prompt, {}) for prompt in _checked_prompts(listed)), variants, settings)
    return requests, progress_for(display=variants[0].display)


def _checked_prompts(prompts: Iterable[Any]) -> Iterator[str | list[Any] | UsageError]:
    """Yield every prompt, and for one that is none the refusal that its reply will hold."""
    for prompt in prompts:
        try:
            yield str(prompt) if isinstance(prompt, str) else check_prompt(prompt)
        except UsageError as refused:
            yield refused


def _replies_in_type_of_input(prompts: Any, replies: Replies) -> Any:
    """Return the replies as what the prompts came in: a Series keeps its index."""
    kind = type(prompts)
    is_column = kind.__module__.partition(".")[0] == "pandas" and hasattr(prompts, "index")
    if is_column and len(replies) == len(prompts):
        return kind(list(replies), index=prompts.index, name=prompts.name, dtype=object)
    return replies
