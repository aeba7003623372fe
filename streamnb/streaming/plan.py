"""A prompt and options -> a plan: everything that can be checked before anything is sent.

The model's name is resolved, parts are made of the prompt and its attachments, the provider is
asked whether it takes them.  What cannot be sent ends here, in one line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from ..core import recording
from ..core.content import Part, Text, Turn
from ..core.conversation import CellRun, Chat, ChatEntry
from ..core.cost import price
from ..core.errors import UsageError
from ..core.events import Usage
from ..core.recording import Header, Recording, Writer
from ..core.redaction import ENVIRON
from ..core.reply import Reply
from ..core.wire_events import Sink, Source
from ..providers import demo, registry
from ..providers.base import Adapter, Request
from ..request.options import Options
from ..request.template import attach_value
from ..request.template import content_parts as parts_of
from ..storage import journal
from ..storage.cassette import Cassette
from ..storage.recorders import Recorders, check_file
from ..views.base import View
from . import validate
from .exchange import Limits
from .replay import Replay
from .schema import Schema
from .session import session
from .tool_loop import ToolLoop, approval
from .tools import Toolbox

__all__ = ["Plan", "plan", "replayed"]


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with a stream besides its request: tools, a schema, a conversation."""

    toolbox: Toolbox | None = None
    schema: Schema | None = None
    chat: Chat | None = None
    place: CellRun = field(default_factory=CellRun)
    base_url: str | None = None

    @property
    def schema_name(self) -> str | None:
        """The name of the schema, ``None`` without one."""
        return None if self.schema is None else self.schema.name


@dataclass(frozen=True, slots=True)
class Plan:
    """A stream that can begin: everything is checked, nothing is sent.

    ``spec`` is the model as it was typed; ``open`` starts a request and puts its traffic;
    ``model`` is who will be asked, ``None`` for a replay or a demo, of which ``played`` is what
    is played and ``origin`` says what it is.
    """

    model_spec: str
    provider: str
    request: Request
    options: Options
    limits: Limits
    open: Callable[[Request, Sink], Source]
    adapter: Callable[[], Adapter]
    extras: Extras
    optional_params: frozenset[str] = frozenset()
    origin: str | None = None
    replay: Replay | None = None
    model: registry.Model | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def tool_loop(self, view: View | None) -> ToolLoop | Replay | None:
        """Return how tools are asked for and run, ``None`` where there are none."""
        toolbox = self.extras.toolbox
        if not toolbox and self.provider != "demo":  # a demo asks for tools to show how that is
            return self.replay
        return ToolLoop(toolbox, approval(self.options.approve, view)) if toolbox else None

    def pending_uploads(self, request: Request) -> str | None:
        """Say what has to be uploaded before ``request`` can be sent, ``None`` where nothing has."""
        if self.model is None:
            return None
        missing = session().uploads.missing(self.model.endpoint, request)
        return f"uploading {', '.join(map(str, missing))}" if missing else None

    def reaches_budget(self, usage: Usage) -> bool:
        """Whether this stream, at ``usage`` so far, has used up what the session may spend."""
        ledger = session().spending
        if ledger.budget is None or self.origin is not None:
            return False
        cost = price(self.model_spec, usage, self.extras.base_url)
        return ledger.dollars + (cost.dollars if cost else 0.0) >= ledger.budget

    def finalize(self, reply: Reply, turns: Sequence[Turn]) -> None:
        """Add to a reply what only the end can tell: its cost, and whether it fits a schema.

        ``turns`` are what the model said, tools included; they go into the conversation, if
        this is one, also where they broke off.
        """
        extras, details = self.extras, list(self.options.replaced)
        cost = price(self.model_spec, reply.usage, extras.base_url) if self.origin is None else None
        if self.origin is None:
            session().spending.add(self.model_spec, reply.usage, cost.dollars if cost else None)
        if cost is not None:
            details.append(cost.detail)
        if self.replay is not None and self.options.speed != 1:
            # At another pace than the model's, how fast it was is not known.
            reply.amend(timing=replace(reply.timing, tokens_per_second=None))
        if extras.schema is not None and reply.state in ("complete", "length"):
            reply.amend(**extras.schema.read(reply))
        if extras.chat is not None and reply:
            said = ChatEntry(extras.place, (self.request.turns[-1], *turns), self.model_spec, reply.state)
            if later := session().add_to_chat(extras.chat, said):
                what = "later turn was" if later == 1 else "later turns were"
                details.append(f"conversation {extras.chat.name}: {later} {what} set aside")
        reply.amend(cost=cost and cost.dollars, details=details)

    def recorders(self, on_fault: Callable[[str], None]) -> Recorders:
        """Return what keeps this stream in files; ``on_fault`` is told if that fails later."""
        options, header = self.options, Header(self.provider, self.model_spec, request=_kept(self.request))

        def writer(path: Path) -> Writer:
            return Writer(path, header, hide=self.secrets, on_fault=on_fault)

        writers = [writer(options.record)] if options.record else []
        path = None if options.journal is None else journal.next_file(options.journal)
        entry = None if path is None else journal.JournalWriter(path, writer(path))
        take = None
        if options.cassette is not None and self.origin is None:
            take = _cassette(options).take(self.model_spec, self.request, header)
            take.open(hide=self.secrets, on_fault=on_fault)
        played = None if self.replay is None else self.replay.recording
        reel = session().traffic_log.new(header, played, options.speed, hide=self.secrets)
        return Recorders(writers, take, entry, reel)


def plan(
    prompt: str | list[Any],
    options: Options,
    *,
    limits: Limits | None = None,
    place: CellRun | None = None,
    environ: Mapping[str, str] = ENVIRON,
) -> Plan:
    """Check everything that can be checked before sending.

    ``place`` is the run of the cell that asks, for a conversation.

    Raises
    ------
    UsageError
        One line that says what was given, what is wrong and what to type.
    """
    limits = _limits(options, limits or Limits())
    if options.record is not None:
        check_file(options.record)
    parts = (*parts_of(prompt), *(part for value in options.attach for part in attach_value(value)))
    extras = _extras(options, place or CellRun())
    if options.replay is not None:
        return _replay(parts, options, limits, extras)
    spec = options.models[0] if options.models else environ.get("STREAMNB_MODEL", "")
    if not spec:
        raise UsageError(
            'no model was named: model="openai:gpt-4.1-mini", -m MODEL or STREAMNB_MODEL=MODEL; offline: demo'
        )
    if not any(not isinstance(part, Text) or part.text.strip() for part in parts):
        raise UsageError("the prompt is empty: type one (in a cell, on the lines below %%stream)")
    if kept := _on_cassette(spec, parts, options, extras):
        return _played(spec, kept, _request(spec, parts, options, extras), options, limits, extras)
    model = registry.resolve(spec, base_url=options.base_url, api_key=options.api_key, environ=environ)
    request = _request(model.name, parts, options, extras)
    if model.endpoint.provider == "demo":
        text = "\n".join(getattr(part, "text", "") for part in parts)
        return _played(spec, demo.answer_for(model.name, text), request, options, limits, extras)
    return _live(model, request, options, limits, extras)


def _extras(options: Options, place: CellRun) -> Extras:
    return Extras(
        toolbox=Toolbox(options.tools) if options.tools else None,
        schema=None if options.schema is None else Schema(options.schema),
        chat=None if options.chat is None else session().chat(options.chat),
        place=place,
        base_url=options.base_url,
    )


def _on_cassette(spec: str, parts: tuple[Part, ...], options: Options, extras: Extras) -> Recording | None:
    """Return the stream that answered this before; needs no key, so it is looked for first."""
    if options.cassette is None:
        return None
    return _cassette(options).find(spec, _request(spec, parts, options, extras))


def _cassette(options: Options) -> Cassette:
    assert options.cassette is not None
    return Cassette(options.cassette, options.cassette_since)


def _live(model: registry.Model, request: Request, options: Options, limits: Limits, extras: Extras) -> Plan:
    validate.check(request)
    session().prepare()  # beside the import of an SDK, which comes next
    model.provider.request_kwargs(request, model.endpoint)  # refuses parts that this provider does not take
    session().spending.check()

    def open_(request: Request, put: Sink) -> Source:
        return session().open(model, request, put, sync=options.sync)

    return Plan(
        model.spec,
        model.endpoint.provider,
        request,
        options,
        limits,
        open_,
        model.provider.adapter,
        extras,
        optional_params=model.provider.optional_params,
        model=model,
        secrets=model.endpoint.secrets,
    )


def replayed(kept: Recording, options: Options) -> Plan:
    """Return the plan that plays a recording which is at hand, at the speed of ``options``."""
    limits, spec, extras = _limits(options, Limits()), kept.header.model, Extras()
    return _played(spec, kept, _request(spec, (), options, extras), options, limits, extras)


def _replay(parts: tuple[Part, ...], options: Options, limits: Limits, extras: Extras) -> Plan:
    assert options.replay is not None
    kept = recording.read(options.replay)
    spec = kept.header.model
    return _played(spec, kept, _request(spec, parts, options, extras), options, limits, extras)


def _played(
    spec: str,
    kept: Recording,
    request: Request,
    options: Options,
    limits: Limits,
    extras: Extras,
) -> Plan:
    provider, playback = kept.header.provider, Replay(kept, options.speed)
    adapter = registry.adapter_of(provider)
    return Plan(
        spec,
        provider,
        request,
        options,
        limits,
        playback.open,
        adapter,
        extras,
        origin=kept.header.origin,
        replay=playback,
    )


def _request(name: str, parts: tuple[Part, ...], options: Options, extras: Extras) -> Request:
    before = extras.chat.history(extras.place) if extras.chat else ()
    schema = extras.schema
    return Request(
        model=name,
        turns=(*before, Turn("user", parts)),
        system=options.system,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        options=options.options,
        tools=extras.toolbox.specs if extras.toolbox else (),
        schema=schema.json if schema else None,
        schema_name=schema.name if schema else "Answer",
    )


def _limits(options: Options, limits: Limits) -> Limits:
    if options.timeout is not None:
        limits = replace(limits, first=options.timeout, between=options.timeout)
    if options.max_text is not None:
        limits = replace(limits, text=options.max_text)
    if options.max_line is not None:
        limits = replace(limits, line=options.max_line)
    return replace(limits, retries=options.retries)


def _kept(request: Request) -> dict[str, Any]:
    """Return what a recording says of the request: texts and figures, no attachment's bytes."""
    turns = [
        {"role": turn.role, "text": "".join(part.text for part in turn.parts if isinstance(part, Text))}
        for turn in request.turns
    ]
    asked: dict[str, Any] = {"turns": turns, "system": request.system, "temperature": request.temperature}
    asked |= {"max_tokens": request.max_tokens, "options": dict(request.options)}
    return {name: value for name, value in asked.items() if value}
