"""``Replies``: a list of answers that knows what each was asked with."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import pytest
from pydantic import BaseModel

from streamnb import Replies, Reply, Usage, UsageError
from streamnb.core.table_row import TableRow
from streamnb.core.timing import Timing


def reply(text: str, model: str = "demo:a", **about: Any) -> Reply:
    return Reply(text, model=model, **about)


def three() -> Replies:
    return Replies(
        [
            reply("one", cost=0.2, row=TableRow("p", {"n": 1}, {"score": 3})),
            reply("two", cost=0.1, row=TableRow("q", {"n": 2}, {"score": 5}), usage=Usage(4, 2)),
            reply("", state="lost", error="gone", row=TableRow("r", {"n": 3})),
        ]
    )


def test_a_slice_is_replies_again_and_an_index_is_a_reply() -> None:
    assert isinstance(three()[:2], Replies)
    assert isinstance(three()[0], Reply)
    assert three()[1:] == ["two", ""]


def test_a_frame_has_a_row_for_each_and_the_columns_in_their_order() -> None:
    pytest.importorskip("pandas")
    frame = three().to_frame()
    assert list(frame.columns) == [
        "prompt", "n", "model", "text", "state", "input_tokens", "output_tokens", "cost", "first_token",
        "duration", "error", "score",
    ]  # fmt: skip
    assert list(frame["text"]) == ["one", "two", ""]
    assert list(frame["n"]) == [1, 2, 3]
    assert frame["error"][2] == "gone"
    assert frame["output_tokens"][1] == 2


def test_no_replies_are_an_empty_frame_with_columns() -> None:
    pytest.importorskip("pandas")
    assert "model" in Replies().to_frame().columns


def test_a_value_that_is_called_as_a_column_is_keeps_both() -> None:
    (record,) = Replies([reply("hi", row=TableRow("p", {"text": "in"}, {"text": 1}))]).records()
    assert (record["text"], record["text_value"], record["text_score"]) == ("hi", "in", 1)


def test_the_fields_of_a_schema_are_columns() -> None:
    class City(BaseModel):
        name: str
        people: int

    replies = Replies([reply("{}", parsed=City(name="Oslo", people=7)), reply("no json")])
    records = replies.records()
    assert (records[0]["name"], records[0]["people"]) == ("Oslo", 7)
    assert records[1]["name"] is None


def test_best_is_the_cheapest_the_fastest_or_the_highest_score() -> None:
    assert three().best("cost") == "two"
    assert three().best("score") == "two"
    assert three().best("score", lowest=True) == "one"


def test_a_reply_that_failed_is_never_the_best() -> None:
    replies = Replies([reply("", state="error", cost=0.01), reply("fine", cost=1.0)])
    assert replies.best("cost") == "fine"


def test_a_column_without_numbers_is_one_line_that_names_those_that_have() -> None:
    with pytest.raises(UsageError, match=r"best\('model'\).*cost.*score"):
        three().best("model")


def test_errors_are_what_failed_and_what_could_not_be_scored() -> None:
    unscored = reply("x", row=TableRow("p", score_error="score: ZeroDivisionError"))
    assert [*Replies([*three(), unscored]).errors] == ["", "x"]


def test_replies_survive_pickle_with_their_rows() -> None:
    again = pickle.loads(pickle.dumps(three()))
    assert isinstance(again, Replies)
    assert again[1].row == TableRow("q", {"n": 2}, {"score": 5})


def test_pandas_is_imported_only_for_a_frame() -> None:
    code = "import sys, streamnb\nstreamnb.Replies([streamnb.Reply('x')])[:1]\nprint('pandas' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_without_pandas_a_frame_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(UsageError, match="pip install pandas"):
        three().to_frame()


def test_replies_show_themselves() -> None:
    data, _ = three()._repr_mimebundle_()
    assert "<table" in data["text/html"]
    assert "two" in data["text/plain"]


def test_figures_are_as_in_the_reply() -> None:
    (record,) = Replies([reply("x", timing=Timing(duration=2.5, time_to_first_token=0.5))]).records()
    assert (record["first_token"], record["duration"]) == (0.5, 2.5)
