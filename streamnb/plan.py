"""A prompt and options -> a plan: everything that can be checked before anything is sent.

The model's name is resolved, parts are made of the prompt and its attachments, the provider is
asked whether it takes them.  What cannot be sent ends here, in one line.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import recording
from .errors import UsageError
from .exchange import Limits
from .options import Options
from .parts import Part, Text, Turn
from .prompt import attachment
from .prompt import parts as parts_of
from .providers import demo, models
from .providers.base import Adapter, Request
from .session import session
from .traffic import Put, Source

__all__ = ["Plan", "plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A stream that can begin: everything is checked, nothing is sent.

    ``spec`` is the model as it was typed; ``open`` starts a request and puts its traffic;
    ``origin`` says of a replay or a demo what it is, ``None`` for a live answer.
    """

    spec: str
    provider: str
    request: Request
    options: Options
    limits: Limits
    open: Callable[[Request, Put], Source]
    adapter: Callable[[], Adapter]
    added: frozenset[str] = frozenset()
    origin: str | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def recorder(self, on_fault: Callable[[str], None]) -> recording.Writer | None:
        """Return what keeps this stream in a file, ``None`` where nobody asked for it."""
        if self.options.record is None:
            return None
        header = recording.Header(self.provider, self.spec, request=_kept(self.request))
        return recording.Writer(self.options.record, header, hide=self.secrets, on_fault=on_fault)


def plan(
    prompt: str | list[Any],
    options: Options,
    limits: Limits | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Plan:
    """Check everything that can be checked before sending.

    Raises
    ------
    UsageError
        One line that says what was given, what is wrong and what to type.
    """
    limits = _limits(options, limits or Limits())
    parts = (*parts_of(prompt), *(part for value in options.attach for part in attachment(value)))
    if options.replay is not None:
        return _replay(parts, options, limits)
    spec = options.models[0] if options.models else environ.get("STREAMNB_MODEL", "")
    if not spec:
        raise UsageError(
            'no model was named: model="openai:gpt-4.1-mini", -m MODEL or STREAMNB_MODEL=MODEL; offline: demo'
        )
    if not any(getattr(part, "text", " ").strip() for part in parts):
        raise UsageError("the prompt is empty: write it below the %%stream line, or pass a text")
    return _live(spec, parts, options, limits, environ)


def _live(
    spec: str, parts: tuple[Part, ...], options: Options, limits: Limits, environ: Mapping[str, str]
) -> Plan:
    model = models.resolve(spec, base_url=options.base_url, api_key=options.api_key, environ=environ)
    request = _request(model.name, parts, options)
    if model.endpoint.provider == "demo":
        text = "\n".join(getattr(part, "text", "") for part in parts)
        return _played(spec, demo.answer_for(model.name, text), request, options, limits)
    model.provider.body(request, model.endpoint)  # refuses parts that this provider does not take

    def open_(request: Request, put: Put) -> Source:
        return session().open(model, request, put, sync=options.sync)

    return Plan(
        spec,
        model.endpoint.provider,
        request,
        options,
        limits,
        open_,
        model.provider.adapter,
        added=model.provider.added,
        secrets=(model.endpoint.key,) if model.endpoint.key else (),
    )


def _replay(parts: tuple[Part, ...], options: Options, limits: Limits) -> Plan:
    assert options.replay is not None
    kept = recording.read(options.replay)
    spec = kept.header.model
    return _played(spec, kept, _request(spec, parts, options), options, limits)


def _played(
    spec: str, kept: recording.Recording, request: Request, options: Options, limits: Limits
) -> Plan:
    tries = itertools.count()

    def open_(request: Request, put: Put) -> Source:
        return recording.Player(kept, put, options.speed, next(tries))

    provider = kept.header.provider
    adapter = models.adapter_of(provider)
    return Plan(spec, provider, request, options, limits, open_, adapter, origin=kept.header.origin)


def _request(name: str, parts: tuple[Part, ...], options: Options) -> Request:
    return Request(
        model=name,
        turns=(Turn("user", parts),),
        system=options.system,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        options=options.options,
    )


def _limits(options: Options, limits: Limits) -> Limits:
    if options.timeout is not None:
        limits = replace(limits, first=options.timeout, between=options.timeout)
    return replace(limits, retries=options.retries)


def _kept(request: Request) -> dict[str, Any]:
    """Return what a recording says of the request: texts and figures, no attachment's bytes."""
    turns = [
        {"role": turn.role, "text": "".join(part.text for part in turn.parts if isinstance(part, Text))}
        for turn in request.turns
    ]
    asked = {"turns": turns, "system": request.system, "temperature": request.temperature}
    asked |= {"max_tokens": request.max_tokens, "options": dict(request.options)}
    return {name: value for name, value in asked.items() if value}
