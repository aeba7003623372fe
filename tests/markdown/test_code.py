"""Code: escaped always, coloured when its fence is closed, never another text than the answer's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamnb.markdown.code import MAX_CODE_CHARACTERS, TOKEN_CLASSES, fence_language, highlight
from streamnb.markdown.parser import new_parser
from tests.markdown.reading import read


def test_a_closed_fence_is_coloured() -> None:
    page = read(new_parser().render("```python\ndef f(): return 'x'  # y\n```"))
    assert page.text == "def f(): return 'x'  # y\n\n"
    assert {"snb-k", "snb-f", "snb-s", "snb-c"} <= set(page.values("class"))
    assert page.values("data-snb-language") == ["python"]


@pytest.mark.parametrize(
    "text",
    [
        "```python\ndef f(): 1",
        "```python\ndef f(): 1\n",
        "```python\n",
        "```python\n\n",
        "````python\n1\n```\n",
    ],
)
def test_an_open_fence_is_plain(text: str) -> None:
    assert "span" not in read(new_parser().render(text)).tags


def test_whether_a_fence_is_closed_does_not_depend_on_what_follows() -> None:
    parser = new_parser()
    for fence in ("```py\n1\n```\n", "> ```py\n> 1\n", "- ```py\n  1\n  ```\n", "```py\n```\n"):
        assert parser.render(f"{fence}\n# end\n").startswith(parser.render(fence))


def test_a_language_that_is_not_known_or_not_a_name_is_plain_and_harmless() -> None:
    page = read(new_parser().render('~~~ "><img src=x onerror=alert(1)>\ncode\n~~~\n'))
    assert page.tags == ["pre", "code", "/code", "/pre"]
    assert page.values("data-snb-language") == []
    assert "span" not in read(new_parser().render("```nolanguage\ndef\n```")).tags


@pytest.mark.parametrize(
    ("info", "name"),
    [
        ("python title=x", "python"),
        ("{.python}", "python"),
        ("C++", "c++"),
        ("c#", "c#"),
        ('a"b', ""),
        ("", ""),
    ],
)
def test_the_language_is_the_first_word_of_the_info_string(info: str, name: str) -> None:
    assert fence_language(info) == name


@given(st.text(alphabet=st.sampled_from("ab \n\t\r'\"<>&#/*{}()\\`$\xa0\ufeff漢"), max_size=60))
def test_no_lexer_changes_the_text(code: str) -> None:
    for name in (
        "python",
        "html",
        "js",
        "bash",
        "json",
        "pycon",
        "diff",
        "yaml",
        "latex",
        "rst",
        "php",
        "console",
    ):
        assert read(highlight(code, name)).text == code.replace("\r", "\n")


def test_code_that_is_too_long_is_not_coloured() -> None:
    assert "<span" not in highlight("1 " * MAX_CODE_CHARACTERS, "python")


def test_there_are_few_families() -> None:
    assert len(set(TOKEN_CLASSES.values())) <= 15


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("autohotkey", "\n" * 2_000),
        ("c", "int a;\n" + "\n" * 50_000),
        ("systemd", "[Unit]\n" + " " * 20_000),
        ("csharp", "a\n" * 20_000),
        ("lilypond", "a" * 150),
    ],
)
def test_what_a_lexer_would_take_ages_for_is_plain(name: str, code: str) -> None:
    assert highlight(code, name) == code
