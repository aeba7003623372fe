"""An answer is worth more than its picture: an output that breaks costs a line, never the reply."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from streamnb.core.events import Event
from streamnb.core.reply import Reply
from streamnb.parallel import side_by_side
from streamnb.parallel.variants import expand_variants, plan_variants
from streamnb.render import snapshot
from streamnb.request.options import Options
from streamnb.streaming.planner import make_plan
from streamnb.streaming.runner import arun_plan, run_plan
from streamnb.views.base import NoView
from streamnb.views.columns import columns_for

DEMO = Options(models=("demo:haiku",), speed=0)


class Breaking(NoView):
    """A view that breaks where it is told to."""

    def __init__(self, *where: str, error: Callable[[], Exception] = lambda: OSError("no display")) -> None:
        self.where = where
        self.error = error
        self.closed = False

    def _break(self, where: str) -> None:
        if where in self.where:
            raise self.error()

    def open(self, stop: Callable[[], None]) -> None:
        self._break("open")

    def show(self, events: Sequence[Event]) -> None:
        self._break("show")

    def close(self, reply: Reply) -> None:
        self.closed = True
        self._break("close")


@pytest.mark.parametrize("where", ["open", "show", "close"])
def test_a_view_that_breaks_costs_no_answer(where: str, capsys: pytest.CaptureFixture[str]) -> None:
    for run in (run_plan, lambda plan_, view: asyncio.run(arun_plan(plan_, view))):
        view = Breaking(where)
        reply = run(make_plan("hi", DEMO), view)
        assert (reply.state, bool(reply), view.closed) == ("complete", True, True)
        line = "the output could not be shown, the answer is whole (OSError: no display)\n"
        assert capsys.readouterr().err == (line if where == "close" else "")


def test_an_error_with_half_a_character_in_it_is_one_line_too(capsys: pytest.CaptureFixture[str]) -> None:
    run_plan(make_plan("hi", DEMO), Breaking("close", error=lambda: ValueError("\ud83d\n" * 3)))
    assert capsys.readouterr().err.count("\n") == 1


def test_nobody_reading_any_more_ends_the_stream() -> None:
    with pytest.raises(BrokenPipeError):
        run_plan(make_plan("hi", DEMO), Breaking("show", "close", error=BrokenPipeError))


def test_a_comparison_whose_output_breaks_keeps_its_replies(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_args: object) -> None:
        raise UnicodeEncodeError("utf-8", "\ud83d", 0, 1, "surrogates not allowed")

    variants = expand_variants(Options(models=("demo:haiku*2",), speed=0))
    columns = columns_for(display=False, blocking=True)
    for name in ("open", "flush", "close"):
        monkeypatch.setattr(columns, name, broken)
    replies = side_by_side.run_plans(plan_variants("hi", variants), variants, columns)
    assert [reply.state for reply in replies.values()] == ["complete", "complete"]
    assert capsys.readouterr().err.count("\n") == 1


def test_a_schema_whose_validator_raises_costs_no_answer() -> None:
    class Odd:
        name = "Odd"

        def check_reply(self, reply: Reply) -> dict[str, object]:
            raise RuntimeError("a validator of mine")

    plan_ = make_plan("hi", DEMO)
    reply = run_plan(replace(plan_, extras=replace(plan_.extras, schema=Odd())), NoView())  # type: ignore[arg-type]
    assert reply.text
    assert reply.error == "Odd could not check the answer: RuntimeError: a validator of mine"
    assert snapshot.bundle(reply).data
