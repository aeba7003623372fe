"""Configurable defaults of ``%%stream`` (traits) and the state that its cells share.

``StreamMagics`` adds the magics to it; the rest of this folder uses only this base class.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics
from traitlets import Bool, Dict, Enum, Float, Int, TraitError, Unicode, Union, observe, validate

from ..core.errors import UsageError
from ..request.option_help import help_text
from ..request.option_readers import AUTO_SPEED
from ..request.option_table import row_by_dest
from ..streaming.limits import Limits
from ..streaming.session import current_session
from ..views.pacing import FRAMES_PER_SECOND
from . import compat

if TYPE_CHECKING:
    from ..streaming.background import BackgroundStream
    from ..streaming.plan import Plan
    from ..views.notebook_page import NotebookPage
    from .background_imports import BackgroundImports
    from .cell_history import CellHistory
    from .page_opener import PageOpener

__all__ = ["HELP", "MagicState"]

USAGE = "%%stream [MODEL] [options]"
ABOUT = """Stream a model's answer into this cell; the prompt stands on the lines below, as typed.
{{ name }} in it is replaced by a variable of the notebook. The answer goes into a variable
(answer, or -o NAME): a text that also has .usage, .timing, .state. Without MODEL: the demo
model, offline. %stream help has more."""
HELP = help_text(USAGE, ABOUT)
"""What ``%%stream?`` shows, and ``%stream help`` begins with."""

_LIMITS = Limits()
EXIT_WAIT_S = 2.0  # how long the exit of a kernel waits for what runs in the background


class MagicState(Magics):
    """The defaults, each a trait of ``%config StreamMagics``, and the notebook's streams."""

    shell: Any  # never None here, whatever the base class allows

    model = Unicode("", help="The model of a cell that names none; empty: STREAMNB_MODEL, else demo.").tag(
        config=True
    )
    system = Unicode("", help="The system prompt of a cell that has no -s; empty: none.").tag(config=True)
    speed = Union(
        [Float(), Enum((AUTO_SPEED,))],
        default_value=None,
        allow_none=True,
        help="Pace of replays and the demo; auto: 0 where nobody watches, else 1; "
        f"None: STREAMNB_SPEED, else {row_by_dest('speed').default}.",
    ).tag(config=True)
    into = Unicode(row_by_dest("into").default, help="The variable that gets the answer.").tag(config=True)
    timeout = Float(
        None,
        allow_none=True,
        help=f"Seconds without content until a stream ends; None: {row_by_dest('timeout').default}.",
    ).tag(config=True)
    retries = Int(
        row_by_dest("retries").default, help="Tries after the first, only while nothing has been received."
    ).tag(config=True)
    frames_per_second = Float(
        FRAMES_PER_SECOND, min=1.0, max=30.0, help="How often an output is painted at most."
    ).tag(config=True)
    images = Enum(("ask", "never", "always"), "ask", help="When a picture from elsewhere is loaded.").tag(
        config=True
    )
    journal = Bool(False, help="Whether every stream is kept in a private folder while it runs.").tag(
        config=True
    )
    cassette = Unicode(
        "", help="A folder that keeps every stream and plays it when the same is asked again; empty: none."
    ).tag(config=True)
    budget = Float(
        None, allow_none=True, min=0.0, help="US dollars that a session may spend; None: no bound."
    ).tag(config=True)
    max_text = Int(
        None,
        allow_none=True,
        min=1,
        help=f"Characters at which an answer is cut; None: {_LIMITS.max_text_characters:,}.",
    ).tag(config=True)
    max_line = Int(
        None,
        allow_none=True,
        min=1,
        help=f"Bytes of one line of an answer at most; None: {_LIMITS.max_line_bytes:,}.",
    ).tag(config=True)
    log = Bool(False, help="Whether every prompt and its answer go into a private file to search.").tag(
        config=True
    )
    aliases = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Short names of models; %stream alias NAME MODEL adds one.",
    ).tag(config=True)

    def __init__(self, shell: Any, **settings: Any) -> None:
        # shell.config carries what stands in ipython_config.py
        super().__init__(shell=shell, parent=shell, **settings)
        self.running: dict[str, BackgroundStream] = {}
        self.plans: dict[str, Plan] = {}  # what the answer in a variable was asked with
        self.model_names: dict[str, list[str]] = {}  # what ``%stream models`` found, by provider
        self.cassette_since = 0.0  # recordings of the cassette from before are asked anew
        self.history: CellHistory | None = None  # of the cells that ran, since %load_ext
        self.matcher: Any = None  # of Tab, kept for unloading
        self.background_imports: BackgroundImports | None = None
        self.page_opener: PageOpener | None = None

    @validate("model", "into", "timeout", "retries", "speed")
    def _check_as_option(self, proposal: Mapping[str, Any]) -> Any:
        """Read a default as the option of its name is read; a line's refusal is the trait's."""
        value, trait = proposal["value"], proposal["trait"]
        if value == trait.default_value:
            return value
        row = row_by_dest(trait.name)
        try:
            return row.read([value])[0] if row.kind == "many" else row.read(str(value))
        except UsageError as error:
            raise TraitError(str(error)) from None

    @observe("budget")
    def _apply_budget(self, change: Mapping[str, Any]) -> None:
        current_session().spending.budget = change["new"]

    @observe("log")
    def _apply_log(self, change: Mapping[str, Any]) -> None:
        from ..storage import log  # here: it imports SQLite, which most sessions do not need

        if (writer := current_session().log) is not None:
            writer.close()
        current_session().log = log.LogWriter(log.log_path(), _print_log_fault) if change["new"] else None

    @property
    def page(self) -> NotebookPage | None:
        """The page of the notebook, ``None`` before the extension is loaded into one."""
        return self.page_opener.page if self.page_opener else None

    def default_model(self) -> str:
        """Return the model of a cell that names none."""
        return self.model or os.environ.get("STREAMNB_MODEL") or "demo"

    def notebook_variables(self) -> Mapping[str, Any]:
        """Return the notebook's variables, with ``In`` as it was typed and not as rewritten."""
        return compat.notebook_variables(self.shell)

    def stop_background_streams(self) -> None:
        """Stop what runs in the background and give it a moment to keep its text."""
        streams = [running for running in self.running.values() if running.state == "running"]
        for running in streams:
            running.stop()
        for running in streams:
            with contextlib.suppress(Exception):  # on the way out nothing may keep the kernel
                running.wait(EXIT_WAIT_S)


def _print_log_fault(line: str) -> None:
    print(f"streamnb: {line}", file=sys.stderr)
