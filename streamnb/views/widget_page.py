"""An invisible widget that runs ``static/page.js`` in the page of a notebook."""

from __future__ import annotations

import anywidget
import traitlets

from ..render import static_files
from . import widget_code

__all__ = ["PageWidget"]


class PageWidget(anywidget.AnyWidget):
    """The widget of a notebook's page; it shows nothing."""

    _esm = widget_code.page_script()
    _css = static_files.stylesheet()
    layout = traitlets.Any(None, allow_none=True).tag(sync=True)
