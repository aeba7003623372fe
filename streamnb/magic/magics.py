"""``%%stream`` and its defaults: line and cell -> a checked order -> a stream -> the variable.

A line that is refused changes nothing.  Once a request was sent the variable is set, however
the stream ends.  All that happens in between is ``plan`` and ``conduct``, the same as in
Python.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class, no_var_expand
from traitlets import Bool, Dict, Enum, Float, Int, TraitError, Unicode, observe, validate

from .. import checks, journal, options
from ..cassette import Cassette
from ..conduct import conduct
from ..display.hearing import while_awaiting
from ..errors import UsageError
from ..plan import Plan
from ..reply import Reply
from ..running import Running
from ..session import session
from . import admin
from .begin import begin
from .endings import refusals_in_one_line
from .orders import Order, Orders

__all__ = ["StreamMagics"]

SECONDS_TO_KEEP = 2.0  # how long the exit of a kernel waits for what runs in the background


@magics_class
class StreamMagics(Magics):
    """The magics, and their defaults: ``%config StreamMagics.model = "openai:gpt-4.1-mini"``."""

    shell: Any  # never None here, whatever the base class allows

    model = Unicode("", help="The model of a cell that names none; empty: STREAMNB_MODEL, else demo.").tag(
        config=True
    )
    into = Unicode("answer", help="The variable that gets the answer.").tag(config=True)
    timeout = Float(
        None,
        allow_none=True,
        help="Seconds without content until a stream ends; None: 600 before the first, 60 after.",
    ).tag(config=True)
    retries = Int(2, min=0, help="Tries after the first, only while nothing has been received.").tag(
        config=True
    )
    frames_per_second = Float(25.0, min=1.0, max=30.0, help="How often an output is painted at most.").tag(
        config=True
    )
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
        None, allow_none=True, min=1, help="Characters at which an answer is cut; None: 10,000,000."
    ).tag(config=True)
    max_line = Int(
        None, allow_none=True, min=1, help="Bytes of one line of an answer at most; None: 1,000,000."
    ).tag(config=True)
    aliases = Dict(
        key_trait=Unicode(),
        value_trait=Unicode(),
        help="Short names of models; %stream alias NAME MODEL adds one.",
    ).tag(config=True)

    def __init__(self, shell: Any, **settings: Any) -> None:
        # shell.config carries what stands in ipython_config.py
        super().__init__(shell=shell, parent=shell, **settings)
        self.running: dict[str, Running] = {}
        self.plans: dict[str, Plan] = {}  # what the answer in a variable was asked with
        self.offered: dict[str, list[str]] = {}  # what ``%stream models`` found, by provider
        self.anew_since = 0.0  # recordings of the cassette from before are asked anew
        self.matcher: Any = None  # of Tab, kept for unloading

    @validate("into")
    def _check_into(self, proposal: Mapping[str, Any]) -> str:
        try:
            return str(checks.READERS["into"](proposal["value"], str))
        except UsageError as error:
            raise TraitError(str(error)) from None

    @observe("budget")
    def _keep_budget(self, change: Mapping[str, Any]) -> None:
        session().ledger.budget = change["new"]

    # -- the magic --------------------------------------------------------------------------

    @no_var_expand
    @line_cell_magic
    def stream(self, line: str, cell: str | None = None) -> None:
        if cell is None:
            with refusals_in_one_line("%stream"):
                admin.run(self, line)
            return
        order = self._begin(line, cell, blocking=True)
        if order is not None:
            order.run(self.shell.user_ns, self.frames_per_second)

    stream.__doc__ = admin.HELP

    async def awaited(self, line: str, cell: str) -> None:
        """Do what ``stream`` does in a cell that awaits, so that clicks in its output arrive."""
        order = self._begin(line, cell, blocking=not while_awaiting())
        if order is not None:
            async with _awake():
                await order.arun(self.shell.user_ns, self.frames_per_second)

    def _begin(self, line: str, cell: str, *, blocking: bool) -> Order | Orders | None:
        """Return what is to be waited for, ``None`` where nothing is: help, --dry-run, --bg."""
        with refusals_in_one_line("%%stream"):
            order = begin(self, line, cell, blocking=blocking)
        if isinstance(order, Order):
            self.plans[order.into] = order.plan
            if order.background:
                self._start(order)
                return None
        return order

    # -- what a line does not say ------------------------------------------------------------

    def settings(self, said: options.Line) -> dict[str, Any]:
        """Return the options that come from the defaults and not from the line."""
        cassette = (
            Cassette(Path(self.cassette).expanduser(), since=self.anew_since) if self.cassette else None
        )
        return {
            "models": () if said.replay else (self.default_model(),),
            "timeout": self.timeout,
            "retries": self.retries,
            "max_text": self.max_text,
            "max_line": self.max_line,
            "journal": journal.folder() if self.journal else None,
            "cassette": cassette,
        }

    def default_model(self) -> str:
        """Return the model of a cell that names none."""
        return self.model or os.environ.get("STREAMNB_MODEL") or "demo"

    def names(self) -> Mapping[str, Any]:
        """Return the notebook's variables, with ``In`` as it was typed and not as rewritten."""
        names = dict(self.shell.user_ns)
        history = self.shell.history_manager
        if history is not None and names.get("In") is history.input_hist_parsed:
            names["In"] = history.input_hist_raw
        return names

    # -- in the background ------------------------------------------------------------------

    def _start(self, order: Order) -> None:
        names, into = self.shell.user_ns, order.into

        def ended(reply: Reply) -> None:
            if names.get(into) is running:  # the person may have put something else there
                names[into] = reply

        running = Running(
            order.plan.spec, lambda view: conduct(order.plan, view, self.frames_per_second), order.view, ended
        )
        names[into] = self.running[self._free_name(into)] = running

    def _free_name(self, into: str) -> str:
        """Return a name for ``%stream stop``; an earlier stream into the same variable may still run."""
        names = itertools.chain([into], (f"{into} #{number}" for number in itertools.count(2)))
        return next(
            name for name in names if name not in self.running or self.running[name].state != "running"
        )

    def stop_all(self) -> None:
        """Stop what runs in the background and give it a moment to keep its text."""
        under_way = [running for running in self.running.values() if running.state == "running"]
        for running in under_way:
            running.stop()
        for running in under_way:
            with contextlib.suppress(Exception):  # on the way out nothing may keep the kernel
                running.wait(SECONDS_TO_KEEP)


@asynccontextmanager
async def _awake() -> AsyncIterator[None]:
    """Keep the loop ticking: an interrupt schedules a cancellation without waking the loop."""

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.1)

    ticker = asyncio.ensure_future(tick())
    try:
        yield
    finally:
        ticker.cancel()
