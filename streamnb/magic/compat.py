"""All uses of IPython's private interfaces; each has a test that fails when an upgrade changes it."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from IPython.core.interactiveshell import InteractiveShell

__all__ = [
    "add_matcher",
    "add_output_hook",
    "add_transformer",
    "cell_label",
    "is_inside_a_cell",
    "last_failed_cell_number",
    "notebook_variables",
    "outputs_of_cell",
    "raw_inputs",
    "remove_configurable",
    "remove_magics",
    "remove_matcher",
    "remove_output_hook",
    "remove_transformers",
]

_CELL_RUNNERS = {InteractiveShell.run_code.__code__, InteractiveShell.run_cell.__code__}
"""While one of these is on the stack, a cell is running in this thread, or about to be run
by a synchronous call: in neither place can the new one await."""


def is_inside_a_cell() -> bool:
    """Tell whether a cell is running in this thread."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        if frame.f_code in _CELL_RUNNERS:
            return True
        frame = frame.f_back
    return False


def add_transformer(shell: Any, transformer: Callable[[list[str]], list[str]]) -> None:
    """Have cells go through ``transformer`` first: a later one would already have stripped prompts."""
    shell.input_transformers_cleanup.insert(0, transformer)


def remove_transformers(shell: Any, kind: type) -> None:
    """Take away every transformer of this kind."""
    transformers = shell.input_transformers_cleanup
    transformers[:] = [transformer for transformer in transformers if not isinstance(transformer, kind)]


def add_matcher(shell: Any, matcher: Any) -> bool:
    """Have Tab ask ``matcher``; ``False`` where nothing completes."""
    if shell.Completer is None:
        return False
    shell.Completer.custom_matchers.append(matcher)
    return True


def remove_matcher(shell: Any, matcher: Any) -> None:
    """Take a matcher away again."""
    if shell.Completer is not None:
        matchers = shell.Completer.custom_matchers
        matchers[:] = [other for other in matchers if other is not matcher]


def remove_configurable(shell: Any, configurable: object) -> None:
    """Take an object out of those that ``%config`` lists."""
    shell.configurables[:] = [other for other in shell.configurables if other is not configurable]


def remove_magics(shell: Any, class_name: str, *names: str) -> Any:
    """Take a class of magics away; return its object, ``None`` where it was not there.

    Parameters
    ----------
    shell
        IPython's shell.
    class_name
        The name of the class in its registry.
    names
        The names of its magics, of lines and of cells.

    Returns
    -------
    Any
        The object of the class, for whom takes it up again; ``None`` where there was none.
    """
    magics = shell.magics_manager.registry.pop(class_name, None)
    if magics is not None:
        for kind in ("line", "cell"):
            for name in names:
                shell.magics_manager.magics[kind].pop(name, None)
        remove_configurable(shell, magics)
    return magics


def notebook_variables(shell: Any) -> dict[str, Any]:
    """Return the notebook's variables, with ``In`` as it was typed and not as rewritten."""
    names = dict(shell.user_ns)
    history = shell.history_manager
    if history is not None and names.get("In") is history.input_hist_parsed:
        names["In"] = history.input_hist_raw
    return names


def raw_inputs(shell: Any) -> list[str]:
    """Return the cells of the session as they were typed, by their number; the first, 0, is empty."""
    history = shell.history_manager
    return [""] if history is None else list(history.input_hist_raw)


def outputs_of_cell(shell: Any, number: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the outputs that IPython keeps of a cell: their kind (``out_stream`` …) and their content."""
    outputs_by_number = getattr(shell.history_manager, "outputs", {})
    for output in outputs_by_number.get(number, ()):  # a defaultdict: asked with [], it would grow
        yield output.output_type, output.bundle


def last_failed_cell_number(shell: Any) -> int | None:
    """Return the number of the last cell that raised, ``None`` where IPython does not keep it."""
    return max(getattr(shell.history_manager, "exceptions", None) or (), default=None)


def cell_label(shell: Any, file: str) -> str | None:
    """Return what IPython calls a cell's file (``Cell In[5]``), ``None`` for any other file."""
    name = shell.compile.format_code_name(file)
    return None if name is None else " ".join(name)


def add_output_hook(shell: Any, hook: Callable[[Any], Any]) -> bool:
    """Have a kernel show ``hook`` each message of an output before it goes out; ``False`` without a kernel.

    A hook gets the message and returns it.  Text is sent by a thread of the kernel's own, and hooks belong
    to the thread that sends.
    """
    if not hasattr(shell.display_pub, "register_hook"):
        return False
    shell.display_pub.register_hook(hook)
    for stream in _hookable_streams():
        stream.pub_thread.schedule(lambda stream=stream: stream.register_hook(hook))
    return True


def remove_output_hook(shell: Any, hook: Callable[[Any], Any]) -> None:
    """Take a hook away again."""
    if hasattr(shell.display_pub, "unregister_hook"):
        shell.display_pub.unregister_hook(hook)
    for stream in _hookable_streams():
        stream.pub_thread.schedule(lambda stream=stream: stream.unregister_hook(hook))


def _hookable_streams() -> list[Any]:
    return [
        stream
        for stream in (sys.stdout, sys.stderr)
        if hasattr(stream, "register_hook") and getattr(stream, "pub_thread", None) is not None
    ]
