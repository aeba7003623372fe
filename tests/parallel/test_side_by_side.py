"""Several streams side by side: who takes part, what each leaves behind, how one is no other's affair."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbclient import NotebookClient

import streamnb
from streamnb import Reply, StreamInterrupted, cli
from streamnb.core.errors import UsageError
from streamnb.parallel import side_by_side, variants
from streamnb.request.line_parser import parse_line
from streamnb.request.options import Options, has_variants
from streamnb.views.columns import NoColumns
from tests.kernels import Kernel, kernel
from tests.upstream import TEXT, Answer, ModelAnswer, Request, Upstream, answer_request

QUICK: dict[str, Any] = {"display": False}


def answer(request: Request) -> Answer:
    """Fail, dawdle or answer, as the model's name says."""
    name = request.json["model"]
    if name == "broken":
        return answer_request(request, ModelAnswer(status=404, text="no such model"))
    return answer_request(request, ModelAnswer(text=f"{name}: {TEXT}", delay=0.02 if name == "slow" else 0.0))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(answer) as server:
        yield server


@pytest.fixture(scope="module")
def shell() -> Iterator[Kernel]:
    with kernel("%load_ext streamnb") as running:
        yield running


def names(line: str, **more: Any) -> dict[str, dict[str, Any]]:
    """Return the lanes of a line, each with its options."""
    return {
        name: {"model": lane.options.models[0], **lane.options.options}
        for name, lane in variants.expand_variants(
            parse_line(line).to_options(models=(), timeout=None, retries=0), **more
        ).items()
    }


# -- who takes part ----------------------------------------------------------------------------


def test_models_stand_in_the_order_they_were_typed_in_and_repeats_are_numbered() -> None:
    assert list(names("b:x -m a:y -m b:x*2")) == ["b:x", "a:y", "b:x #2", "b:x #3"]


@given(st.lists(st.sampled_from(["a:x", "a:x #2", "b", "b*2", "c*3"]), min_size=1, max_size=5))
def test_every_stream_has_a_name_of_its_own_in_the_order_that_was_typed(typed: list[str]) -> None:
    lanes = variants.expand_variants(Options(models=tuple(typed)))
    models = [
        name for model in typed for name in [model.partition("*")[0]] * int(model.partition("*")[2] or 1)
    ]
    assert [lane.options.models[0] for lane in lanes.values()] == models
    assert all(key.startswith(name) for key, name in zip(lanes, models, strict=True))


def test_an_option_given_several_times_makes_a_stream_for_each_value() -> None:
    assert names("demo --option seed 1 --option seed 2 --option user me") == {
        "demo": {"model": "demo", "seed": 1, "user": "me"},
        "demo #2": {"model": "demo", "seed": 2, "user": "me"},
    }


def test_what_varies_is_told() -> None:
    line = parse_line("demo --option a x --option a y --option b 1")
    spread = variants.expand_variants(line.to_options(models=(), timeout=None, retries=0))
    assert [lane.label for lane in spread.values()] == ["a x", "a y"]


def test_an_answer_keeps_the_alias_under_which_it_was_asked_for() -> None:
    options = names("-m fast*2 -m demo", aliases={"fast": "demo:haiku"})
    assert {name: values["model"] for name, values in options.items()} == {
        "fast": "demo:haiku", "fast #2": "demo:haiku", "demo": "demo",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("demo*17", "from 1 to 16"),
        ("demo*0", "from 1 to 16"),
        ("demo*", "from 1 to 16"),
        ("demo*9 -m demo:haiku*9", "16 at most"),
        ("-m demo -m demo:haiku --record x.stream", "--record"),
        ("-m demo -m demo:haiku --replay x.stream", "--replay"),
        ("-m demo -m demo:haiku -c talk", "--chat"),
    ],
)
def test_what_cannot_be_done_side_by_side_is_one_line(line: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("*", r"\*")):
        names(line)


def test_one_stream_is_not_several() -> None:
    assert not has_variants(Options(models=("demo",), options={"seed": 1}))


# -- streamnb.compare --------------------------------------------------------------------------


def test_compare_asks_all_and_returns_a_dict_in_order(upstream: Upstream) -> None:
    replies = streamnb.compare("hi", models=["openai:b", "openai:a*2"], base_url=upstream.openai_url, **QUICK)
    assert {name: reply.text for name, reply in replies.items()} == {
        "openai:b": f"b: {TEXT}", "openai:a": f"a: {TEXT}", "openai:a #2": f"a: {TEXT}",
    }  # fmt: skip
    assert all(isinstance(reply, Reply) and reply.state == "complete" for reply in replies.values())


def test_option_sets_reach_their_own_requests(upstream: Upstream) -> None:
    sets = [{"seed": 1}, {"seed": 2, "top_p": 0.5}]
    replies = streamnb.compare("hi", models=["openai:a"], options=sets, base_url=upstream.openai_url, **QUICK)
    assert list(replies) == ["openai:a", "openai:a #2"]
    parameters = sorted((request.json["seed"], request.json.get("top_p")) for request in upstream.requests)
    assert parameters == [(1, None), (2, 0.5)]


@pytest.mark.parametrize("sync", [False, True], ids=["async", "sync"])
def test_one_that_fails_does_not_harm_the_others(upstream: Upstream, sync: bool) -> None:
    models = ["openai:a", "openai:broken", "openai:b"]
    replies = streamnb.compare("hi", models=models, base_url=upstream.openai_url, sync=sync, **QUICK)
    assert [reply.state for reply in replies.values()] == ["complete", "error", "complete"]
    assert "no such model" in str(replies["openai:broken"].error)


def test_three_tries_leave_one_whole_stream_on_a_cassette(upstream: Upstream, tmp_path: Path) -> None:
    cassette = tmp_path
    options = Options(models=("openai:slow*3",), base_url=upstream.openai_url, cassette=cassette)
    for _ in range(2):
        lanes = variants.expand_variants(options)
        replies = side_by_side.run_plans(variants.plan_variants("hi", lanes), lanes, NoColumns())
        assert [reply.text for reply in replies.values()] == [f"slow: {TEXT}"] * 3
    assert len(upstream.requests) == 3
    assert len(list(tmp_path.iterdir())) == 1


def test_they_stream_at_the_same_time() -> None:
    with Upstream(delay=0.02) as server:  # 25 pieces: half a second each
        began = time.monotonic()
        replies = streamnb.compare("hi", models=["openai:a*8"], base_url=server.openai_url, **QUICK)
        assert time.monotonic() - began < 8 * 0.5
        assert server.connections == 8
    assert [reply.text for reply in replies.values()] == [TEXT] * 8


def test_one_refusal_refuses_all_and_nothing_is_sent(upstream: Upstream) -> None:
    with pytest.raises(UsageError, match="nope"):
        streamnb.compare("hi", models=["openai:a", "demo:nope"], base_url=upstream.openai_url, **QUICK)
    assert upstream.requests == []


def test_an_interrupt_stops_all_and_has_their_texts(upstream: Upstream) -> None:
    def press() -> None:
        upstream.wait_until(lambda seen: len(seen.sent) > 40, 5)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)

    threading.Thread(target=press, daemon=True).start()
    with pytest.raises(StreamInterrupted) as caught:
        streamnb.compare("hi", models=["openai:slow*2", "openai:a"], base_url=upstream.openai_url, **QUICK)
    replies = caught.value.replies  # type: ignore[attr-defined]
    assert [reply.state for reply in replies.values()] == ["interrupted", "interrupted", "complete"]
    assert all(replies.values())
    assert upstream.wait_until(lambda seen: not seen.busy, 2)


def test_acompare_is_cancelled_with_all_replies(upstream: Upstream) -> None:
    async def cancelled() -> dict[str, Reply]:
        asking = asyncio.ensure_future(
            streamnb.acompare("hi", models=["openai:slow*2"], base_url=upstream.openai_url, **QUICK)
        )
        while len(upstream.sent) < 20:
            await asyncio.sleep(0.01)
        asking.cancel()
        try:
            await asking
        except asyncio.CancelledError as gone:
            return gone.replies  # type: ignore[attr-defined,no-any-return]
        raise AssertionError("it went on")

    replies = asyncio.run(cancelled())
    assert [reply.state for reply in replies.values()] == ["interrupted"] * 2
    assert all(TEXT.startswith(reply[6:]) for reply in replies.values())


# -- the magic, a notebook that nobody watches, the command line ----------------------------------


@pytest.mark.parametrize("blocking", [False, True], ids=["awaited", "blocking"])
def test_a_cell_of_several_models_leaves_a_dict_and_one_output(
    shell: Kernel, upstream: Upstream, blocking: bool
) -> None:
    shell.run("%autoawait " + ("off" if blocking else "on"))
    line = f"-m openai:a -m openai:broken --base-url {upstream.openai_url} -o found"
    ran = shell.run(f"%%stream {line}\nhi")
    shell.run("%autoawait on")
    assert ran.ok, ran
    states = shell.value("[(name, reply.state) for name, reply in found.items()]")
    assert states == [("openai:a", "complete"), ("openai:broken", "error")]
    (output,) = ran.outputs
    assert output["data"]["text/html"].count('class="snb-column"') == 2
    assert "first token" in output["data"]["text/plain"]


def test_all_that_fail_end_the_cell_in_one_line(shell: Kernel, upstream: Upstream) -> None:
    ran = shell.run(f"%%stream -m openai:broken*2 --base-url {upstream.openai_url}\nhi")
    assert not ran.ok
    assert ran.traceback.startswith("All 2 failed: ")
    assert len(ran.traceback.splitlines()) == 1


@pytest.mark.parametrize("blocking", [False, True], ids=["awaited", "blocking"])
def test_the_kernels_interrupt_keeps_all_texts_in_the_dict(
    shell: Kernel, upstream: Upstream, blocking: bool
) -> None:
    shell.run("%autoawait " + ("off" if blocking else "on"))
    cell = shell.start(f"%%stream -m openai:slow*2 --base-url {upstream.openai_url}\nhi")
    upstream.wait_until(lambda seen: len(seen.sent) > 30, 10)
    shell.interrupt()
    ran = shell.finish(cell)
    shell.run("%autoawait on")
    assert ran.traceback.startswith("Interrupted: answer has all 2 answers")
    assert (
        shell.value("[(reply.state, len(reply) > 0) for reply in answer.values()]")
        == [("interrupted", True)] * 2
    )


def test_a_refused_line_leaves_the_variable_as_it_was(shell: Kernel) -> None:
    shell.run("answer = 'before'")
    ran = shell.run("%%stream -m demo -m demo:nope\nhi")
    assert not ran.ok
    assert shell.value("answer") == "before"


def test_a_saved_notebook_holds_one_bundle_with_everything() -> None:
    cells = ["%load_ext streamnb", "%%stream -m demo:haiku*2 -m demo:tour --speed 0\nhi"]
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(book, timeout=60).execute()
    (output,) = book.cells[1].outputs
    assert set(output.data) == {"text/html", "text/markdown", "text/plain"}
    html = output.data["text/html"]
    assert html.count('class="snb-column"') == html.count('class="snb-footer"') == 3
    assert html.count('class="snb-compared"') == 1
    assert "widgets" not in book.metadata


def test_the_command_line_prints_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch, open(os.devnull) as nothing:
        patch.setattr("sys.stdin", nothing)
        assert cli.main(["hi", "-m", "demo:haiku*2", "--speed", "0"]) == 0
    captured = capsys.readouterr()
    assert captured.out.count("Rain on a tin roof") == 2
    assert (
        captured.err.index("── demo:haiku ──")
        < captured.err.index("── demo:haiku #2 ──")
        < captured.err.index("tokens/s  ")
    )
