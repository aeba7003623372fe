"""Choice of the view for the environment in which the code runs.

=============================  =====================================================
a page with widgets            ``WidgetView``
a kernel without one           ``DisplayUpdateView``: nbclient, papermill, another client, ``%%capture``
a marimo notebook              ``DisplayUpdateView`` with an output of marimo's
a terminal                     ``TerminalView``: IPython, ``jupyter console`` or plain Python
none of these, or unwanted     ``NoView``; where display is asked for, text is printed all the same
=============================  =====================================================

Only a page sends a cell's id with its request.  That is how the two kernels are told apart: nbclient would
keep a widget's state in the file that it writes, and nobody would have seen the widget.  Of the others,
only a console has a person at its keyboard (Colab, Kaggle and Databricks are pages all the same).
"""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from .base import NoView, View

if TYPE_CHECKING:
    from ..markdown.images import ImagePolicy
    from .display_update import DisplayUpdateView
    from .widget import WidgetView

__all__ = ["current_shell", "is_capturing", "is_console", "is_page", "is_watched", "view_for"]


_HOSTED_PAGE_VARIABLES = ("KAGGLE_KERNEL_RUN_TYPE", "DATABRICKS_RUNTIME_VERSION")
"""Set where a page sends no cell's id and takes input all the same."""


def view_for(
    model: str,
    *,
    display: bool | None,
    images: ImagePolicy = "ask",
    blocking: bool = False,
    schema: str | None = None,
    plain: bool = False,
) -> View:
    """Return the view for a stream that begins now, for the place where the code runs.

    Parameters
    ----------
    model
        What the answer is asked of, as it was typed.
    display
        ``False`` for no view; ``None`` for a view where there is somebody to see it.
    images
        ``ask``, ``never`` or ``always``: when a picture from elsewhere is loaded.
    blocking
        Whether the caller blocks the kernel until the stream has ended.
    schema
        The name of the schema that the answer is JSON of, if it is.
    plain
        Whether a terminal shows the source as it comes.

    Returns
    -------
    View
        The view, which nothing has been shown in.
    """
    if display is False:
        return NoView()
    where = current_shell()
    if where is None or not hasattr(where, "kernel"):
        return _view_outside_kernel(model, display, plain=plain)
    if is_console(where):
        from .terminal import TerminalView

        return TerminalView(sys.stdout)
    view = _view_in_kernel(where, model, images, blocking=blocking)
    if schema is not None:
        view.expect_schema(schema)
    return view


def _view_in_kernel(
    where: Any, model: str, images: ImagePolicy, *, blocking: bool
) -> WidgetView | DisplayUpdateView:
    if is_page(where) and find_spec("anywidget"):
        from .widget import WidgetView

        return WidgetView(model, images=images, blocking=blocking)
    from .display_update import DisplayUpdateView
    from .output import Output

    if is_capturing(where):
        return DisplayUpdateView(model, live=False, output=Output(collector=where.display_pub))
    return DisplayUpdateView(model, output=Output(follows=not is_page(where)))


def current_shell() -> Any:
    """Return the IPython shell in which the code runs, ``None`` without one."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


def is_watched(*, display: bool | None) -> bool:
    """Say whether a person sees a stream come: on a page, at a console or in a terminal."""
    where = current_shell()
    if display is False:
        return False
    if where is None or not hasattr(where, "kernel"):
        return bool(sys.stdout is not None and (display or sys.stdout.isatty()))
    return is_page(where) or is_console(where)


def is_page(where: Any) -> bool:
    """Say whether a page asked for this cell, and shows what it displays."""
    parent = where.get_parent() or {}
    return bool(parent.get("metadata", {}).get("cellId")) and not is_capturing(where)


def is_console(where: Any) -> bool:
    """Say whether a console asked for this cell (``jupyter console``): it prints, but replaces nothing."""
    types = bool((where.get_parent() or {}).get("content", {}).get("allow_stdin"))
    is_hosted = "google.colab" in sys.modules or any(name in os.environ for name in _HOSTED_PAGE_VARIABLES)
    return types and not is_page(where) and not is_capturing(where) and not is_hosted


def is_capturing(where: Any) -> bool:
    """Say whether displays are being collected (``%%capture``) and not published."""
    return hasattr(where.display_pub, "outputs")


def _view_outside_kernel(model: str, display: bool | None, *, plain: bool) -> View:
    """Return the view of a process that is no kernel of Jupyter's."""
    from .marimo_output import MarimoOutput, is_marimo, marimo_bundle

    if is_marimo():
        from .display_update import DisplayUpdateView

        return DisplayUpdateView(model, output=MarimoOutput(), bundle_of=marimo_bundle)
    if is_watched(display=display):
        from .terminal import TerminalView

        return TerminalView(sys.stdout, plain=plain)
    return NoView()
