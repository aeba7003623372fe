"""Several streams in one output of a notebook: the bundle of all, and the way without a widget.

A ``Seat`` stands where a view expects an output of its own; what is put there is a part of the one output
that all of them share.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from html import escape

from ..several import comparison
from . import snapshot
from .base import View
from .controls import harmless
from .looks import inlined
from .outlet import Outlet
from .updates import UpdatesView

__all__ = ["Seat", "UpdatesColumns", "bundle", "heading"]

SECONDS_BETWEEN = 0.5


class Seat(Outlet):
    """One stream's place in the shared output."""

    def __init__(self, name: str, varied: str) -> None:
        super().__init__()
        self.name = name
        self.varied = varied
        self.bundle = snapshot.Bundle({"text/html": "", "text/plain": ""}, {})
        self.changed = False

    def appear(self, bundle: snapshot.Bundle) -> None:
        """Take the place; the shared output says itself when it appears."""
        self.bundle = bundle

    def replace(self, bundle: snapshot.Bundle) -> None:
        """Put something else there."""
        self.bundle, self.changed = bundle, True

    def settle(self, bundle: snapshot.Bundle) -> None:
        """Put the last thing there."""
        self.replace(bundle)


def heading(seat: Seat) -> str:
    """Return what stands above a column."""
    differs = f'<span class="snb-varied">{escape(harmless(seat.varied))}</span>' if seat.varied else ""
    return f'<div class="snb-name">{escape(harmless(seat.name))}{differs}</div>'


def bundle(seats: Mapping[str, Seat], closing: comparison.Table | None = None) -> snapshot.Bundle:
    """Return the bundle of all seats, with the table where all have ended."""
    html = "".join(
        f"{inlined('<div class=' + chr(34) + 'snb-column' + chr(34) + '>' + heading(seat))}"
        f"{seat.bundle.data.get('text/html', '')}</div>"
        for seat in seats.values()
    )
    plain = [f"{name}\n\n{seat.bundle.data['text/plain']}" for name, seat in seats.items()]
    after = ""
    if closing is not None:
        after = inlined(comparison.html(closing))
        plain.append(comparison.text(closing))
    # The columns bring the padding of an answer themselves.
    root = inlined('<div class="streamnb mathjax_ignore tex2jax_ignore" style="padding:0">')
    box = inlined('<div class="snb-columns">')
    about = {name: seat.bundle.metadata.get("streamnb", {}) for name, seat in seats.items()}
    return snapshot.Bundle(
        {"text/html": f"{root}{box}{html}</div>{after}</div>", "text/plain": harmless("\n\n".join(plain))},
        {"streamnb": {"answers": about}},
    )


class UpdatesColumns:
    """Shows several streams as updates of one display; see ``updates``."""

    def __init__(self, *, live: bool = True) -> None:
        self._live = live
        self._outlet = Outlet()
        self._appeared = False
        self._seats: dict[str, Seat] = {}
        self._updated = 0.0

    def column(self, name: str, varied: str, schema: str | None = None) -> View:
        """Return the view of one more stream."""
        seat = self._seats[name] = Seat(name, varied)
        view = UpdatesView(name, live=self._live, outlet=seat)
        if schema is not None:
            view.expect(schema)
        return view

    def open(self) -> None:
        """Appear, where displays are published."""
        if self._live:
            self._put(snapshot.Bundle({"text/plain": f"{', '.join(self._seats)} are answering"}, {}))

    def beat(self) -> None:
        """Send the output so far, if one of the views found that worth it."""
        now = time.monotonic()
        changed = any(seat.changed for seat in self._seats.values())
        if self._live and changed and now - self._updated >= SECONDS_BETWEEN:
            self._updated = now
            self._put(bundle(self._seats))

    def close(self, table: comparison.Table) -> None:
        """Leave the bundle of all."""
        self._put(bundle(self._seats, table))

    def _put(self, whole: snapshot.Bundle) -> None:
        for seat in self._seats.values():
            seat.changed = False
        put = self._outlet.replace if self._appeared else self._outlet.appear
        self._appeared = True
        put(whole)
