"""``{{ name }}`` and attachments: what is replaced, what stays as typed, what is refused."""

from __future__ import annotations

import json
from collections import deque
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.core.content import Blob, Link, ProviderPart, Text
from streamnb.core.errors import UsageError
from streamnb.core.reply import Reply
from streamnb.request.files import MAX_INLINE_BYTES
from streamnb.request.template import (
    look_up_name,
    parts_of_attach_expression,
    parts_of_attach_value,
    prompt_parts,
    render_option_value,
    render_prompt,
)
from streamnb.request.value_parts import to_parts

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def filled(text: str, **names: Any) -> str:
    return render_option_value(text, names)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello {{ who }}!", "Hello Ada!"),
        ("{{who}}{{ who }}", "AdaAda"),
        ("{{ n + 1 }} and {{ -n * 2 ** 3 // 4 % 5 }}", "4 and 4"),
        ("{{ d['k'] }} {{ d[\"k\"] }}", "v v"),
        ("{{ l[0] }}{{ l[-1] }} {{ l[1:][0] }}", "13 2"),
        ("{{ o.x.y }}", "deep"),
        ("{{ grid[0, 1] }}", "cell"),
        ('{"city": {{ n }}}', '{"city": 3}'),
    ],
)
def test_an_expression_is_replaced_by_its_value(text: str, expected: str) -> None:
    names = {
        "who": "Ada",
        "n": 3,
        "d": {"k": "v"},
        "l": [1, 2, 3],
        "o": SimpleNamespace(x=SimpleNamespace(y="deep")),
        "grid": {(0, 1): "cell"},
    }
    assert render_option_value(text, names) == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ nobody }}",
        "{{ n + nobody }}",
        "{{ f() }}",
        "{{ f(n) }}",
        "{{ n.__class__ }}",
        "{{ __name__ }}",
        "{{ [x for x in n] }}",
        "{{ n if n else n }}",
        "{{ n and n }}",
        "{{ lambda: n }}",
        "{{ (n := 4) }}",
        "{{ f'{n}' }}",
        "{{ 7 }}",
        "{{ 'n' }}",
        "{{ }}",
        "{{{ n }}}",
        "{ n }",
        "{{ n\n}}",
        "{% for n in n %} $n %n \\n {n!r}",
        "\\frac{{1}}{{2}}",
        "{{ len }}",
        "{{ n }",
        "{{ 1 +",
    ],
)
def test_all_else_stays_as_typed(text: str) -> None:
    names = {"n": 3, "f": lambda *a: "called", "__name__": "__main__"}
    assert render_option_value(text, names) == text


def test_a_value_is_never_expanded_again() -> None:
    assert filled("{{ a }}", a="{{ b }}", b="secret") == "{{ b }}"
    assert filled("{{ a }}{{ b }}", a="{{ ", b="c }}", c="secret") == "{{ c }}"


@pytest.mark.parametrize("expression", ["d['x']", "n.missing", "n / 0", "l[9]", "n + d"])
def test_an_expression_that_raises_is_one_line(expression: str) -> None:
    with pytest.raises(UsageError) as refused:
        render_prompt(f"{{{{ {expression} }}}}", {"d": {}, "n": 1, "l": []})
    assert expression in str(refused.value)
    assert "nothing was sent" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_was_replaced_is_told() -> None:
    made = render_prompt("{{ a }} {{ pic }} {{ nobody }}", {"a": "four", "pic": PNG})
    assert made.replacement_lines == ("{{ a }} → 4 characters", "{{ pic }} → image/png, 28 bytes")


def test_a_picture_stands_where_it_was_written() -> None:
    made = render_prompt("Before {{ pic }} after", {"pic": PNG})
    assert made.parts == (Text("Before "), Blob("image/png", PNG), Text(" after"))


def test_a_picture_in_an_option_is_refused() -> None:
    with pytest.raises(UsageError, match="only text goes into an option"):
        filled("look: {{ pic }}", pic=PNG)


def test_dicts_and_lists_become_json_and_a_reply_its_text() -> None:
    assert json.loads(filled("{{ d }}", d={"ä": [1, None]})) == {"ä": [1, None]}
    assert "ä" in filled("{{ d }}", d={"ä": 1})
    assert filled("{{ answer }}", answer=Reply("the text")) == "the text"


def test_an_exception_becomes_its_traceback() -> None:
    try:
        {}["missing"]  # type: ignore[index]
    except KeyError as error:
        text = filled("{{ e }}", e=error)
    assert text.startswith("Traceback")
    assert text.endswith("KeyError: 'missing'")


def test_a_function_becomes_its_source() -> None:
    assert "def filled(text" in filled("{{ f }}", f=test_a_function_becomes_its_source.__globals__["filled"])


def test_a_frame_becomes_a_table_that_says_how_many_rows_there_are() -> None:
    pandas = pytest.importorskip("pandas")
    small = filled("{{ df }}", df=pandas.DataFrame({"city": ["Rome", "a|b"], "n": [1, 2]}))
    assert small == "| city | n |\n| --- | --- |\n| Rome | 1 |\n| a\\|b | 2 |\n\n(2 rows)"
    large = filled("{{ df }}", df=pandas.DataFrame({"n": range(1000)}))
    assert large.endswith("(the first 200 of 1,000 rows)")
    wide = filled("{{ df }}", df=pandas.DataFrame({"t": ["x" * 5000] * 50}))
    assert len(wide) <= 20_100
    assert wide.endswith("(the first 3 of 50 rows)")


def test_a_series_and_an_index_with_names_are_shown() -> None:
    pandas = pytest.importorskip("pandas")
    text = filled("{{ s }}", s=pandas.Series([1.5], index=["a"], name="x"))
    assert text == "|  | x |\n| --- | --- |\n| a | 1.5 |\n\n(1 rows)"


def test_pillow_images_and_figures_become_pictures() -> None:
    image = pytest.importorskip("PIL.Image")
    (part,) = to_parts(image.new("CMYK", (2, 2)))
    assert isinstance(part, Blob)
    assert part.data.startswith(b"\x89PNG")
    pytest.importorskip("matplotlib").use("agg")
    figure = pytest.importorskip("matplotlib.figure").Figure()
    for value in (figure, figure.subplots()):
        (part,) = to_parts(value)
        assert isinstance(part, Blob)
        assert part.mime_type == "image/png"


def test_a_list_of_pictures_is_each_of_them() -> None:
    assert to_parts([PNG, PNG]) == (Blob("image/png", PNG), Blob("image/png", PNG))


def test_an_uploaded_file_is_passed_on_as_it_is() -> None:
    types = pytest.importorskip("google.genai.types")
    file = types.File(name="files/1", uri="https://example.org/1", mime_type="text/plain")
    assert to_parts(file) == (ProviderPart(file),)


def test_files_are_told_by_their_bytes_and_their_names(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("héllo", encoding="utf-8")
    (tmp_path / "b.bin").write_bytes(PNG)
    (tmp_path / "c.pdf").write_bytes(b"%PDF-1.7 ...")
    assert parts_of_attach_value(str(tmp_path / "a.txt")) == (Text("héllo"),)
    assert parts_of_attach_value(tmp_path / "b.bin") == (Blob("image/png", PNG, "b.bin"),)
    assert parts_of_attach_value(tmp_path / "c.pdf") == (Blob("application/pdf", b"%PDF-1.7 ...", "c.pdf"),)


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"\0\1\2\xff")
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(MAX_INLINE_BYTES + 1)
    for value, message in [
        (tmp_path / "x.bin", "neither text nor"),
        (big, "20.0 MB, and no image, PDF, audio or video"),
        (tmp_path / "gone.png", "no such file"),
        (tmp_path, "is a directory"),
        ("no/such/thing", "is no file, no https: or gs: address, no variable"),
        ("http://example.org/x.png", "no https:"),
    ]:
        with pytest.raises(UsageError, match=message) as refused:
            parts_of_attach_value(value)
        assert "\n" not in str(refused.value)


def test_an_attachment_is_a_variable_first_then_an_address_then_a_file(tmp_path: Path) -> None:
    assert parts_of_attach_expression("pic", {"pic": PNG}) == (Blob("image/png", PNG),)
    assert parts_of_attach_expression("d['k'][0]", {"d": {"k": [PNG]}}) == (Blob("image/png", PNG),)
    assert parts_of_attach_expression("https://example.org/a.png", {}) == (Link("https://example.org/a.png"),)
    assert parts_of_attach_expression("gs://bucket/a.pdf", {}) == (Link("gs://bucket/a.pdf"),)
    (tmp_path / "n.md").write_text("notes")
    assert parts_of_attach_expression(str(tmp_path / "n.md"), {}) == (Text("notes"),)


def test_text_of_a_variable_never_chooses_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret.txt"
    path.write_text("secret")
    assert parts_of_attach_expression("answer", {"answer": Reply(str(path))}) == (Text(str(path)),)
    assert parts_of_attach_value(Reply(str(path))) == (Text(str(path)),)
    for typed in ("name", "{{ name }}", "{{name}}"):
        with pytest.raises(UsageError, match="not the file"):
            parts_of_attach_expression(typed, {"name": str(path)})


def test_a_variable_with_a_path_in_it_is_not_taken_for_the_file_in_silence(tmp_path: Path) -> None:
    (tmp_path / "plot.png").write_bytes(PNG)
    with pytest.raises(UsageError, match=r"not the file: .* Path\(where\)"):
        parts_of_attach_expression("where", {"where": str(tmp_path / "plot.png")})
    assert parts_of_attach_expression("where", {"where": tmp_path / "plot.png"}) == (
        Blob("image/png", PNG, "plot.png"),
    )


def test_a_file_whose_name_begins_like_a_variable_is_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "table.csv").write_text("a,b", encoding="utf-8")
    assert parts_of_attach_expression("table.csv", {"table": "mine"}) == (Text("a,b"),)
    with pytest.raises(UsageError, match="no attribute 'gone'"):
        parts_of_attach_expression("table.gone", {"table": "mine"})


def test_an_empty_picture_is_not_sent(tmp_path: Path) -> None:
    (tmp_path / "plot.png").touch()
    with pytest.raises(UsageError, match=r"plot\.png is empty"):
        parts_of_attach_value(str(tmp_path / "plot.png"))


def test_a_variable_with_an_address_is_the_address() -> None:
    assert parts_of_attach_expression("url", {"url": "https://example.org/a.png"}) == (
        Link("https://example.org/a.png"),
    )
    assert parts_of_attach_expression("url", {"url": Reply("https://example.org/a")}) == (
        Text("https://example.org/a"),
    )


def test_parts_of_a_list_keep_their_order(tmp_path: Path) -> None:
    assert prompt_parts(["look", PNG, "and say"]) == (Text("look"), Blob("image/png", PNG), Text("and say"))
    assert prompt_parts("{{ x }}") == (Text("{{ x }}"),)


def test_a_tool_is_looked_up_by_name() -> None:
    assert look_up_name("math.floor", {"math": __import__("math")}, "--tool")(1.5) == 1
    with pytest.raises(UsageError, match="--tool nobody"):
        look_up_name("nobody", {}, "--tool")


@given(st.text(alphabet="{}ab n+.[]'()\n%$\\", max_size=40))
def test_a_text_without_known_names_stays_whole(text: str) -> None:
    assert render_option_value(text, {}) == text


@given(st.text(max_size=40))
def test_a_value_goes_in_as_it_is(value: str) -> None:
    assert filled("<{{ v }}>", v=value, b=1) == f"<{value}>"


def test_a_value_that_cannot_be_written_is_one_line() -> None:
    class Stubborn:
        def __str__(self) -> str:
            raise ValueError("no\ntext")

    with pytest.raises(UsageError, match=r"\{\{ it \}\}: ValueError: no text; nothing was sent"):
        render_prompt("see {{ it }}", {"it": Stubborn()})


@pytest.mark.parametrize(
    "text",
    [
        "n**n**n",
        "n**n * n",
        "word * n**9",
        "n**9 * word",
        "[1] * n**9",
        "queue * n",
        "'%9999999d' % n",
        "'%.*f' % (n, 1.5)",
        "b'%-9999999d' % n",
        "'%(a)9999999s' % d",
        "part ** n**2",
        "part ** -n",
        "numbers ** n",
        "[[d] * 1000] * 1001",
        "[[[[[word] * 99] * 99] * 99] * 99] * 99",
        "(word * 900000,) * 2",
    ],
)
def test_arithmetic_without_bounds_is_one_line(text: str) -> None:
    names = {"n": 10**7, "word": "x", "d": {"a": 1}, "queue": deque([1]), "part": Fraction(3, 2)}
    names["numbers"] = np.array([3], dtype=object)
    with pytest.raises(UsageError) as refused:
        render_prompt(f"{{{{ {text} }}}}", names)
    assert "the result would have more than 1,000,000 bytes; nothing was sent" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_what_names_nothing_is_said_in_the_details() -> None:
    prompt = render_prompt("{{ dff }} {{ n }} {{ dff }} {{ 'text' }} {{#if}}", {"n": 1})
    assert prompt.details == ("sent as typed: {{ dff }}", "{{ n }} → 1 character")


@pytest.mark.parametrize("expression", ["{{ 9**9**9 }}", "{{ len(df) }}", "{{ 1 + 1 }}", "{{ x | upper }}"])
def test_what_is_python_and_is_not_worked_out_is_said(expression: str) -> None:
    assert render_prompt(f"{expression} \\frac{{{{1}}}}{{{{2}}}}", {"n": 1}).details == (
        f"sent as typed: {expression}",
    )


def test_of_many_places_the_first_are_said() -> None:
    text = " ".join(f"{{{{ x{n} }}}}" for n in range(1_000))
    assert render_prompt(text, {}).details == (
        "sent as typed: {{ x0 }}, {{ x1 }}, {{ x2 }}, {{ x3 }}, {{ x4 }} and 995 more",
    )
