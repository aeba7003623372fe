"""The option line: words as a shell cuts them, every value checked, one line for what is amiss."""

from __future__ import annotations

import contextlib
import runpy
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.errors import UsageError
from streamnb.request import option_help, option_readers, option_table, options
from streamnb.request.keywords import Keywords, options_from_keywords
from streamnb.request.line_parser import ParsedLine, parse_args, parse_line
from streamnb.request.line_words import split_words
from streamnb.streaming.planner import make_plan
from tests.support import PROJECT


def refusal(line: str) -> str:
    """Return the one line that refuses ``line``."""
    with pytest.raises(UsageError) as refused:
        parse_line(line)
    message = str(refused.value)
    assert "\n" not in message
    assert len(message) <= 200
    return message


def test_a_bare_word_is_the_model() -> None:
    assert parse_line("demo:tour").model == ("demo:tour",)


def test_models_can_be_named_by_option_and_repeated() -> None:
    assert parse_line("-m openai:a --model gemini:b -m=c").model[:2] == ("openai:a", "gemini:b")
    assert parse_line("first -m second").model == ("first", "second")


def test_every_option_is_read() -> None:
    line = parse_line(
        "demo -o draft -s 'be brief' -t 0.5 --max-tokens 10 --option seed 7 -a fig -a notes.md -c talk "
        "-T look_up --yes --schema Recipe --sync --timeout 3 --retries 0 "
        "--base-url http://localhost:1/v1 --key-env MY_KEY "
        "--record a.stream --replay b.stream --speed 0 --raw --no-display --dry-run --xray --help"
    )
    assert line == ParsedLine(
        model=("demo",),
        into="draft",
        system="be brief",
        temperature=0.5,
        max_tokens=10,
        option={"seed": 7},
        attach=("fig", "notes.md"),
        chat="talk",
        tool=("look_up",),
        yes=True,
        schema="Recipe",
        sync=True,
        timeout=3.0,
        retries=0,
        base_url="http://localhost:1/v1",
        key_env="MY_KEY",
        record=Path("a.stream"),
        replay=Path("b.stream"),
        speed=0.0,
        raw=True,
        no_display=True,
        dry_run=True,
        xray=True,
        help=True,
    )
    assert parse_line("demo --bg").bg  # beside --xray it is refused


def test_every_row_of_the_table_is_a_field_of_the_line_and_of_the_help() -> None:
    text = option_help.help_text("usage", "about")
    for flag in option_table.OPTIONS:
        assert flag.dest in ParsedLine.__dataclass_fields__
        assert all(name in text for name in flag.names)


def test_every_field_of_the_line_but_the_other_words_is_a_row_of_the_table() -> None:
    dests = [row.dest for row in option_table.OPTIONS]
    assert set(ParsedLine.__dataclass_fields__) - set(dests) == {"positionals"}
    assert len(set(dests)) == len(dests)


NOT_TYPED = {
    "prompt_details",
    "sent",
    "context",
    "max_text",
    "max_line",
    "journal",
    "cassette",
    "cassette_since",
}
"""The fields of the options that no option of a line fills: they come of the notebook and its defaults."""


def test_every_field_of_the_options_is_filled_by_a_row_or_named_here() -> None:
    filled = {row.field or row.keyword for row in option_table.OPTIONS} - {""}
    assert filled == set(options.Options.__dataclass_fields__) - NOT_TYPED


def test_a_default_stands_in_its_row_and_everybody_reads_it_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STREAMNB_SPEED", raising=False)
    assert {row.dest: row.default for row in option_table.OPTIONS if row.default is not None} == {
        "into": "answer",
        "timeout": (600.0, 60.0),
        "retries": 2,
        "speed": 1,
    }
    for options_read in (options.Options(), parse_line("").to_options(), options_from_keywords({})):
        assert (options_read.timeout, options_read.retries, options_read.speed) == (None, 2, 1)
    limits = make_plan("hi", options.Options(models=("demo",))).limits
    assert (limits.first_content_s, limits.between_content_s, limits.retries) == (600, 60, 2)
    text = option_help.help_text("usage", "about")
    assert "the variable that gets the answer (default: answer)\n" in text
    assert "without content (default: 600 before the first, 60 after)\n" in text
    assert "nothing has been received (default: 2)\n" in text


def test_a_short_name_of_a_model_is_what_it_stands_for() -> None:
    given_options = options.Options(models=("fast", "demo", "fast*2"))
    assert options.resolve_aliases(given_options, {"fast": "openai:small"}).models == (
        "openai:small",
        "demo",
        "fast*2",
    )


def test_quotes_work_as_in_a_shell() -> None:
    assert parse_line("--system=\"it's brief\" -o 'x'").system == "it's brief"
    assert parse_line(r"-s be\ brief").system == "be brief"


def test_on_windows_a_backslash_is_no_escape() -> None:
    assert split_words(r"--record C:\new\a.stream", windows=True) == ["--record", r"C:\new\a.stream"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--modle x", "there is no option --modle. Did you mean --model?"),
        ("--mod x", "there is no option --mod. Did you mean --model?"),
        ("-model x", "there is no option -model. Did you mean --model?"),
        ("—model x", "there is no option —model. Did you mean --model?"),
        ("--tempature=2", "there is no option --tempature. Did you mean --temperature?"),
        ("--outputs x", "Did you mean --into?"),
        ("-Z", "--help lists them all"),
        ("-t hot", "--temperature 'hot' is not a number from 0 on"),
        ("-t -1", "--temperature '-1' is not"),
        ("-t nan", "--temperature 'nan' is not"),
        ("--max-tokens 1.5", "--max-tokens '1.5' is not a whole number from 1 on"),
        ("--max-tokens 0", "--max-tokens '0' is not"),
        ("--timeout 0", "--timeout '0' is not a number above 0"),
        ("--timeout inf", "--timeout 'inf' is not"),
        ("--retries -1", "--retries '-1' is not"),
        ("--speed -1", "--speed '-1' is not"),
        ("-o 2nd", "--into '2nd' is not a variable name"),
        ("-o class", "--into 'class' is a word of Python itself"),
        ("-o list", "--into 'list' is a name that Python or IPython needs"),
        ("-o _i3", "--into '_i3' is a name that Python or IPython needs"),
        ("-o a.b", "--into 'a.b' is not a variable name"),
        ("-T 'f()'", "--tool 'f()' is not a variable name"),
        ("-s", "--system needs TEXT"),
        ("--option seed", "--option needs two words, KEY VALUE"),
        ("--option seed 1 --option seed 1", "--option seed is given twice"),
        ("--bg=1", "--bg takes no value"),
        ("-s 'open", "a quote is not closed"),
        ("demo tell me", "'tell' is one word too many"),
        ("-m ''", "'' is not a model"),
        ("--base-url localhost:80", "--base-url 'localhost:80' is not an address"),
        ("--base-url localhost:80/v1", "for example http://localhost:80/v1"),
        ("--base-url me:hunter2@a.example/v1", "--base-url '…@a.example/v1' is not an address"),
        ("--base-url ftp://me:hunter2@a.example", "--base-url 'ftp://…@a.example' is not an address"),
        ("--record ''", "--record needs the name of a file"),
    ],
)
def test_what_is_amiss_is_said_in_one_line(line: str, message: str) -> None:
    assert message in refusal(line)


@pytest.mark.parametrize("line", ["--api-key=sk-secret123", "--key sk-secret123", "--key-env sk-secret123"])
def test_a_key_on_the_line_is_refused_and_not_repeated(line: str) -> None:
    message = refusal(line)
    assert "--key-env" in message
    assert "secret" not in message


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("7", 7),
        ("-3", -3),
        ("true", True),
        ('\'{"type": "json_object"}\'', {"type": "json_object"}),
        ("high", "high"),
        ("NaN", "NaN"),
        ("''", ""),
    ],
)
def test_an_option_value_is_json_or_else_text(typed: str, value: object) -> None:
    assert parse_line(f"--option k {typed}").option == {"k": value}


def test_double_braces_hold_a_value_together() -> None:
    values = {"{{ d['a b'] }}": "warm", "{{ t }}": "0.5"}

    def fill(text: str) -> str:
        for attribute, value in values.items():
            text = text.replace(attribute, value)
        return text

    line = parse_line("-s \"Be {{ d['a b'] }}\" -t {{ t }}", fill)
    assert (line.system, line.temperature) == ("Be warm", 0.5)


def test_a_filled_in_value_is_never_taken_for_an_option() -> None:
    line = parse_line("-s {{ x }} demo", lambda text: text.replace("{{ x }}", "--bg"))
    assert line.system == "--bg"
    assert not line.bg


def test_two_dashes_end_the_options() -> None:
    line = parse_args(["-m", "demo", "--", "--bg", "-s"])
    assert line.positionals == ("--bg", "-s")
    assert not line.bg


def test_words_and_options_may_be_mixed() -> None:
    assert parse_args(["hello", "-m", "demo", "world", "- a list"]).positionals == (
        "hello",
        "world",
        "- a list",
    )


def test_what_the_line_does_not_say_comes_from_the_door() -> None:
    options = parse_line("").to_options(models=("demo",), timeout=5.0, retries=1)
    assert (options.models, options.timeout, options.retries, options.display) == (("demo",), 5.0, 1, None)
    options = parse_line("x --timeout 2 --retries 0 --no-display --yes").to_options(
        models=("demo",), timeout=5.0, retries=1
    )
    assert (options.models, options.timeout, options.retries, options.display) == (("x",), 2.0, 0, False)
    assert options.approve is True


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    with contextlib.suppress(UsageError):
        assert isinstance(parse_line(line.replace("\n", " ")), ParsedLine)


def test_the_beginning_of_an_option_finds_it() -> None:
    assert refusal("demo --temp 1").endswith("Did you mean --temperature?")
    assert refusal("demo --nope").endswith("--help lists them all")


def test_an_option_of_two_words_says_that_it_needs_both() -> None:
    assert refusal("demo --option seed") == "--option needs two words, KEY VALUE, for example --option seed 7"


def test_a_conversation_needs_a_name() -> None:
    assert refusal("demo -c ''") == "--chat needs a name, for example --chat plans"


def test_the_documentation_s_table_is_the_table_of_the_options() -> None:
    page = (PROJECT / "docs" / "options.md").read_text(encoding="utf-8")
    assert runpy.run_path(str(PROJECT / "scripts" / "option-table"))["option_table"]() in page


def test_a_row_a_keyword_and_a_field_of_the_options_have_one_name() -> None:
    keywords = {row.keyword for row in option_table.OPTIONS if row.keyword}
    assert keywords == set(Keywords.__annotations__)
    fields = set(options.Options.__dataclass_fields__)
    assert {row.field for row in option_table.OPTIONS if row.field} <= fields


@pytest.mark.parametrize("word", option_readers.EFFORTS)
def test_effort_is_one_of_five_words(word: str) -> None:
    assert (
        parse_line(f"--effort {word} --search").to_options(models=(), timeout=None, retries=2).effort == word
    )


def test_a_wrong_effort_is_one_line() -> None:
    assert refusal("--effort much") == "--effort 'much' is none of none, minimal, low, medium, high"


def test_a_name_is_read_as_python_reads_it() -> None:
    assert parse_line("m -o \ufb01t").into == "fit"
