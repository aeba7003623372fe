"""Tools, conversations, schemas, dry runs and budgets, in a real kernel on the test provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels import Kernel, kernel
from tests.magic.provider import Provider, running_provider
from tests.upstream import ModelAnswer

FUNCTIONS = """
from streamnb import tool
from pydantic import BaseModel
called = []

def add(a: int, b: int) -> int:
    "Add two numbers."
    called.append((a, b))
    return a + b

@tool(approve=False)
def clock() -> str:
    "Tell the time."
    return "noon"

@tool(approve=False)
def broken() -> str:
    "Fail."
    raise KeyError("no such thing")

class Person(BaseModel):
    name: str
    born: int
"""


@pytest.fixture(scope="module")
def upstream() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def shell(upstream: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    state = str(tmp_path_factory.mktemp("state"))
    address = upstream.upstream.openai_url
    with kernel(
        "%load_ext streamnb",
        FUNCTIONS,
        OPENAI_BASE_URL=address,
        OPENAI_API_KEY="canary-key-0123456789",
        XDG_STATE_HOME=state,
    ) as running:
        yield running


@pytest.fixture
def provider(upstream: Provider, shell: Kernel) -> Provider:
    upstream.next = ModelAnswer()
    upstream.upstream.requests.clear()
    shell.run("answer = None\ncalled.clear()", silent=True)
    return upstream


# -- tools -------------------------------------------------------------------------------


def test_a_tool_runs_with_yes_and_its_result_is_sent_shown_and_kept(
    provider: Provider, shell: Kernel
) -> None:
    provider.asks("add", '{"a": 2, "b": 3}')
    ran = shell.run(f"%%stream {provider.line} -T add --yes\n2 + 3?")
    assert ran.ok, ran.traceback
    assert shell.value("called") == [(2, 3)]
    assert shell.value("[(c.name, c.arguments, c.result) for c in answer.tool_calls]") == [
        ("add", {"a": 2, "b": 3}, 5)
    ]
    assert provider.sent[0]["tools"][0]["function"]["description"] == "Add two numbers."
    assert provider.sent[1]["messages"][-1]["content"] == "5"
    assert "add(a=2, b=3)\n→ 5" in ran.outputs[-1]["data"]["text/html"]


def test_where_nobody_can_answer_a_call_is_refused_and_the_model_is_told(
    provider: Provider, shell: Kernel
) -> None:
    provider.asks("add", '{"a": 2, "b": 3}')
    ran = shell.run(f"%%stream {provider.line} -T add\n2 + 3?")
    assert ran.ok
    assert shell.value("called") == []
    assert "--yes" in provider.sent[1]["messages"][-1]["content"]
    assert "--yes" in ran.outputs[-1]["data"]["text/html"]


def test_a_function_that_need_not_be_asked_for_runs_at_once(provider: Provider, shell: Kernel) -> None:
    provider.asks("clock", "{}")
    shell.run(f"%%stream {provider.line} -T clock\nwhat time is it?")
    assert provider.sent[1]["messages"][-1]["content"] == "noon"


def test_an_exception_of_a_tool_goes_to_the_model_and_stays_on_the_reply(
    provider: Provider, shell: Kernel
) -> None:
    provider.asks("broken", "{}")
    ran = shell.run(f"%%stream {provider.line} -T broken\ntry it")
    assert ran.ok
    assert "KeyError" in provider.sent[1]["messages"][-1]["content"]
    assert "KeyError" in shell.value("answer.tool_calls[0].result")
    assert "KeyError" in ran.outputs[-1]["data"]["text/html"]


# -- conversations -----------------------------------------------------------------------


def test_a_conversation_from_python_knows_its_cell(provider: Provider, shell: Kernel) -> None:
    keywords = f'model="openai:test", base_url={provider.upstream.openai_url!r}, chat="py", display=False'
    code = f"import streamnb; streamnb.stream({{!r}}, {keywords}); None"
    shell.run(code.format("one"), cell="p1")
    shell.run(code.format("two"), cell="p2")
    assert [text for who, text in provider.turns() if who == "user"] == ["one", "two"]
    shell.run(code.format("ONE"), cell="p1")
    assert [text for who, text in provider.turns() if who == "user"] == ["ONE"]


def test_a_cell_that_runs_again_says_how_many_later_turns_were_set_aside(
    provider: Provider, shell: Kernel
) -> None:
    for cell, text in (("s1", "one"), ("s2", "two"), ("s3", "three")):
        shell.run(f"%%stream {provider.line} -c aside\n{text}", cell=cell)
    ran = shell.run(f"%%stream {provider.line} -c aside\nONE", cell="s1")
    assert shell.value("answer.details")[-1] == "conversation aside: 2 later turns were set aside"
    assert ran.ok
    assert "aside: 1 turn with openai:test, 3 set aside" in shell.run("%stream chats").stdout


def test_an_interrupted_turn_is_kept_as_such_and_another_model_goes_on(
    provider: Provider, shell: Kernel
) -> None:
    provider.next = ModelAnswer(delay=0.3)
    cell = shell.start(f"%%stream {provider.line} -c broken_off\ntell me")
    shell.until("The sky")
    shell.interrupt()
    assert not shell.finish(cell).ok
    text = shell.run("%stream chats show broken_off").shown
    assert "[openai:test · interrupted]" in text
    provider.next = ModelAnswer()
    line = f"gemini:other --base-url {provider.upstream.gemini_url}"
    shell.run(f"%%stream {line} -c broken_off\ngo on")
    contents = provider.sent[-1]["contents"]
    assert [turn["role"] for turn in contents] == ["user", "model", "user"]
    assert contents[1]["parts"][0]["text"].startswith("The sky")


def test_a_conversation_is_saved_loaded_under_another_name_and_forgotten(
    provider: Provider, shell: Kernel, tmp_path: Path
) -> None:
    shell.run(f"%%stream {provider.line} -c keep\none", cell="k1")
    file = tmp_path / "keep.json"
    assert shell.run(f"%stream chats save keep {file}").ok
    assert shell.run("%stream reset keep").stdout == "keep is forgotten\n"
    assert "there is no conversation 'keep'" in shell.run("%stream chats show keep").refusal
    assert "again: 1 turn;" in shell.run(f"%stream chats load {file} again").stdout
    shell.run(f"%%stream {provider.line} -c again\ntwo", cell="k2")
    assert [text for who, text in provider.turns() if who == "user"] == ["one", "two"]


def test_a_refused_line_begins_no_conversation(shell: Kernel, provider: Provider) -> None:
    assert "missing" in shell.run(f"%%stream {provider.line} -c nothing -T missing\nhi").refusal
    assert "nothing" not in shell.run("%stream chats").stdout


# -- schemas -----------------------------------------------------------------------------


def test_a_schema_fills_a_table_and_parsed(provider: Provider, shell: Kernel) -> None:
    provider.next = ModelAnswer(text='{"name": "Ada", "born": 1815}')
    ran = shell.run(f"%%stream {provider.line} --schema Person\nwho?")
    assert ran.ok
    assert shell.value("(answer.parsed.name, answer.parsed.born)") == ("Ada", 1815)
    assert provider.sent[0]["response_format"]["json_schema"]["name"] == "Person"
    html = ran.outputs[-1]["data"]["text/html"]
    assert ">Ada</td>" in html
    assert '{"name": "Ada", "born": 1815}' in ran.shown


def test_an_answer_that_does_not_fit_names_the_field_and_keeps_its_text(
    provider: Provider, shell: Kernel
) -> None:
    provider.next = ModelAnswer(text='{"name": "Ada", "born": "long ago"}')
    ran = shell.run(f"%%stream {provider.line} --schema Person\nwho?")
    assert ran.ok
    assert shell.value("(answer.parsed, answer.state)") == (None, "complete")
    assert "does not fit Person: born" in ran.shown
    assert shell.value("answer.text") == provider.next.text


# -- before and after sending ------------------------------------------------------------


@pytest.mark.parametrize("surface", ["openai", "openai-responses", "gemini"])
def test_a_dry_run_shows_the_request_that_would_go_out_and_sends_nothing(
    surface: str, provider: Provider, shell: Kernel
) -> None:
    url = provider.upstream.gemini_url if surface == "gemini" else provider.upstream.openai_url
    line = f"{surface}:test --base-url {url} --key-env OPENAI_API_KEY -s brief --option seed 7"
    dry = shell.run(f"%%stream {line} --dry-run\nWhy is the sky blue?")
    assert dry.ok, dry.stderr
    assert provider.sent == []
    assert shell.value("answer") is None
    assert "canary-key" not in dry.stdout
    assert "An estimate:" in dry.stdout
    assert "4 characters taken for one" in dry.stdout
    head, body, _ = dry.stdout.split("\n\n")
    shell.run(f"%%stream {line}\nWhy is the sky blue?")
    assert json.loads(body) == provider.sent[-1]
    assert head.startswith(f"POST {url.rsplit('/', 1)[0]}")


def test_a_dry_run_shortens_attachments_and_says_what_it_did_not_count(
    provider: Provider, shell: Kernel
) -> None:
    shell.run("picture = b'\\x89PNG\\r\\n\\x1a\\n' + bytes(3000)", silent=True)
    preview = shell.run(f"%%stream {provider.line} -a picture --dry-run\nWhat is it?").stdout
    assert "data:image/png;base64,iVBOR" in preview
    assert "characters)" in preview
    assert "1 attachment not counted" in preview
    assert len(preview) < 3000


def test_a_dry_run_shows_what_turns_the_order_around_as_its_escape(provider: Provider, shell: Kernel) -> None:
    preview = shell.run(f"%%stream {provider.line} --dry-run\nsay \u202egnp.exe\u2069 \x9b31m").stdout
    assert "\u202e" not in preview
    assert r"say \u202egnp.exe\u2069 \u009b31m" in preview


def test_status_sums_tokens_and_cost_by_model_and_says_what_is_unknown(
    provider: Provider, shell: Kernel
) -> None:
    shell.run("%%stream openai:gpt-4.1-mini\nhi")
    shell.run("%%stream openai:nobody-knows\nhi")
    status = shell.run("%stream status").stdout
    assert "openai:nobody-knows: 1 answer · 7 + 25 tokens · cost unknown" in status
    assert "of unknown cost" in status
    assert "session: ≈ $" in status


def test_a_budget_that_is_reached_refuses_before_anything_is_sent(provider: Provider, shell: Kernel) -> None:
    shell.run("%config StreamMagics.budget = 0.0", silent=True)
    try:
        message = shell.run("%%stream openai:gpt-4.1-mini\nhi").refusal
        assert "the budget of this session is reached" in message
        assert "StreamMagics.budget" in message
        assert provider.sent == []
        assert shell.value("answer") is None
        assert shell.run("%%stream demo --speed 0\nhi").ok
    finally:
        shell.run("%config StreamMagics.budget = None", silent=True)
    assert shell.run("%%stream openai:gpt-4.1-mini\nhi").ok


def test_bounds_are_settable_and_end_an_answer_as_capped(provider: Provider, shell: Kernel) -> None:
    shell.run("%config StreamMagics.max_text = 20", silent=True)
    try:
        shell.run(f"%%stream {provider.line}\nhi")
        assert shell.value("answer.state") == "capped"
    finally:
        shell.run("%config StreamMagics.max_text = None", silent=True)


def test_continue_asks_the_same_model_for_the_rest(provider: Provider, shell: Kernel) -> None:
    provider.next = ModelAnswer(text="The first half", finish="length")
    shell.run(f"%%stream {provider.line} -s brief\ntell me")
    provider.next = ModelAnswer(text=" and the second.")
    ran = shell.run("%stream continue answer")
    assert ran.ok, ran.stderr
    assert provider.turns()[:3] == [
        ("system", "brief"),
        ("user", "tell me"),
        ("assistant", "The first half"),
    ]
    assert provider.turns()[3][0] == "user"
    assert shell.value("(answer.text, answer_more.text)") == ("The first half", " and the second.")
    assert "goes on from answer, after 14 characters" in ran.outputs[-1]["data"]["text/html"]
    assert "answer_more is complete" in shell.run("%stream continue answer_more").refusal


def test_what_cannot_be_continued_says_so(provider: Provider, shell: Kernel) -> None:
    shell.run("%%stream demo --speed 0 -o recorded\nhi")
    assert (
        "played from a recording, and no model is asked for more"
        in shell.run("%stream continue recorded").refusal
    )
    assert "no stream of this session" in shell.run("%stream continue nobody").refusal
    assert provider.sent == []


@pytest.mark.slow
def test_a_killed_kernel_loses_no_text_that_the_journal_has(
    provider: Provider, shell: Kernel, tmp_path: Path
) -> None:
    provider.next = ModelAnswer(deltas=["The sky ", "is blue"] + 200 * [" and"], delay=0.1)
    state = {"XDG_STATE_HOME": str(tmp_path)}
    with kernel("%load_ext streamnb", "%config StreamMagics.journal = True", **state) as doomed:
        doomed.start(f"%%stream {provider.line}\ntell me")
        journal = tmp_path / "streamnb" / "journal"
        provider.upstream.wait_until(
            lambda _: any(b"blue" in path.read_bytes() for path in journal.glob("*")), 10
        )
        doomed.kill()
    with kernel("%load_ext streamnb", **state) as next_life:
        ran = next_life.run("%stream recover")
        assert ran.ok, ran.stderr
        assert next_life.value("recovered.text").startswith("The sky is blue")
        assert next_life.value("recovered.state") == "unfinished"
        assert "replay of openai:test" in ran.shown


def test_a_cassette_is_asked_anew_after_refresh(provider: Provider, shell: Kernel, tmp_path: Path) -> None:
    cell = f"%%stream {provider.line} --speed 0\nthe same question"
    shell.run(f"%config StreamMagics.cassette = {str(tmp_path / 'lesson')!r}", silent=True)
    try:
        shell.run(cell)
        shell.run(cell)
        assert len(provider.sent) == 1
        assert "1 stream kept" in shell.run("%stream cassette").stdout
        assert shell.run("%stream cassette refresh").ok
        shell.run(cell)
        shell.run(cell)
        assert len(provider.sent) == 2
    finally:
        shell.run("%stream cassette off")
    shell.run(cell)
    assert len(provider.sent) == 3


# -- what is offered ---------------------------------------------------------------------


def test_models_of_an_endpoint_are_listed_and_completed(provider: Provider, shell: Kernel) -> None:
    ran = shell.run("%stream models openai")
    assert ran.ok, ran.stderr
    listed = ran.stdout.split()
    assert listed
    assert all(name.startswith("openai:") for name in listed)
    assert listed[0] in shell.complete("%%stream openai:")
    assert "" not in shell.complete("%%stream openai:")  # the provider alone is a row without words


def test_an_endpoint_that_does_not_answer_is_one_line(shell: Kernel, provider: Provider) -> None:
    assert "refused the connection" in shell.run("%stream models ollama").refusal
    assert "there is no provider 'opnai'" in shell.run("%stream models opnai").refusal


def test_tab_completes_conversations_answers_and_commands(provider: Provider, shell: Kernel) -> None:
    shell.run(f"%%stream {provider.line} -c tabbed -o tabbed_answer\nhi")
    assert "tabbed" in shell.complete("%%stream -c tab")
    assert "tabbed" in shell.complete("%stream chats show tab")
    assert "tabbed_answer" in shell.complete("%stream continue tab")
    assert "refresh" in shell.complete("%stream cassette re")


def test_in_and_out_are_variables_of_a_prompt(provider: Provider, shell: Kernel) -> None:
    shell.run("6 * 7")
    count = shell.value("max(Out)")
    shell.run(f"%%stream {provider.line}\nIn: {{{{ In[{count}] }}}} Out: {{{{ Out[{count}] }}}}")
    assert provider.turns()[-1] == ("user", "In: 6 * 7 Out: 42")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("-T nobody", "nothing in the notebook has this name"),
        ("-T called", "is no function"),
        ("--schema nobody", "nothing in the notebook has this name"),
        ("--schema called", "is no schema"),
        ("-a nobody.png", "is no file, no https: or gs: address, no variable"),
        ("-a called.nope", "AttributeError"),
        ("--dry-run --bad", "there is no option --bad"),
    ],
)
def test_bad_input_is_one_line_and_nothing_is_sent_or_overwritten(
    line: str, part: str, provider: Provider, shell: Kernel
) -> None:
    shell.run("answer = 'mine'", silent=True)
    assert part in shell.run(f"%%stream {provider.line} {line}\nhi").refusal
    assert provider.sent == []
    assert shell.value("answer") == "mine"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("chats rename", "chats save NAME FILE"),
        ("chats load /nowhere/at/all", "cannot be read"),
        ("cassette refresh", "there is no cassette"),
        ("cassette eject", "cassette status"),
        ("continue", "continue takes NAME"),
        ("reset nobody", "there is no conversation 'nobody'"),
    ],
)
def test_a_wrong_command_is_one_line(line: str, part: str, shell: Kernel) -> None:
    assert part in shell.run(f"%stream {line}").refusal
