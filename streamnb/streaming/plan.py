"""``Plan``: a checked request with everything that a stream needs to begin; ``planner`` makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..core.conversation import CellRunId, Chat
from ..core.wire_events import Sink, Source
from ..providers.base import Adapter, Model, Request
from ..request.options import Options
from .limits import Limits

if TYPE_CHECKING:  # each is imported where a plan has one
    from .replay import Replay
    from .schema import Schema
    from .tools import Toolbox

__all__ = ["Extras", "Plan"]


@dataclass(frozen=True, slots=True)
class Extras:
    """What goes with a stream besides its request.

    Attributes
    ----------
    toolbox
        The functions that the model may ask for, ``None`` without.
    schema
        What the answer has to fit, ``None`` without.
    chat
        The conversation that it continues, ``None`` for a prompt by itself.
    cell_run_id
        Which run of which cell asked.
    base_url
        The address that the person named, ``None`` for the provider's own, whose price list counts.
    """

    toolbox: Toolbox | None = None
    schema: Schema | None = None
    chat: Chat | None = None
    cell_run_id: CellRunId = field(default_factory=CellRunId)
    base_url: str | None = None

    @property
    def schema_name(self) -> str | None:
        """The name of the schema, ``None`` without one."""
        return None if self.schema is None else self.schema.name


@dataclass(frozen=True, slots=True)
class Plan:
    """A stream that can begin: everything is checked, nothing is sent.

    Attributes
    ----------
    model_spec
        The model as it was typed.
    provider
        Its name, which says how the bytes are read.
    request
        What is asked; after calls of tools, further requests follow it.
    options
        What the request was made of; the speed is a number.
    limits
        How long and how much it may take, as the options say.
    start_request
        Starts a request and puts its traffic.
    make_adapter
        Makes an adapter for one try.
    extras
        Tools, schema and conversation.
    optional_params
        Parameters of ours that a server may refuse.
    origin
        What is played, in words; ``None`` for a live stream.
    replay
        What is played, a demo answer included; ``None`` for a live stream.
    model
        Who is asked; ``None`` where something is played.
    secrets
        Texts that are neither shown nor kept.
    """

    model_spec: str
    provider: str
    request: Request
    options: Options
    limits: Limits
    start_request: Callable[[Request, Sink], Source]
    make_adapter: Callable[[], Adapter]
    extras: Extras
    optional_params: frozenset[str] = frozenset()
    origin: str | None = None
    replay: Replay | None = None
    model: Model | None = None
    secrets: tuple[str, ...] = field(default=(), repr=False)
