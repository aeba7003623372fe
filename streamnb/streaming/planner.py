"""Making of a ``Plan`` from a prompt and its options; all that can be checked before sending is checked here.

The model's name is resolved, parts are made of the prompt and its attachments, the provider is
asked whether it takes them.  What cannot be sent ends here, in one line.

What only some streams have (a recording, tools, a schema) is imported where it is asked for: every import at
the top delays the first text of a command line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core.content import Part, Text, Turn, merge_adjacent_texts
from ..core.conversation import CellRunId, Chat
from ..core.errors import UsageError
from ..core.redaction import ENVIRON
from ..core.wire_events import Sink, Source
from ..providers import registry
from ..providers.base import Model, Request, option_secrets
from ..request.environment import refuse_outside_key_for_dotenv_address
from ..request.option_readers import AUTO_SPEED
from ..request.options import Options
from ..request.template import parts_of_attach_value
from ..request.template import prompt_parts as parts_of
from ..views.choose import is_watched
from . import request_checks
from .limits import Limits
from .plan import Extras, Plan
from .session import Session, current_session

if TYPE_CHECKING:
    from ..core.recording import Recording

__all__ = ["make_plan", "make_replay_plan"]


def make_plan(
    prompt: str | list[Any],
    options: Options,
    *,
    cell_run_id: CellRunId | None = None,
    environ: Mapping[str, str] = ENVIRON,
    session: Session | None = None,
) -> Plan:
    """Make the plan of a stream, and check everything that can be checked before sending.

    Parameters
    ----------
    prompt
        A text, or parts in order.
    options
        What was asked for besides it.
    cell_run_id
        The run of the cell that asks, for a conversation.
    environ
        The variables in which keys and addresses are looked for.
    session
        Has the conversations, the budget and the connections; ``None`` for this process's.

    Returns
    -------
    Plan
        The plan, with all that the stream needs; nothing was sent.

    Raises
    ------
    UsageError
        One line that says what was given, what is wrong and what to type.
    """
    options = _resolve_auto_speed(options)
    if options.record is not None:
        from ..storage.recorders import check_writable

        check_writable(options.record)
    prompt_parts = _append_attachments(parts_of(prompt), options.attach)
    parts = merge_adjacent_texts((*options.context.parts, *prompt_parts))
    chat = None if options.chat is None else (session or current_session()).get_chat(options.chat)
    extras = _build_extras(options, chat, cell_run_id or CellRunId())
    if options.replay is not None:
        from ..core.recording import read

        source = read(options.replay)
        request = _build_request(source.header.model, parts, options, extras)
        return _build_replay_plan(source, request, options, extras)
    spec = _model_spec(options, environ)
    if not any(not isinstance(part, Text) or part.text.strip() for part in prompt_parts):
        raise UsageError("the prompt is empty: type one (in a cell, on the lines below %%stream)")
    if recording := _find_on_cassette(spec, parts, options, extras):
        request = _build_request(spec, parts, options, extras)
        return replace(_build_replay_plan(recording, request, options, extras), model_spec=spec)
    model = registry.resolve_model(spec, base_url=options.base_url, api_key=options.api_key, environ=environ)
    request = _build_request(model.name, parts, options, extras)
    if model.endpoint.provider != "demo":
        return _build_live_plan(model, request, options, extras, session)
    recording = _demo_recording(model.name, prompt_parts, options)
    return replace(_build_replay_plan(recording, request, options, extras), model_spec=spec)


def _model_spec(options: Options, environ: Mapping[str, str]) -> str:
    if spec := options.models[0] if options.models else environ.get("STREAMNB_MODEL", ""):
        return spec
    raise UsageError(
        'no model was named; to name one: -m MODEL, model="MODEL" in Python, or the variable '
        "STREAMNB_MODEL; for example openai:gpt-4.1-mini, or demo, which answers offline"
    )


def _demo_recording(name: str, prompt: Iterable[Part], options: Options) -> Recording:
    from ..providers import demo
    from .replay import truncate_at_stall

    if options.effort is not None or options.search:
        flag = "--search" if options.search else "--effort"
        raise UsageError(f"{flag}: the demo model neither thinks nor searches; name another with -m")
    text = "\n".join(getattr(part, "text", "") for part in prompt)
    answer = demo.answer_for(name, text)
    if options.speed == 0:
        return truncate_at_stall(answer, _limits_from_options(options).between_content_s)
    return answer


def _append_attachments(parts: Iterable[Part], attachments: Iterable[Any]) -> tuple[Part, ...]:
    """Return the parts of a prompt and what is attached; an attached text begins a paragraph of its own."""
    all_parts = list(parts)
    for part in (part for value in attachments for part in parts_of_attach_value(value)):
        above = all_parts[-1] if all_parts else None
        if isinstance(part, Text) and isinstance(above, Text) and above.text.strip():
            part = Text("\n" * max(0, 2 - len(above.text) + len(above.text.rstrip("\n"))) + part.text)
        all_parts.append(part)
    return tuple(all_parts)


def _build_extras(options: Options, chat: Chat | None, cell_run_id: CellRunId) -> Extras:
    toolbox = schema = None
    if options.tools:
        from .tools import Toolbox

        toolbox = Toolbox(options.tools)
    if options.schema is not None:
        from .schema import Schema

        schema = Schema(options.schema)
    return Extras(
        toolbox=toolbox,
        schema=schema,
        chat=chat,
        cell_run_id=cell_run_id,
        base_url=options.base_url,
    )


def _find_on_cassette(
    spec: str, parts: tuple[Part, ...], options: Options, extras: Extras
) -> Recording | None:
    """Return the stream that answered this before; needs no key, so it is looked for first."""
    if options.cassette is None:
        return None
    from ..storage.cassette import Cassette

    cassette = Cassette(options.cassette, options.cassette_since)
    return cassette.find(spec, _build_request(spec, parts, options, extras))


def _build_live_plan(
    model: Model, request: Request, options: Options, extras: Extras, session: Session | None
) -> Plan:
    session_now = session or current_session()
    request_checks.check_encodable(request)
    request_checks.check_option_pairs(request.options)
    refuse_outside_key_for_dotenv_address(model.endpoint)
    session_now.preload_certificates()  # beside the import of an SDK, which comes next
    model.provider.request_kwargs(request, model.endpoint)  # refuses parts that this provider does not take
    session_now.spending.check_budget()

    def start_request(request: Request, put: Sink) -> Source:
        # Maybe in a forked process, which has a session of its own.
        return (session or current_session()).start_request(model, request, put, sync=options.sync)

    return Plan(
        model.spec,
        model.endpoint.provider,
        request,
        options,
        _limits_from_options(options),
        start_request,
        model.provider.make_adapter,
        extras,
        optional_params=model.provider.optional_params,
        model=model,
        secrets=(*model.endpoint.secrets, *option_secrets(request.options)),
    )


def make_replay_plan(recording: Recording, options: Options) -> Plan:
    """Return the plan that plays a recording which is at hand, at the speed of ``options``."""
    extras, options = Extras(), _resolve_auto_speed(options)
    request = _build_request(recording.header.model, (), options, extras)
    return _build_replay_plan(recording, request, options, extras)


def _build_replay_plan(recording: Recording, request: Request, options: Options, extras: Extras) -> Plan:
    from .replay import Replay

    return Plan(
        recording.header.model,
        recording.header.provider,
        request,
        options,
        _limits_from_options(options),
        (replay := Replay(recording, float(options.speed))).start_request,
        registry.adapter_factory(recording.header.provider),
        extras,
        origin=recording.header.origin,
        replay=replay,
    )


def _build_request(name: str, parts: tuple[Part, ...], options: Options, extras: Extras) -> Request:
    history = extras.chat.history_for(extras.cell_run_id) if extras.chat else ()
    schema = extras.schema
    return Request(
        model=name,
        turns=(*history, Turn("user", parts)),
        system=options.system,
        temperature=options.temperature,
        max_tokens=options.max_tokens,
        options=options.options,
        effort=options.effort,
        search=options.search,
        tools=extras.toolbox.specs if extras.toolbox else (),
        schema=schema.json if schema else None,
        schema_name=schema.name if schema else "Answer",
    )


def _resolve_auto_speed(options: Options) -> Options:
    """Return options whose speed is a number: ``auto`` waits only where somebody watches."""
    if options.speed != AUTO_SPEED:
        return options
    return replace(options, speed=1.0 if is_watched(display=options.display) else 0.0)


def _limits_from_options(options: Options) -> Limits:
    limits = Limits(retries=options.retries)
    if options.timeout is not None:
        limits = replace(limits, first_content_s=options.timeout, between_content_s=options.timeout)
    if options.max_text is not None:
        limits = replace(limits, max_text_characters=options.max_text)
    if options.max_line is not None:
        limits = replace(limits, max_line_bytes=options.max_line)
    return limits
