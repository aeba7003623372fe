"""The help of ``%%stream``, which ``%%stream?`` shows, too."""

from __future__ import annotations

from ..request.option_table import help_text

__all__ = ["HELP"]

USAGE = "%%stream [MODEL] [options]"
ABOUT = """Stream a model's answer into this cell; the prompt stands on the lines below, as typed.
{{ name }} in it is replaced by a variable of the notebook. The answer goes into a variable
(answer, or -o NAME): a text that also has .usage, .timing, .state. Without MODEL: the demo
model, offline. %stream help has more."""

HELP = help_text(USAGE, ABOUT)
