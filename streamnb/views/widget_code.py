"""The traits that the live widgets share, and the delivery of their JavaScript to the page.

The JavaScript is 45 KB, and a trait, so it would travel with each answer.  It comes with the extension's own
widget (``widget_page``) once; a page that runs that keeps it under the hash of its text.  From then on an
answer brings a loader of some lines.  Where no page has said that it is there, and for a page that asks for a
model again because it was loaded again, an answer brings everything itself.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from typing import Any, ClassVar

import anywidget
import traitlets

from ..render import static_files
from .notebook_page import is_any_page_present

__all__ = ["AnswerWidget", "columns_script", "page_script"]

_LOADER = """
const name = Symbol.for("streamnb.HASH");
let widget, ready;
const load = () => (widget ??= globalThis[name]?.ENTRY());
async function start(context) {
  while (!load()) await new Promise((done) => setTimeout(done, 50));
  widget.initialize(context);
}
export default {
  initialize(context) {
    if (load()) widget.initialize(context);
    else ready = start(context);
  },
  async render(context) {
    await ready;
    return widget.render(context);
  },
};
"""


class AnswerWidget(anywidget.AnyWidget):
    """Base of the widgets that show answers; what changes goes to the page in messages, not in traits."""

    script: ClassVar[str]
    entry: ClassVar[str]
    # A layout would be one more model for each answer.
    layout = traitlets.Any(None, allow_none=True).tag(sync=True)
    patience = traitlets.Int(-1).tag(sync=True)
    kernel = traitlets.Unicode("").tag(sync=True)
    pictures = traitlets.Unicode("ask").tag(sync=True)

    def __init__(self, **traits: Any) -> None:
        code = {"_esm": _loader_module(self.entry), "_css": ""} if is_any_page_present() else {}
        super().__init__(**code, **traits)

    def frames_so_far(self) -> Any:
        """Return how many frames were sent so far, in the type of the trait ``frames``."""
        raise NotImplementedError

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the traits; a page that is loaded again reads in ``frames`` how much it has missed."""
        state: dict[str, Any] = super().get_state(key, drop_defaults)
        if "frames" in state:
            state["frames"] = self.frames_so_far()
        if "_esm" in state and self.comm is not None:
            state |= {"_esm": self.script, "_css": static_files.stylesheet()}
        return state


@cache
def columns_script() -> str:
    """Return the JavaScript for several answers: that for one, with an entry point of its own."""
    return static_files.widget_script().replace(
        "export default", "const single ="
    ) + static_files.join_static_files("columns.js")


@cache
def page_script() -> str:
    """Return the JavaScript that a page keeps: that of all answers, and what acts on a whole notebook."""
    code = columns_script().replace("export default", "const several =")
    keep = f'globalThis[Symbol.for("streamnb.{_hash_of_scripts()}")] = {{ single, several }};\n'
    return code + keep + static_files.join_static_files("answer_actions.js", "prose.js", "page.js")


@cache
def _hash_of_scripts() -> str:
    return sha256((columns_script() + static_files.stylesheet()).encode()).hexdigest()[:16]


@cache
def _loader_module(entry: str) -> str:
    return _LOADER.replace("HASH", _hash_of_scripts()).replace("ENTRY", entry).replace("\n  ", "\n").strip()
