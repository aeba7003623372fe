"""``%%stream`` in a real kernel: what goes out, what stays in the variable, how a cell ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernels import Kernel, kernel
from tests.magic.provider import Provider, running_provider
from tests.upstream import TEXT, ModelAnswer


@pytest.fixture(scope="module")
def upstream() -> Iterator[Provider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture(scope="module")
def shell() -> Iterator[Kernel]:
    with kernel("%load_ext streamnb") as running:
        yield running


@pytest.fixture
def provider(upstream: Provider, shell: Kernel) -> Provider:
    upstream.next = ModelAnswer()
    upstream.upstream.requests.clear()
    shell.run("try:\n    del answer\nexcept NameError:\n    pass", silent=True)
    return upstream


def test_a_cell_streams_and_leaves_its_answer_in_the_variable(shell: Kernel, provider: Provider) -> None:
    ran = shell.run(f"%%stream {provider.line}\nWhy is the sky blue?")
    assert ran.ok, ran
    assert provider.prompt == "Why is the sky blue?"
    assert shell.value("answer.text") == TEXT
    assert shell.value("type(answer).__name__, answer.state") == ("Reply", "complete")
    assert TEXT in ran.shown
    assert "openai:test" in ran.shown


def test_options_reach_the_request(shell: Kernel, provider: Provider) -> None:
    ran = shell.run(
        f"%%stream {provider.line} -o draft -s 'Be brief' -t 0.5 --max-tokens 9 --option seed 7\nHi"
    )
    assert ran.ok, ran
    sent = provider.upstream.requests[-1].json
    assert sent["messages"][0] == {"role": "system", "content": "Be brief"}
    assert (sent["temperature"], sent["seed"]) == (0.5, 7)
    assert 9 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert shell.value("draft.text") == TEXT
    with pytest.raises(NameError):
        shell.value("answer")


PROMPTS = [
    ">>> 1 + 1\n2\n>>> x",
    "In [3]: x = 1\n   ...: y",
    "    four spaces\n\ttab\n  two",
    '$HOME {name} %magic !ls ?what \\n \\\\ \'quotes\' """',
    "%%time\n%%stream\n# a comment",
    "\n\nblank lines around\n",
    "ünïcode 日本 😀 \u2028 line",
    "ends with a backslash \\",
    "x?",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_reaches_the_provider_exactly_as_typed(
    shell: Kernel, provider: Provider, prompt: str
) -> None:
    ran = shell.run(f"%%stream {provider.line}\n{prompt}\n")
    assert ran.ok, ran
    assert provider.prompt == prompt


REWRITTEN = {
    "blank lines above": "\n\n%%stream {line}\n>>> hi",
    "a comment above": "# why\n%%stream {line}\n>>> hi",
    "%%capture above": "%%capture\n%%stream {line}\n>>> hi",
    "two magics above": "%%capture\n\n%%time\n# and\n%%stream {line}\n>>> hi",
    "%%time above": "%%time\n%%stream {line}\n>>> hi",
    "run_cell": "get_ipython().run_cell('%%stream {line}\\n>>> hi')",
    "run_cell_magic": "get_ipython().run_cell_magic('stream', '{line}', '>>> hi')",
    "awaited in a cell": "import asyncio\nawait asyncio.sleep(0)\n"
    "get_ipython().run_cell('%%stream {line}\\n>>> hi')",
    "transform by hand": "exec(get_ipython().transform_cell('%%stream {line}\\n>>> hi'))",
}


@pytest.mark.parametrize("kind", REWRITTEN)
def test_nested_and_rewritten_cells_stream(shell: Kernel, provider: Provider, kind: str) -> None:
    ran = shell.run(REWRITTEN[kind].format(line=provider.line))
    assert ran.ok, ran
    assert provider.prompt == ">>> hi"
    assert shell.value("answer.text") == TEXT


def test_it_works_with_autoawait_off(shell: Kernel, provider: Provider) -> None:
    shell.run("%autoawait off")
    try:
        ran = shell.run(f"%%stream {provider.line}\n>>> hi")
    finally:
        shell.run("%autoawait on")
    assert ran.ok, ran
    assert provider.prompt == ">>> hi"


def test_variables_are_filled_in_and_cells_too(shell: Kernel, provider: Provider) -> None:
    shell.run("who = 'Ada'; t = 0.25\nfirst = 1", store_history=True)
    number = shell.value("len(In) - 1")
    ran = shell.run(f"%%stream {provider.line} -t {{{{ t }}}} -s 'Be {{{{ who }}}}'\n"
                    f"Hello {{{{ who }}}}, {{{{ nobody }}}} {{x}} {{{{ In[{number}] }}}}")  # fmt: skip
    assert ran.ok, ran
    assert provider.prompt == "Hello Ada, {{ nobody }} {x} who = 'Ada'; t = 0.25\nfirst = 1"
    assert provider.upstream.requests[-1].json["temperature"] == 0.25
    assert provider.upstream.requests[-1].json["messages"][0]["content"] == "Be Ada"


def test_ipython_expands_nothing_on_the_line(shell: Kernel, provider: Provider) -> None:
    shell.run("who = 'Ada'")
    assert shell.run(f"%%stream {provider.line} -s '$who {{who}} %who'\nhi").ok
    assert provider.upstream.requests[-1].json["messages"][0]["content"] == "$who {who} %who"


def test_a_conversation_goes_on_and_a_cell_that_runs_again_replaces_its_turn(
    shell: Kernel, provider: Provider
) -> None:
    def said() -> list[object]:
        return [message["content"] for message in provider.upstream.requests[-1].json["messages"]]

    shell.run("%stream reset")
    shell.run(f"%%stream {provider.line} -c talk\none", cell="a")
    shell.run(f"%%stream {provider.line} -c talk\ntwo", cell="b")
    assert said() == ["one", TEXT, "two"]
    assert shell.run("%stream chats").stdout == "talk: 2 turns with openai:test\n"
    shell.run(f"%%stream {provider.line} -c talk\nanother", cell="a")
    assert said() == ["another"]
    assert shell.run("%stream chats").stdout == "talk: 1 turn with openai:test, 2 set aside\n"
    shell.run("%stream reset talk")
    assert "no conversations" in shell.run("%stream chats").stdout


def test_a_stream_is_recorded_and_played_back(shell: Kernel, provider: Provider, tmp_path: Path) -> None:
    recording = tmp_path / "kept.stream"
    assert shell.run(f"%%stream {provider.line} --record {recording}\nhi").ok
    count = len(provider.upstream.requests)
    ran = shell.run(f"%%stream --replay {recording} --speed 0 -o again\n")
    assert ran.ok, ran
    assert shell.value("again.text") == TEXT
    assert len(provider.upstream.requests) == count


def test_a_cassette_plays_what_was_asked_before(shell: Kernel, provider: Provider, tmp_path: Path) -> None:
    shell.run(f"%config StreamMagics.cassette = {str(tmp_path)!r}")
    try:
        for name in ("first", "second"):
            assert shell.run(f"%%stream {provider.line} -o {name}\nhi").ok
    finally:
        shell.run("%config StreamMagics.cassette = ''")
    assert len(provider.upstream.requests) == 1
    assert shell.value("first.text == second.text") is True


def test_raw_sends_braces_as_they_are(shell: Kernel, provider: Provider) -> None:
    shell.run("who = 'Ada'")
    assert shell.run(f"%%stream {provider.line} --raw\nHello {{{{ who }}}}").ok
    assert provider.prompt == "Hello {{ who }}"


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("%%stream --modle x\nhi", "Did you mean --model?"),
        ("%%stream -o 2nd\nhi", "is not a variable name"),
        ("%%stream nowhere-known:x --base-url ftp://x\nhi", "is not an address"),
        ("%%stream openai:gpt-4.1-mini\nhi", "OPENAI_API_KEY"),
        ("%%stream demo:nothing\nhi", "demo:"),
        ("%%stream demo\n", "empty"),
        ("%%stream demo\n{{ answer.missing }}", "answer.missing"),
        ("%%stream demo -a nothing_there.png\nhi", "no file"),
        ("%%stream demo -m\nhi", "--model needs MODEL"),
        ("%%stream demo -T nobody\nhi", "--tool nobody"),
        ("%%stream demo --schema nobody\nhi", "--schema nobody"),
        ("%stream reset nobody", "there is no conversation 'nobody'"),
        ("%stream staus", "Did you mean %stream status?"),
        ("%stream show nobody", "there is no answer of this name"),
    ],
)
def test_a_refused_line_is_one_line_and_changes_nothing(
    shell: Kernel, provider: Provider, cell: str, message: str
) -> None:
    shell.run("answer = 'before'")
    assert message in shell.run(cell).refusal
    assert shell.value("answer") == "before"
    assert provider.upstream.requests == []


def test_a_fault_sets_the_variable_and_ends_the_cell_in_one_line(shell: Kernel, provider: Provider) -> None:
    provider.next = ModelAnswer("no such model <b>here</b>", status=404)
    ran = shell.run(f"%%stream {provider.line} --retries 0\nhi")
    assert not ran.ok
    assert ran.refusal == "Error: see above; answer is empty"
    assert (ran.shown + ran.traceback).count("no such model here") == 1  # said once, by the footer
    assert "no such model" in ran.reply["evalue"]  # what nbclient raises
    assert len(ran.reply["evalue"]) <= 200
    assert shell.value("answer.state") == "error"


def test_a_fault_below_another_magic_is_one_line_too(shell: Kernel, provider: Provider) -> None:
    provider.next = ModelAnswer("broken", status=500)
    ran = shell.run(f"%%time\n%%stream {provider.line} --retries 0\nhi")
    assert ran.refusal == "Error: see above; answer is empty"
    assert (ran.shown + ran.traceback).count("broken") == 1
    assert shell.value("answer.state") == "error"


@pytest.mark.parametrize(
    "hidden", ["%%stream {} --retries 0 --no-display\nhi", "%%capture\n%%stream {} --retries 0\nhi"]
)
def test_where_no_footer_is_seen_the_last_line_says_the_fault(
    shell: Kernel, provider: Provider, hidden: str
) -> None:
    provider.next = ModelAnswer("broken", status=500)
    ran = shell.run(hidden.format(provider.line))
    assert (ran.shown + ran.traceback).count("broken") == 1
    assert ran.traceback.endswith("; answer is empty")


def test_of_several_faults_each_is_said_once(shell: Kernel, provider: Provider) -> None:
    provider.next = ModelAnswer("broken", status=500)
    models = " ".join(f"-m openai:{name}" for name in "ab")
    ran = shell.run(f"%%stream {models} --base-url {provider.upstream.openai_url} --retries 0\nhi")
    assert ran.shown.count("broken") == 2
    assert ran.refusal == "All 2 failed: see above; answer has all 2 answers, 0 characters in all"


@pytest.mark.parametrize("above", ["", "%%time\n"], ids=["awaited", "synchronous"])
def test_an_interrupt_keeps_the_text_and_stops_run_all(shell: Kernel, provider: Provider, above: str) -> None:
    provider.next = ModelAnswer(TEXT * 20, delay=0.02)
    message_id = shell.start(f"{above}%%stream {provider.line}\nhi")
    after = shell.start("ran_on = True")
    shell.until("Rayleigh")
    shell.interrupt()
    ran = shell.finish(message_id)
    assert "Interrupted" in ran.refusal
    assert shell.finish(after).reply["status"] == "aborted"
    assert shell.value("answer.state") == "interrupted"
    text = shell.value("answer.text")
    assert (TEXT * 20).startswith(text)
    assert "Rayleigh" in text
    assert "interrupted" in ran.shown
    assert shell.run("1 + 1").ok


def test_nothing_is_displayed_if_so_wanted(shell: Kernel, provider: Provider) -> None:
    ran = shell.run(f"%%stream {provider.line} --no-display\nhi")
    assert ran.ok
    assert ran.outputs == []
    assert shell.value("answer.text") == TEXT


def test_without_a_model_the_demo_answers_and_says_so(shell: Kernel, provider: Provider) -> None:
    ran = shell.run("%%stream --speed 0\nA haiku, if you can")
    assert ran.ok, ran
    assert "demo" in ran.shown


def test_defaults_are_traits(shell: Kernel, provider: Provider) -> None:
    shell.run('%config StreamMagics.model = "openai:test"\n%config StreamMagics.into = "draft"')
    try:
        ran = shell.run(f"%%stream --base-url {provider.upstream.openai_url}\nhi")
        assert ran.ok, ran
        assert shell.value("draft.model") == "openai:test"
        assert "openai:test" in shell.run("%stream status").stdout
        assert "'2nd' is not a variable name" in shell.run('%config StreamMagics.into = "2nd"').stderr
    finally:
        shell.run('%config StreamMagics.model = ""\n%config StreamMagics.into = "answer"')


def test_an_alias_stands_for_a_model(shell: Kernel, provider: Provider) -> None:
    assert "fast is openai:test" in shell.run("%stream alias fast openai:test").stdout
    ran = shell.run(f"%%stream fast --base-url {provider.upstream.openai_url}\nhi")
    assert ran.ok, ran
    assert provider.upstream.requests[-1].json["model"] == "test"
    assert "fast is openai:test" in shell.run("%stream alias").stdout


def test_an_answer_can_be_shown_again(shell: Kernel, provider: Provider) -> None:
    shell.run(f"%%stream {provider.line} --no-display\nhi")
    assert TEXT in shell.run("%stream show answer").shown
    assert TEXT in shell.run("answer").shown


def test_help_and_version_are_printed(shell: Kernel) -> None:
    assert "openai:" in shell.run("%stream models").stdout
    for line in ("%stream help", "%stream", "%%stream --help\n"):
        text = shell.run(line).stdout
        assert "--base-url" in text
    assert "alias [NAME [MODEL]]" in shell.run("%stream help").stdout
    assert shell.run("%stream version").stdout.startswith("streamnb 0.")
    assert "--base-url" in shell.inspect("%%stream")


def test_help_by_a_question_mark(shell: Kernel) -> None:
    payload = shell.run("%%stream?").reply["payload"]
    assert "--base-url" in payload[0]["data"]["text/plain"]


def test_tab_completes_options_models_and_names(shell: Kernel) -> None:
    shell.run("my_figure = 1\ndef look_up(x): ...\nclass Recipe: ...")
    assert shell.complete("%%stream --bas") == ["--base-url"]
    assert "demo:haiku" in shell.complete("%%stream demo:ha")
    assert "openai:" in shell.complete("%%stream -m open")
    assert shell.complete("%%stream demo -a my_fi") == ["my_figure"]
    assert shell.complete("%%stream demo -T look") == ["look_up"]
    assert shell.complete("%%stream demo --schema Rec") == ["Recipe"]
    assert shell.complete("%stream vers") == ["version"]
    assert shell.complete("my_fig") == ["my_figure"]


def test_a_background_cell_returns_at_once_and_its_answer_takes_its_place(
    shell: Kernel, provider: Provider
) -> None:
    provider.next = ModelAnswer(TEXT * 3, delay=0.02)
    assert shell.run(f"%%stream {provider.line} --bg\nhi").ok
    assert shell.value("type(answer).__name__, answer.state") == ("BackgroundStream", "running")
    assert "answer: openai:test, running" in shell.run("%stream status").stdout
    assert "answer: complete" in shell.run("%stream wait").stdout
    assert shell.value("type(answer).__name__, answer.wait() is answer") == ("Reply", True)
    assert shell.value("answer.text") == TEXT * 3


def test_a_background_cell_has_its_output_however_late_its_thread_begins(shell: Kernel) -> None:
    late = (
        "from streamnb.magic import dispatch\n"
        "run_plan = dispatch.run_plan\n{}dispatch.run_plan = lambda *args: {}"
    )
    assert shell.run(late.format("import time\n", "(time.sleep(0.3), run_plan(*args))[1]")).ok
    before_it_ended = shell.run("%%stream demo:haiku --speed 0 --bg -o late\nhi").published
    # One output, with the answer or with the line that waits for it: either may win.
    assert [message["msg_type"] for message in before_it_ended].count("display_data") == 1
    assert shell.run("%stream wait").ok
    assert shell.run(
        late.format("", "type(late)('at once')").replace("run_plan = dispatch.run_plan\n", "")
    ).ok
    assert shell.run("%%stream demo:haiku --bg -o soon\nhi").ok
    assert shell.run("dispatch.run_plan = run_plan").ok
    assert shell.value("type(soon).__name__, soon.text") == ("Reply", "at once")


def test_what_captures_a_background_cell_gets_its_answer_when_that_has_ended(
    shell: Kernel, provider: Provider
) -> None:
    provider.next = ModelAnswer("Late, and whole.", delay=0.05)
    ran = shell.run(f"%%capture caught\n%%stream {provider.line} --bg -o late\nhi")
    assert ran.outputs == []
    assert shell.run("late.wait(); caught.show()").shown.startswith("Late, and whole.")
    assert shell.value("len(caught.outputs)") == 1


def test_a_background_stream_can_be_stopped_and_keeps_its_text(shell: Kernel, provider: Provider) -> None:
    provider.next = ModelAnswer(TEXT * 20, delay=0.02)
    assert shell.run(f"%%stream {provider.line} --bg -o bg\nhi").ok
    assert shell.run("import time\nwhile 'Rayleigh' not in bg.text: time.sleep(0.05)").ok
    assert "bg: interrupted" in shell.run("%stream stop bg").stdout
    assert shell.value("bg.state") == "interrupted"
    assert "Rayleigh" in shell.value("bg.text")


def test_unloading_leaves_nothing_behind() -> None:
    inventory = (
        "ip = get_ipython()\n"
        "def inventory():\n"
        "    return (sorted(ip.magics_manager.magics['cell']), sorted(ip.magics_manager.magics['line']),\n"
        "        sorted(ip.magics_manager.registry), [type(c).__name__ for c in ip.configurables],\n"
        "        [repr(t) for t in ip.input_transformers_cleanup], len(ip.Completer.custom_matchers),\n"
        "        {k: [repr(f) for f in v] for k, v in ip.events.callbacks.items()},\n"
        "        sorted(ip.display_formatter.formatters['text/html'].type_printers, key=repr))\n"
        "before = inventory()"
    )
    # IPython adds a magic of its own when the first extension is touched.
    with kernel(
        "%unload_ext streamnb", inventory, "%load_ext streamnb", "assert inventory() != before"
    ) as running:
        assert running.run("%unload_ext streamnb").ok
        assert running.value("inventory() == before") is True
        assert not running.run("%%stream demo\nhi").ok
        assert running.run("%load_ext streamnb").ok
        assert running.run("%reload_ext streamnb").ok
        assert running.run("%%stream demo --speed 0\nA haiku").ok
        assert (
            running.value("[repr(t).count('AwaitStream') for t in ip.input_transformers_cleanup].count(1)")
            == 1
        )


def test_loading_is_silent_and_reads_dotenv(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("dotenv")
    (folder / ".env").write_text("FROM_DOTENV=yes\nALREADY=from-dotenv\n")
    with kernel(f"%cd -q {folder}", ALREADY="set") as running:
        ran = running.run("%load_ext streamnb")
        assert (ran.ok, ran.stdout, ran.stderr, ran.outputs) == (True, "", "", [])
        assert running.value("__import__('os').environ['FROM_DOTENV']") == "yes"
        assert running.value("__import__('os').environ['ALREADY']") == "set"
        assert (
            running.value("any(m in __import__('sys').modules for m in ('openai', 'google.genai'))") is False
        )


@pytest.mark.slow
def test_an_orderly_shutdown_keeps_the_text_of_what_runs(upstream: Provider) -> None:
    upstream.next = ModelAnswer(TEXT * 50, delay=0.02)
    with kernel("%load_ext streamnb") as running:
        assert running.run(f"%%stream {upstream.line} --bg\nhi").ok
        assert running.run("import time\nwhile 'Rayleigh' not in answer.text: time.sleep(0.05)").ok
        last = str([message["content"] for message in running.shut_down()])
    assert "Rayleigh" in last
    assert "interrupted" in last


def test_a_default_system_prompt_holds_where_a_cell_has_none(shell: Kernel) -> None:
    cell = "%%stream openai:test --base-url http://127.0.0.1:1/v1 --dry-run {}\nhello {{{{ dff }}}}"
    assert shell.run('%config StreamMagics.system = "Be brief"').ok
    assert '"Be brief"' in shell.run(cell.format("")).stdout
    assert '"Be long"' in shell.run(cell.format("-s 'Be long'")).stdout
    assert shell.run('%config StreamMagics.system = ""').ok
    assert '"system"' not in shell.run(cell.format("")).stdout


def test_a_default_speed_and_what_was_sent_as_typed(shell: Kernel) -> None:
    assert shell.run("%config StreamMagics.speed = 0").ok
    assert shell.run("%%stream demo:haiku\nhello {{ dff }}").ok
    assert shell.run("print(answer.details[0])").stdout.strip() == "sent as typed: {{ dff }}"
    assert shell.run("%config StreamMagics.speed = None").ok
