"""A stream's bookkeeping: opening its recorders, checking the budget, and finishing the reply at its end.

Each function gets the plan, which is data, and the session, which is what changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.content import Blob, Part, Text, Turn
from ..core.conversation import Chat, ChatExchange
from ..core.events import Usage
from ..core.redaction import ENVIRON, mask
from ..core.reply import Reply
from ..core.sent_items import SentItem, make_sent_item
from ..core.text import CONVERSATION_PREFIX, sanitize_line
from ..providers.base import Request
from ..request.value_parts import describe_parts
from .plan import Plan
from .session import Session

if TYPE_CHECKING:
    from ..core.recording import RecordingWriter
    from ..storage.recorders import Recorders
    from .schema import Schema

__all__ = ["finalize_reply", "is_over_budget", "open_recorders", "pending_uploads_message"]


def open_recorders(plan: Plan, session: Session, on_fault: Callable[[str], None]) -> Recorders | None:
    """Return what keeps this stream in files and in memory; ``None`` where nothing does.

    Parameters
    ----------
    plan
        Its options name the files.
    session
        Has the traffic log.
    on_fault
        Called with one sentence where a file cannot be written any more.

    Returns
    -------
    Recorders | None
        The recorders, which the caller closes; ``None`` where nothing is kept.
    """
    options, secrets = plan.options, plan.secrets
    if not (options.record or options.journal or options.cassette or session.keeps_traffic):
        return None
    from ..core.recording import Header, RecordingWriter
    from ..storage import journal
    from ..storage.cassette import Cassette
    from ..storage.recorders import Recorders

    header = Header(plan.provider, plan.model_spec, request=_request_to_json(plan.request))

    def writer(path: Path) -> RecordingWriter:
        return RecordingWriter(path, header, secrets=secrets, on_fault=on_fault)

    writers = [writer(options.record)] if options.record else []
    entry = None
    if options.journal is not None:
        path = journal.prepare_next_file(options.journal)
        entry = journal.JournalWriter(path, writer(path))
    cassette = None
    if options.cassette is not None and plan.origin is None:
        cassette = Cassette(options.cassette, options.cassette_since).make_writer(
            plan.model_spec, plan.request, header
        )
        cassette.open(secrets=secrets, on_fault=on_fault)
    recording = None if plan.replay is None else plan.replay.recording
    logger = session.traffic_log.make_logger(header, recording, float(options.speed), secrets=secrets)
    return Recorders(writers, cassette, entry, logger)


def pending_uploads_message(plan: Plan, session: Session, request: Request) -> str | None:
    """Say what has to be uploaded before ``request`` can be sent, ``None`` where nothing has.

    Parameters
    ----------
    plan
        What is streamed.
    session
        Knows what lies at the provider already.
    request
        The request that is to go out, the first or that of a later round.

    Returns
    -------
    str | None
        One line that names the files; ``None`` where all are there.
    """
    if plan.model is None:
        return None
    missing = session.uploads.missing_uploads(plan.model.endpoint, request)
    return f"uploading {', '.join(map(str, missing))}" if missing else None


def is_over_budget(plan: Plan, session: Session, usage: Usage) -> bool:
    """Whether this stream, at ``usage`` so far, has used up what the session may spend.

    Parameters
    ----------
    plan
        Of the stream under way, whose model has the price.
    session
        What was spent so far, and the budget.
    usage
        The tokens of the stream under way.

    Returns
    -------
    bool
        ``False`` where no budget is set and for replays; a stream of unknown price adds nothing.
    """
    spending = session.spending
    if spending.budget is None or plan.origin is not None:
        return False
    from ..core.cost import price

    cost = price(plan.model_spec, usage, plan.extras.base_url)
    return spending.dollars + (cost.dollars if cost else 0.0) >= spending.budget


def finalize_reply(plan: Plan, session: Session, reply: Reply, turns: Sequence[Turn]) -> None:
    """Settle what the end of a stream brings, in the reply and in the session.

    The cost is booked and noted in the reply, the text checked against the schema, the exchange added to its
    conversation, what was sent and the details for the footer noted, and an entry written into the log.

    Parameters
    ----------
    plan
        What was asked.
    session
        Its spending grows by the cost (a replay costs nothing); its chats get the exchange, where this is a
        conversation and the reply has text; its log, where it has one, gets an entry.
    reply
        Is changed in place: ``cost``, ``details`` and ``sent``, with a schema ``schema`` and ``parsed`` or
        ``error``; the tokens per second go where a replay was not at the model's own pace.
    turns
        What the model said, tools included; they go into the conversation, if this is one, also where
        they broke off.
    """
    extras, dollars = plan.extras, None
    attachments = _sent_attachments(plan)
    details = [
        *plan.options.prompt_details,
        *plan.options.context.details,
        *(item.about for item in attachments),
    ]
    items = (
        _mask_sent_item(item, plan) for item in (*plan.options.sent, *plan.options.context.sent, *attachments)
    )
    if plan.origin is None:
        from ..core.cost import price  # here: the first text does not wait for it

        cost = price(plan.model_spec, reply.usage, extras.base_url)
        dollars = None if cost is None else cost.dollars
        session.spending.add_answer(plan.model_spec, reply.usage, dollars)
        details += [cost.detail] if cost else []
    if plan.replay is not None and plan.options.speed != 1:
        # At another pace than the model's, how fast it was is not known.
        reply.set_fields(timing=replace(reply.timing, tokens_per_second=None))
    if extras.schema is not None and reply.state in ("complete", "length"):
        _check_schema(extras.schema, reply)
    if extras.chat is not None and reply:
        exchange = ChatExchange(
            extras.cell_run_id, (plan.request.turns[-1], *turns), plan.model_spec, reply.state
        )
        details += _add_to_chat(session, extras.chat, exchange)
    reply.set_fields(cost=dollars, details=details, sent=list(items))
    if session.log is not None:
        from .log_entry import make_log_entry  # here: it imports SQLite, which most sessions do not need

        session.log.add(make_log_entry(plan, reply))


def _check_schema(schema: Schema, reply: Reply) -> None:
    try:
        reply.set_fields(**schema.check_reply(reply))
    except Exception as error:  # a validator of the person's own may raise anything
        why = sanitize_line(f"{type(error).__name__}: {error}", 100)
        reply.set_fields(error=f"{schema.name} could not check the answer: {why}")


def _add_to_chat(session: Session, chat: Chat, entry: ChatExchange) -> list[str]:
    """Add an exchange to a conversation; return what the footer's details say of it."""
    superseded = session.add_to_chat(chat, entry)
    chat = session.get_chat(chat.name)
    details = [f"{CONVERSATION_PREFIX}{chat.name}, turn {len(chat.entries)}"]
    if superseded:
        what = "later turn was" if superseded == 1 else "later turns were"
        details.append(f"{CONVERSATION_PREFIX}{chat.name}: {superseded} {what} set aside")
    return details


def _sent_attachments(plan: Plan) -> list[SentItem]:
    """Return the attachments of the request, without those that a ``{{ name }}`` or a cell's output made."""
    files: list[Part] = [part for part in plan.options.attach if isinstance(part, Text)]
    turn = plan.request.turns[-1] if plan.request.turns else Turn("user", ())
    files += [
        part for part in turn.parts if not isinstance(part, Text) and part not in plan.options.context.parts
    ]
    names = [item.about.rpartition("→ ")[2] for item in plan.options.sent]
    items = []
    for part in files:
        about = describe_parts((part,))
        if about in names:
            names.remove(about)  # one for one: what is attached besides was sent besides
        else:
            name = f"{part.name}, " if isinstance(part, Blob) and part.name else ""
            items.append(make_sent_item(f"attached: {name}{about}", (part,)))
    return items


def _mask_sent_item(item: SentItem, plan: Plan) -> SentItem:
    """Return what was sent without the keys in it: it is saved with the notebook."""
    from ..core.notebook_secrets import mask_notebook_text

    return replace(item, text=mask(mask_notebook_text(item.text, ENVIRON), plan.secrets))


def _request_to_json(request: Request) -> dict[str, Any]:
    """Return what a recording says of the request: texts and figures, no attachment's bytes."""
    turns = [
        {"role": turn.role, "text": "".join(part.text for part in turn.parts if isinstance(part, Text))}
        for turn in request.turns
    ]
    content: dict[str, Any] = {"turns": turns, "system": request.system, "temperature": request.temperature}
    content |= {"max_tokens": request.max_tokens, "options": dict(request.options)}
    return {name: value for name, value in content.items() if value}
