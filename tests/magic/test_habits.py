"""What a person types besides prompts: dry runs, commands with nothing to do, Tab, paths."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels import Kernel, kernel
from tests.upstream import Answer, ModelAnswer, Request, Upstream, answer_request
from tests.upstream.wire_formats import encode_json

FUNCTIONS = """
from streamnb import tool
from pydantic import BaseModel

@tool(approve=False)
def add(a: int, b: int) -> int:
    "Add two numbers."
    return a + b

class Person(BaseModel):
    name: str
    born: int
"""


def script(request: Request) -> Answer:
    """Ask for a sum and wait before saying what came of it; give a schema what it wants, slowly."""
    body = json.dumps(request.json)
    if request.json.get("insist"):
        return answer_request(request, ModelAnswer(text="", tool_calls=[("again", "{}")]))
    if '"tool"' in body:
        return answer_request(request, ModelAnswer(text="So it is.", first_delay=0.5))
    if "tools" in request.json:
        return answer_request(request, ModelAnswer(text="", tool_calls=[("add", '{"a": 2, "b": 3}')]))
    if "response_format" in request.json:
        return answer_request(request, ModelAnswer(text='{"name": "Ada", "born": 1815}', delay=0.1, chunk=6))
    return answer_request(request, ModelAnswer())


def listed(request: Request) -> Answer:
    """List models as Vertex AI does."""
    names = ("gemini-3-flash", "imagen-4")
    models = [{"name": f"publishers/google/models/{name}"} for name in names]
    return Answer(
        (encode_json({"publisherModels": models}),), content_type="application/json", framing="length"
    )


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with Upstream(script, aside=listed) as server:
        yield server


@pytest.fixture(scope="module")
def shell(upstream: Upstream) -> Iterator[Kernel]:
    clouds = {"GOOGLE_VERTEX_BASE_URL": upstream.url, "GOOGLE_API_KEY": "canary-key-0123456789"}
    with kernel("%load_ext streamnb", FUNCTIONS, **clouds) as running:
        yield running


@pytest.fixture
def line(upstream: Upstream, shell: Kernel) -> str:
    upstream.requests.clear()
    shell.run("answer = 'mine'", silent=True)
    return f"openai:test --base-url {upstream.openai_url}"


# -- dry runs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    ["openai:m", "openai-responses:m", "groq:m", "-m mistral:m -m groq:m", "openai:m --key-env NOBODY"],
)
def test_a_dry_run_needs_no_key(options: str, line: str, shell: Kernel) -> None:
    ran = shell.run(f"%%stream {options} --dry-run\nhi")
    assert ran.ok, ran.stderr
    assert "authorization: Bearer (no key set)" in ran.stdout
    assert "no-key-set" not in ran.stdout
    assert "Nothing was sent." in ran.stdout
    assert shell.value("answer") == "mine"


def test_without_dry_run_a_key_is_wanted_and_the_variable_keeps_its_value(line: str, shell: Kernel) -> None:
    assert "groq needs a key" in shell.run("%%stream groq:m\nhi").refusal
    assert shell.value("answer") == "mine"


def test_a_dry_run_of_what_is_wrong_besides_the_key_says_that(line: str, shell: Kernel) -> None:
    shell.run("clip = b'RIFF....WAVEfmt '")
    assert "groq needs a key" in shell.run("%%stream groq:m\nhi").refusal
    assert "no audio/wav" in shell.run(f"%%stream openai-responses:{line[7:]} -a clip --dry-run\nhi").refusal


def test_comparing_surfaces_dry_shows_the_request_and_sends_nothing(
    line: str, upstream: Upstream, shell: Kernel
) -> None:
    ran = shell.run(f"%stream compare 'why so blue' -m {line} --dry-run")
    assert "why so blue" in ran.stdout
    assert not upstream.requests
    assert "leave out --bg" in shell.run("%stream compare hi -m demo --bg").refusal
    assert shell.value("answer") == "mine"


# -- commands ----------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["stop", "wait", "stop --all", "wait --all"])
def test_with_nothing_in_the_background_stop_and_wait_say_so(command: str, line: str, shell: Kernel) -> None:
    ran = shell.run(f"%stream {command}")
    assert ran.ok
    assert ran.stdout == "nothing is streaming in the background\n"


def test_what_has_ended_is_said_to_have_ended(line: str, shell: Kernel) -> None:
    shell.run("%%stream demo:haiku --speed 0 --bg -o over\nhi")
    shell.run("over.wait()")
    assert shell.run("%stream stop over").stdout == "over has ended already: complete\n"


def test_vertex_lists_what_it_offers_and_azure_says_why_it_does_not(
    line: str, upstream: Upstream, shell: Kernel
) -> None:
    ran = shell.run("%stream models vertex")
    assert ran.ok, ran.stderr
    assert ran.stdout == "vertex:gemini-3-flash\n"
    assert "Google's credentials" in shell.run("%stream models").stdout
    message = shell.run("%stream models azure").refusal
    assert "not your deployments" in message
    assert "type azure:" in message


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("%%stream demo:haiku --speed 0\nhi", "%%stream MODEL"),
        ("answer = {'a': streamnb.Reply('half', state='length')}", "it holds answers by name; take one"),
    ],
)
def test_what_cannot_go_on_says_what_can(setting: str, message: str, line: str, shell: Kernel) -> None:
    shell.run(f"{setting}" if setting.startswith("%") else f"import streamnb\n{setting}")
    assert message in shell.run("%stream continue answer").refusal


# -- Tab ---------------------------------------------------------------------------------


def test_tab_completes_the_options_of_compare(shell: Kernel) -> None:
    assert shell.complete("%stream compare hi --tempe") == ["--temperature"]
    assert "demo:haiku" in shell.complete("%stream compare hi -m demo:ha")
    assert shell.complete("%stream compare hi -m demo --into answ")[:1] == ["answer"]


def test_tab_completes_a_value_that_is_joined_to_its_option(shell: Kernel) -> None:
    assert shell.complete("%%stream --model=demo:hai") == ["--model=demo:haiku"]
    assert shell.complete("%%stream demo --schema=Per") == ["--schema=Person"]


def test_the_help_says_how_several_tries_are_asked_for(shell: Kernel) -> None:
    assert "MODEL*N" in shell.run("%stream help").stdout


# -- paths -------------------------------------------------------------------------------


def test_a_path_in_an_option_is_its_text(line: str, shell: Kernel, tmp_path: Path) -> None:
    shell.run(f"from pathlib import Path\nfile = Path({str(tmp_path / 'new.stream')!r})")
    ran = shell.run("%%stream demo:haiku --speed 0 --record {{ file }}\nhi")
    assert ran.ok, ran.stderr
    assert (tmp_path / "new.stream").exists()
    assert shell.run("%%stream --replay {{ file }} --speed 0\n").ok
    shell.run("missing = Path('nowhere')")
    assert "nowhere" in shell.run("%%stream --replay {{ missing }}\n").refusal


# -- while it streams --------------------------------------------------------------------


def frames(published: list[dict[str, object]]) -> list[str]:
    """Return every message of a widget, as text."""
    return [json.dumps(message["content"]) for message in published if message["msg_type"] == "comm_msg"]


def test_the_result_of_a_tool_is_shown_before_the_model_goes_on(line: str, shell: Kernel) -> None:
    ran = shell.run(f"%%stream {line} -T add\n2 + 3?", "a-cell")
    pages = frames(ran.published)
    result = next(at for at, frame in enumerate(pages) if "\\u2192 5" in frame)
    answer = next(at for at, frame in enumerate(pages) if "So " in frame)
    assert result < answer


def test_the_fields_of_a_schema_grow_side_by_side_too(line: str, shell: Kernel) -> None:
    models = line.replace("openai:test", "-m openai:a -m openai:b")
    ran = shell.run(f"%%stream {models} --schema Person\nWho?", "a-cell")
    assert ran.ok, ran.stderr
    early = [frame for frame in frames(ran.published) if "snb-field" in frame and "1815" not in frame]
    assert any("Ada" in frame for frame in early)
    assert shell.value("[each.parsed.name for each in answer.values()]") == ["Ada", "Ada"]


def test_an_interrupted_comparison_of_surfaces_keeps_what_came(line: str, shell: Kernel) -> None:
    cell = shell.start("%stream compare 'a long one' -m demo:long")
    shell.until("demo model")
    shell.interrupt()
    ran = shell.finish(cell)
    assert "Interrupted: answer has the one answer" in ran.refusal
    assert shell.value("[each.state for each in answer.values()]") == ["interrupted"]
    assert shell.value("len(answer['asynchronous']) > 0")


def test_a_comparison_that_fails_on_both_surfaces_ends_the_cell_and_is_kept(line: str, shell: Kernel) -> None:
    nobody = "openai:m --base-url http://127.0.0.1:9/v1 --retries 0"
    assert "All 2 failed" in shell.run(f"%stream compare hi -m {nobody}").refusal
    assert shell.value("[each.state for each in answer.values()]") == ["lost", "lost"]


# -- nothing overwritten -----------------------------------------------------------------


def test_a_conversation_is_not_kept_over_a_file_of_another_kind(
    line: str, shell: Kernel, tmp_path: Path
) -> None:
    notes, conversation = tmp_path / "notes.txt", tmp_path / "plan.json"
    notes.write_text("mine", encoding="utf-8")
    shell.run(f"%%stream {line} -c plan\nhi")
    assert "is no conversation: name another file" in shell.run(f"%stream chats save plan {notes}").refusal
    assert notes.read_text(encoding="utf-8") == "mine"
    for _ in range(2):
        assert shell.run(f"%stream chats save plan {conversation}").ok
    assert sorted(file.name for file in tmp_path.iterdir()) == ["notes.txt", "plan.json"]


def test_a_model_that_is_no_name_is_refused_as_a_default(line: str, shell: Kernel) -> None:
    shell.run("%config StreamMagics.model = 'two words'")
    assert "model: demo" in shell.run("%stream status").stdout


def test_calls_that_were_left_unanswered_are_named_in_what_lasts(line: str, shell: Kernel) -> None:
    again = "def again() -> str:\n    'Once more.'\n    return 'x'"
    shell.run(again)
    ran = shell.run(f"%%stream {line} --option insist true -T again --yes\nhi")
    assert "10 rounds are enough" in ran.shown
    assert shell.value("answer.state, len(answer.tool_calls)") == ("complete", 11)


def test_what_is_no_schema_is_named_by_its_kind(line: str, shell: Kernel) -> None:
    shell.run("table = {'a': 1}")
    assert "a value of type dict is no schema" in shell.run(f"%%stream {line} --schema table\nhi").refusal


def test_the_prompt_of_a_comparison_takes_what_a_cells_takes(
    line: str, upstream: Upstream, shell: Kernel, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_text("what is in it", encoding="utf-8")
    shell.run(f"from pathlib import Path\nnotes = Path({str(tmp_path / 'notes.txt')!r})")
    shell.run("picture = b'\\x89PNG\\r\\n\\x1a\\n'")
    assert shell.run(f"%stream compare 'read {{{{ notes }}}}, see {{{{ picture }}}}' -m {line}").ok
    for request in upstream.requests:
        text, picture = request.json["messages"][-1]["content"]
        assert text["text"] == "read what is in it, see "
        assert picture["type"] == "image_url"


def test_an_output_that_cannot_be_made_leaves_the_variable_and_one_line(line: str, shell: Kernel) -> None:
    shell.run(
        "from streamnb.render import snapshot\n"
        "whole = snapshot.bundle\n"
        "def broken(reply): raise UnicodeEncodeError('utf-8', '\\ud83d', 0, 1, 'surrogates not allowed')\n"
        "snapshot.bundle = broken"
    )
    try:
        ran = shell.run(f"%%stream {line}\nhi", "a-cell")
    finally:
        shell.run("snapshot.bundle = whole")
    assert ran.ok
    assert shell.value("answer.state") == "complete"
    assert ran.stderr.count("\n") == 1
    assert "the output could not be shown, the answer is whole" in ran.stderr
