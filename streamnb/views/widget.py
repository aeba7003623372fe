"""The live view of a notebook: a widget that receives patches, and gives way to the static bundle.

In order: a model is opened and shown; each frame goes to the page as one message, numbered, so that a
page which missed some (it was loaded again) asks for the whole; in the end the last frame goes out, and the
bundle takes the widget's place (``widget_output``).  Text never travels in a trait.

Importing this file imports anywidget; nothing else in the package does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cached_property
from threading import Lock, RLock, current_thread, main_thread
from typing import Any

import traitlets

from ..core.events import Event, Image, Notice, ReasoningDelta, TextDelta, TextWasReasoning, ToolCallDelta
from ..core.reply import Reply, ToolCall
from ..core.reply_builder import ReplyBuilder
from ..core.text import sanitize_line
from ..markdown import LiveMarkdown
from ..markdown.images import ImagePolicy
from ..render import footer, json_table, panels, snapshot, static_files
from . import comms
from .approval import ApprovalRequest
from .display_update import DisplayUpdateView
from .output import Output
from .widget_code import AnswerWidget
from .widget_detection import WidgetDetection
from .widget_output import CountingChannel, WidgetOutput, widget_or_fallback

__all__ = ["StreamWidget", "WidgetView"]

PANEL_CHARACTERS_PER_S = 40_000  # panels are sent whole, so large ones less often
FALLBACK_SIZE_RATIO = 1.3  # what the updates may be beside the frames, see ``DisplayUpdateView``

STATUS_MESSAGES = {"complete": "Answer complete", "interrupted": "Answer stopped"}
"""What a screen reader is told at the end; any other state is named."""


class StreamWidget(AnswerWidget):
    """The widget of one answer."""

    script = _esm = static_files.widget_script()
    entry = "single"
    _css = static_files.stylesheet()
    frames = traitlets.Int(0).tag(sync=True)
    foot = traitlets.Unicode("").tag(sync=True)
    frames_sent = 0

    def frames_so_far(self) -> int:
        """Return how many frames were sent so far."""
        return self.frames_sent


class WidgetView:
    """Shows one stream in a widget.

    Parameters
    ----------
    model
        What the answer is asked of, as it was typed.
    images
        ``ask``, ``never`` or ``always``: when a picture from elsewhere is loaded.
    blocking
        Whether the cell lasts as long as the stream and hears no message of a page meanwhile (``comms``);
        its Stop button then asks the server for an interrupt.
    channel, output
        What carries messages to the page, and the output; where several views share one of each.
    """

    def __init__(
        self,
        model: str,
        *,
        images: ImagePolicy = "ask",
        blocking: bool = False,
        channel: CountingChannel | None = None,
        output: Output | None = None,
    ) -> None:
        self._thoughts: LiveMarkdown | None = None  # the reasoning, where there is any
        self._model, self._images = model, images
        self._builder = ReplyBuilder(model)
        self._shared_channel, self._shared_output = channel, output
        self._lock = RLock()  # a page may speak in a thread of its own
        self._one_question = Lock()  # each call is asked about in a thread of its own
        self._characters = 0
        self._are_panels_due = False  # something in them has changed since they were sent
        self._panels_not_before = 0.0
        self._is_writing_call = False  # the model, just now
        self._began = time.monotonic()
        self._end: dict[str, str] | None = None
        self._blocking = blocking
        self._question: ApprovalRequest | None = None
        self._fields: json_table.GrowthThrottle | None = None
        self._detection = WidgetDetection()
        self._fallback: DisplayUpdateView | None = None
        self._stop: Callable[[], None] = lambda: None

    # What is costly to make is made by ``open``: then the request is on its way.

    @cached_property
    def _live(self) -> LiveMarkdown:
        return LiveMarkdown(images=self._images)

    @cached_property
    def _widget(self) -> CountingChannel:
        return self._shared_channel or StreamWidget(
            pictures=self._images,
            patience=comms.interrupt_delay_ms(blocking=self._blocking),
            kernel=comms.kernel_id() if self._blocking else "",
            foot=footer.placeholder_line(self._model),
        )

    @cached_property
    def _output(self) -> Output:
        return self._shared_output or WidgetOutput(self._widget)

    def expect_schema(self, schema: str) -> None:
        """Announce, before ``open``, that the answer is JSON of this schema, so that its fields are shown."""
        self._fields = json_table.GrowthThrottle()
        self._builder.set_fields(schema=schema)

    def open(self, stop: Callable[[], None]) -> None:
        """Show the widget, and begin to look whether a page draws it."""
        self._stop = stop
        self._builder.timing_builder.mark_sent(self._began)
        self._widget.on_msg(self._on_message)
        model = sanitize_line(self._model)
        plain = f"{model} is answering; where this was saved, %stream show NAME brings the answer back"
        self._output.show(widget_or_fallback(self._widget, snapshot.MimeBundle({"text/plain": plain}, {})))
        self._detection.start()
        _ = self._live  # made now, and not when the first text has come

    def show(self, events: Sequence[Event]) -> None:
        """Send one frame, if there is anything in it that shows."""
        with self._lock:
            self._builder.feed(events, time.monotonic())
            if any(isinstance(event, TextWasReasoning) for event in events):
                self._show_text_as_reasoning()
                events = [event for event in events if not isinstance(event, TextDelta | ReasoningDelta)]
            frame = self._next_frame(events)
            if frame:
                self._send_frame(frame)
            if self._fallback is None and self._detection.is_absent:
                self._fallback = DisplayUpdateView(
                    self._model,
                    output=self._output,
                    builder=self._builder,
                    max_size_ratio=FALLBACK_SIZE_RATIO,
                )
            if self._fallback is not None:
                self._fallback.send_if_due()
        if self._question is not None and self._cannot_hear_clicks():
            self._question.ask_at_keyboard(self._stop)

    def _cannot_hear_clicks(self) -> bool:
        """Say whether clicks do not reach the kernel, so that a question has to go through its own input."""
        if current_thread() is not main_thread():
            return False
        return self._blocking or self._fallback is not None or not comms.hears_clicks_while_awaiting()

    def ask(self, call: ToolCall) -> bool | None:
        """Ask with two buttons, or at the keyboard where a click is not heard; wait for the answer."""
        with self._one_question:
            with self._lock:
                if self._end is not None:
                    return None
                question = self._question = ApprovalRequest(call)
            if not self._blocking:
                self._widget.send({"kind": "question", "html": question.html, "id": question.id})
            question.settled.wait()
            self._question = None
            self._widget.send({"kind": "question", "html": None})
            return question.answer

    def close(self, reply: Reply) -> None:
        """Send the last frame, then put the static bundle in the widget's place."""
        with self._lock:
            if self._fields is not None and json_table.parse_partial(reply.text) is None:
                self._fields, self._characters = None, 0  # no JSON: shown as it is
            remaining = reply.text[self._characters :]
            frame = self._next_frame([TextDelta(remaining)] if remaining else [])
            last = self._live.close().to_json()
            if remaining:
                self._send_frame(frame)
            status = STATUS_MESSAGES.get(reply.state, f"Answer ended: {reply.state}")
            self._end = {"footer": snapshot.answer_footer_html(reply), "said": status}
            thoughts = {"thoughts": self._thoughts.close().to_json()} if self._thoughts else {}
            ending = {"patch": last, "end": self._end, "asides": self._asides_html(reply, ended=True)}
            self._send_frame(ending | thoughts)
        if self._question is not None:
            self._question.set_answer(None)
        self._output.finalize(snapshot.bundle(reply))

    def _next_frame(self, events: Sequence[Event]) -> dict[str, Any]:
        frame: dict[str, Any] = {}
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        if text:
            self._characters += len(text)
            frame |= {"text": text, "characters": self._characters}
            if self._fields is None:
                frame["patch"] = self._live.feed(text).to_json()
        if thoughts := "".join(event.text for event in events if isinstance(event, ReasoningDelta)):
            self._thoughts = self._thoughts or LiveMarkdown(images=self._images)
            frame |= {"reasoning": thoughts, "thoughts": self._thoughts.feed(thoughts).to_json()}
        if images := panels.picture_elements(event for event in events if isinstance(event, Image)):
            frame["images"] = images
        for event in events:
            if isinstance(event, Notice):
                frame["notice"] = {"text": event.text, "seconds": event.seconds}
        # A call is open while it is written, and folds when the answer goes on.
        deltas = [event for event in events if isinstance(event, ToolCallDelta | TextDelta)]
        was_writing = self._is_writing_call
        if deltas:
            self._is_writing_call = isinstance(deltas[-1], ToolCallDelta)
        are_fields_due = self._fields is not None and self._fields.is_due(self._characters)
        if self._is_writing_call != was_writing or any(
            isinstance(event, panels.PANEL_EVENTS) for event in events
        ):
            self._are_panels_due = True
        now = time.monotonic()
        if are_fields_due or (self._are_panels_due and now >= self._panels_not_before):
            asides = frame["asides"] = self._asides_html(self._builder.build_reply(now))
            self._are_panels_due = False
            self._panels_not_before = now + sum(map(len, asides.values())) / PANEL_CHARACTERS_PER_S
        if rate := self._token_rate():
            frame["rate"] = rate
        return frame

    def _token_rate(self) -> float | None:
        # Most providers count once, at the end; only who counts as it goes has a rate to show.
        usage = self._builder.usage
        if usage.output_tokens is None:
            return None
        return self._builder.timing_builder.build_timing(usage, time.monotonic()).tokens_per_second

    def _asides_html(self, reply: Reply, *, ended: bool = False) -> dict[str, str]:
        calls = panels.tool_calls_panel(reply.tool_calls, unfolded=self._is_writing_call and not ended)
        asides = {
            "calls": panels.steps_panel(reply.steps) + calls,
            "sources": panels.sources_panel(reply.citations),
        }
        if self._fields is not None:
            asides["fields"] = panels.json_panel(reply.text, ended=ended)
        return asides

    def _send_frame(self, frame: dict[str, Any]) -> None:
        self._widget.frames_sent += 1
        self._widget.send({"kind": "frame", "n": self._widget.frames_sent} | frame)

    def _on_message(self, _widget: object, message: Any, _buffers: object) -> None:
        self._detection.note_message()
        match message:
            case {"kind": "stop"}:
                self._stop()
                self._widget.send({"kind": "stopping"})
            case {"kind": "answer", "id": str(id_), "yes": bool(yes)} if self._question is not None:
                self._question.on_page_answer(id_, yes)
            case {"kind": "ask"}:
                self._send_whole_state()
            case _:  # not a word of ours: a page can say anything
                pass

    def _show_text_as_reasoning(self) -> None:
        """Show anew all that has come: what was shown as text is reasoning."""
        now = self._builder.build_reply(time.monotonic())
        self._live, self._thoughts = LiveMarkdown(images=self._images), LiveMarkdown(images=self._images)
        self._live.feed(now.text)
        self._thoughts.feed(now.reasoning)
        self._characters = len(now.text)
        self._send_whole_state()

    def _send_whole_state(self) -> None:
        with self._lock:
            now = self._builder.build_reply(time.monotonic())
            self._widget.send(
                {
                    "kind": "whole",
                    "n": self._widget.frames_sent,
                    **_live_markdown_to_json(self._live),
                    "source": now.text,
                    "characters": self._characters,
                    "reasoning": now.reasoning,
                    "thoughts": _live_markdown_to_json(self._thoughts),
                    "images": panels.picture_elements(now.images),
                    "asides": self._asides_html(now),
                    "elapsed": time.monotonic() - self._began,
                    "question": self._question.html if self._question else None,
                    "id": self._question.id if self._question else None,
                    "end": self._end,
                }
            )


def _live_markdown_to_json(text: LiveMarkdown | None) -> dict[str, Any]:
    return {"segments": list(text.segments), "tail": text.tail} if text else {"segments": [], "tail": ""}
