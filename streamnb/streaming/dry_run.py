"""``--dry-run``: the request as it would be sent, as text to read before.

The provider's own SDK builds and signs it; it is caught where it would have been sent.  Keys are
masked, attachments shortened, and the count of its tokens is an estimate that says so.
"""

from __future__ import annotations

import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..core.content import Text, ToolCallPart, ToolResultPart
from ..core.conversation import CellRunId
from ..core.errors import UsageError
from ..core.redaction import is_maskable, strip_userinfo
from ..providers.base import ProviderEndpoint, Request
from ..providers.error_messages import fault_from_exception
from ..request.environment import PLACEHOLDER_KEY
from ..request.options import Options
from .bookkeeping import pending_uploads_message
from .clients import header_filter
from .plan import Plan
from .planner import make_plan
from .session import current_session

if TYPE_CHECKING:
    from ..providers import http_client

__all__ = ["build_http_request", "make_preview_plan", "request_preview"]

CHARACTERS_PER_TOKEN = 4
MAX_DATA_CHARACTERS = 80  # characters of an attachment that are shown
MASK = "…"

# What steers a terminal or turns the order of what is read around.
_CONTROL_CHARACTERS = re.compile("[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_LONG_DATA = re.compile(r"(?:data:[\w.+/-]+;base64,)?[A-Za-z0-9+/_-]{200,}={0,2}")
_PLAIN_HEADERS = frozenset(
    {"host", "accept", "accept-encoding", "connection", "content-length", "content-type", "user-agent"}
    | {"x-goog-api-client"}
)


def make_preview_plan(
    prompt: str | list[Any], options: Options, *, cell_run_id: CellRunId | None = None
) -> Plan:
    """Make the plan of a dry run, which needs no key.

    Parameters
    ----------
    prompt
        A text, or a list of parts.
    options
        Of the request; no key is needed.
    cell_run_id
        Which run of which cell asks, for its conversation.

    Returns
    -------
    Plan
        The plan, for ``request_preview``.
    """
    try:
        return make_plan(prompt, options, cell_run_id=cell_run_id)
    except UsageError:
        # Where nothing but a key is missing, any other shows the same request.
        if options.api_key is None:
            with suppress(UsageError):
                return make_plan(prompt, replace(options, api_key=PLACEHOLDER_KEY), cell_run_id=cell_run_id)
        raise


def request_preview(plan: Plan) -> str:
    """Return what would be sent; nothing is.

    Raises
    ------
    UsageError
        Nothing can be shown without asking somebody: Vertex AI signs with a token of Google's.
    """
    if plan.model is None:
        return f"nothing would be sent: {plan.origin or plan.model_spec}"
    if plan.model.endpoint.provider == "vertex" and plan.model.endpoint.key in (None, PLACEHOLDER_KEY):
        raise UsageError(
            "vertex signs with a token that Google has to be asked for, and --dry-run asks nobody; "
            f"nearly the same is sent to gemini:{plan.model.name}"
        )
    session = current_session()
    request_with_links = session.uploads.with_known_links(plan.model.endpoint, plan.request)
    try:
        request = build_http_request(plan.model, request_with_links, sync=plan.options.sync)
    except Exception as error:  # whatever an SDK raises is a refusal here, in our words
        raise UsageError(fault_from_exception(error).message) from None
    if request is None:
        raise UsageError("the SDK would send no request for this")
    lines = [f"{request.method} {_mask_text(str(request.url), plan)}"]
    lines += [f"{name}: {_masked_header_value(name, value, plan)}" for name, value in request.headers.items()]
    uploads = pending_uploads_message(plan, session, plan.request)
    first = [f"First: {uploads}."] if uploads else []
    context = [f"Sent before the prompt: {detail}" for detail in plan.options.context.details]
    closing = [*context, *first, _token_estimate_line(plan.request)]
    return "\n".join([*lines, "", _body_preview(request.content, plan), "", *closing])


def build_http_request(model: ProviderEndpoint, request: Request, *, sync: bool) -> Any:
    """Return the HTTP request that would be sent, as the SDK builds and signs it; send nothing.

    ``None`` where the SDK would send none; raises whatever it raises.

    Parameters
    ----------
    model
        What would be asked.
    request
        What would be sent.
    sync
        Whether by the SDK's synchronous client.

    Returns
    -------
    Any
        An ``httpx2.Request``, or ``None``.
    """
    from ..providers import http_client

    body, header_hook = model.provider.request_kwargs(request, model.endpoint), header_filter(model.endpoint)

    def start(http: http_client.Client) -> None:
        model.provider.send(model.provider.build_client(model.endpoint, http, asynchronous=False), body)

    async def astart(http: http_client.AsyncClient) -> None:
        await model.provider.asend(model.provider.build_client(model.endpoint, http, asynchronous=True), body)

    if sync:
        return http_client.dry_run(header_hook, start)
    with ThreadPoolExecutor(1) as thread:  # every notebook has a running loop, in which none can be run
        return thread.submit(lambda: asyncio.run(http_client.adry_run(header_hook, astart))).result()


def _masked_header_value(name: str, value: str, plan: Plan) -> str:
    """Return a header's value: only what is known to be no secret is shown."""
    if name in _PLAIN_HEADERS or name.startswith("x-stainless-"):
        return _mask_text(value, plan)
    scheme = "Bearer " if value.startswith("Bearer ") else ""
    return scheme + ("(no key set)" if value == scheme + PLACEHOLDER_KEY else MASK)


def _mask_text(text: str, plan: Plan) -> str:
    """Mask the plan's keys in a text, but for one too short to be a key: the prompt may hold it."""
    for secret in filter(is_maskable, plan.secrets):
        text = text.replace(str.__str__(secret), MASK)
    return strip_userinfo(text)


def _body_preview(content: bytes, plan: Plan) -> str:
    text = content.decode("utf-8", "replace")
    with suppress(ValueError):  # no JSON: shown as it is
        text = json.dumps(_cut_long_data(json.loads(text)), ensure_ascii=False, indent=2)
        text = _CONTROL_CHARACTERS.sub(lambda mark: f"\\u{ord(mark[0]):04x}", text)  # the same JSON
    return _mask_text(text, plan)


def _cut_long_data(value: Any) -> Any:
    """Return JSON with the data of attachments cut; texts stay whole."""
    match value:
        case dict():
            return {name: _cut_long_data(item) for name, item in value.items()}
        case list():
            return [_cut_long_data(item) for item in value]
        case str() if _LONG_DATA.fullmatch(value):
            return f"{value[:MAX_DATA_CHARACTERS]}… ({len(value):,} characters)"
        case _:
            return value


def _token_estimate_line(request: Request) -> str:
    """Return the line with the estimated number of input tokens."""
    texts = [request.system or ""]
    others = 0
    for part in (part for turn in request.turns for part in turn.parts):
        match part:
            case Text(text):
                texts.append(text)
            case ToolCallPart(_, _, text, _) | ToolResultPart(_, _, text):
                texts.append(text)
            case _:
                others += 1
    texts += [json.dumps(dict(tool.parameters)) + tool.description for tool in request.tools]
    texts += [json.dumps(dict(request.schema))] if request.schema else []
    tokens = -(-sum(map(len, texts)) // CHARACTERS_PER_TOKEN)
    besides = f"; {others} attachment{'s' * (others != 1)} not counted" if others else ""
    return (
        f"Nothing was sent. An estimate: {tokens:,} input token{'s' * (tokens != 1)}"
        f" ({CHARACTERS_PER_TOKEN} characters taken for one{besides})."
    )
