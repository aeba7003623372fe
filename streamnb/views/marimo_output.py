"""The output of a marimo cell, which ``mo.output`` replaces: marimo has neither IPython nor display ids.

marimo keeps what was shown last, unless the cell ends in a value of its own; a ``Reply`` there shows the same
(``Reply._mime_``).  Its pages typeset no ``$…$``, so formulas are MathML.
"""

from __future__ import annotations

import sys
import threading
from html import escape
from typing import Any

from ..core.reply import Reply
from ..render import snapshot
from ..render.marimo_html import adapt_html_for_marimo
from ..render.snapshot import MimeBundle

__all__ = ["MarimoOutput", "is_marimo", "marimo_bundle"]


def is_marimo() -> bool:
    """Say whether a marimo notebook runs this."""
    marimo = sys.modules.get("marimo")
    return marimo is not None and bool(marimo.running_in_notebook())


def marimo_bundle(reply: Reply) -> MimeBundle:
    """Return the MIME bundle of an answer, as marimo's pages can show it."""
    return MimeBundle(
        {"text/html": snapshot.marimo_html(reply), "text/plain": snapshot.plain_text(reply)}, {}
    )


class MarimoOutput:
    """The output of the running marimo cell."""

    def __init__(self) -> None:
        self._marimo: Any = sys.modules["marimo"]
        if "streamnb.markdown.live" not in sys.modules:
            # What draws is loaded while the request is under way: a first frame that costs would be followed
            # by a long pause.
            threading.Thread(target=marimo_bundle, args=(Reply("```python\npass\n```"),), daemon=True).start()

    def show(self, bundle: MimeBundle) -> None:
        """Show the bundle as the cell's output."""
        data = bundle.data
        html = adapt_html_for_marimo(data.get("text/html") or f"<p>{escape(data['text/plain'])}</p>")
        self._marimo.output.replace(self._marimo.Html(html))

    def update(self, bundle: MimeBundle) -> None:
        """Replace the output."""
        self.show(bundle)

    def finalize(self, bundle: MimeBundle) -> None:
        """Replace the output for the last time."""
        self.show(bundle)
