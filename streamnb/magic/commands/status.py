"""``%stream status``: defaults, what runs, and what the session has cost."""

from __future__ import annotations

from ...request.option_table import TimeoutDefaults, row_by_dest
from ...streaming.session import current_session
from ..state import MagicState

__all__ = ["run"]


def run(magics: MagicState, args: list[str]) -> None:
    defaults: TimeoutDefaults = row_by_dest("timeout").default
    waiting = (
        f"{defaults.before_first_s:g} s before the first content, {defaults.after_first_s:g} s after"
        if magics.timeout is None
        else f"{magics.timeout:g} s"
    )
    print(f"model: {magics.default_model()} · into: {magics.into} · retries: {magics.retries}")
    print(f"time-out: {waiting}")
    for name, running in magics.running.items():
        print(f"{name}: {running.model}, {running.state}, {len(running.text):,} characters")
    spending = current_session().spending
    for model, account in spending.accounts.items():
        print(f"{model}: {account}")
    print(spending.summary())
