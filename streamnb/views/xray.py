"""Display of a stream's trace: a widget in a page, else a picture or text."""

from __future__ import annotations

from ..core.trace import Xray
from ..render.xray import bundle, page_data, plain_text
from . import choose
from .output import Output

__all__ = ["show_xray"]


def show_xray(xray: Xray) -> None:
    """Show the trace of a stream where the person is."""
    shell = choose.current_shell()
    if shell is None or not hasattr(shell, "kernel"):
        print(plain_text(xray))
    elif choose.is_page(shell):
        from .widget_xray import XrayView

        XrayView(page_data(xray), bundle(xray)).display()
    else:
        Output().show(bundle(xray))
