"""The code of an answer as the text of a cell, and where it goes when no page is there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamnb import Reply
from streamnb.core.errors import UsageError
from streamnb.core.events import State
from streamnb.magic.code_cell import code_for_cell, replies_by_name
from streamnb.markdown import render
from tests.kernels import Kernel, kernel

MIXED = "```python\nx = 1\n```\nthen\n```bash\nls\n```\nand\n```py\nprint(x)\n```\n"


def answer(text: str, state: State = "complete") -> Reply:
    return Reply(text, model="demo:test", state=state)


def test_blocks_of_the_notebooks_language_are_one_cell() -> None:
    assert code_for_cell(answer(MIXED)) == "x = 1\n\n# ---\n\nprint(x)"


@pytest.mark.parametrize(("number", "code"), [(1, "x = 1"), (2, "ls"), (3, "print(x)")])
def test_a_number_takes_one_block_whatever_its_language(number: int, code: str) -> None:
    assert code_for_cell(answer(MIXED), number) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\n%time x = [n for n in range(3)]\n```", "%time x = [n for n in range(3)]"),
        ("```\nawait f()\n```\n```\n$ ls -l\n```", "await f()"),
        ("```\na = 1\n```\n```python\nb = 2\n```", "b = 2"),
        ("~~~ipython\n!ls\n~~~", "!ls"),
    ],
)
def test_where_no_block_says_python_those_that_read_as_python_count(text: str, code: str) -> None:
    assert code_for_cell(answer(text)) == code


@pytest.mark.parametrize(
    "info",
    [
        *("python", "Python3", "{python}", "{.python .numberLines}", "python3.11", "python:main.py"),
        *("python,linenos", "jupyter-python", "{code-cell} ipython3", 'py title="a.py"'),
    ],
)
def test_python_is_python_however_its_fence_says_it(info: str) -> None:
    reply = answer(f"```{info}\nx = 1\n```\n```pypy\ny\n```")
    assert code_for_cell(reply) == "x = 1"
    assert 'data-snb-language="python:' not in render(reply)


def test_a_cell_magic_shares_its_cell_with_nothing() -> None:
    plain, magic = "```python\nx = 1\n```\n", "```python\n%%writefile a.py\ny\n```\n"
    assert code_for_cell(answer(plain + magic), None, "made") == (
        "x = 1\n\n# ---\n\n# %%writefile needs a cell of its own: %stream code made 2"
    )
    assert code_for_cell(answer(plain + magic), 2) == "%%writefile a.py\ny"
    assert code_for_cell(answer(magic)) == "%%writefile a.py\ny"
    with pytest.raises(
        UsageError, match=r"each of 2 blocks begins with %% .*: %stream code NAME 1 takes one"
    ):
        code_for_cell(answer(magic + magic))


SESSIONS = [
    (
        ">>> x = 1\n>>> x\n1\n>>> def f():\n...     return 1\n...\n>>> f()\n1",
        "x = 1\nx\ndef f():\n    return 1\n\nf()",
    ),
    ("In [1]: for n in x:\n   ...:     n\n\nOut[1]: 2", "for n in x:\n    n"),
    ("x = [...]\n# >>> no prompt", "x = [...]\n# >>> no prompt"),
    ("...", "..."),
]


@pytest.mark.parametrize(("session", "code"), SESSIONS)
def test_of_a_session_with_prompts_a_cell_gets_what_was_typed(session: str, code: str) -> None:
    for language in ("python", "pycon", ""):
        assert code_for_cell(answer(f"```{language}\n{session}\n```")) == code
    assert code_for_cell(answer(f"```python\ny = 1\n```\n```python\n{session}\n```"), 2) == code


NO_PYTHON = "no code of the answer is Python: the answer has "
JS = ", ".join(f"{number} js" for number in range(1, 13))


@pytest.mark.parametrize(
    ("text", "number", "line"),
    [
        ("Just words.", None, "there is no code in the answer"),
        ("```python\n\n```", None, "there is no code in the answer"),
        (MIXED, 4, "there is no block 4: the answer has 1 python, 2 bash, 3 py"),
        (MIXED, 0, "there is no block 0: the answer has 1 python, 2 bash, 3 py"),
        ("```sql\nselect\n```", None, "no code of the answer is Python: the answer has 1 sql; %stream"),
        ("```\x1b[31m\u202esql\nx\n```", None, f"{NO_PYTHON}1 [31m sql; %stream"),
        (f"```{'p' * 5_000}\nx\n```", None, f"{NO_PYTHON}1 {'p' * 19}…; %stream"),
        ("```js\nx\n```\n" * 14, None, f"{NO_PYTHON}{JS} and 2 more; %stream"),
        ("```\n$ ls -l\n```", None, "no code of the answer is Python: the answer has 1 unnamed; %stream"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_one_line(text: str, number: int | None, line: str) -> None:
    with pytest.raises(UsageError) as refused:
        code_for_cell(answer(text), number)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)


def test_of_an_answer_that_broke_off_comes_what_there_is_and_a_comment_says_so() -> None:
    broken = answer("```python\nx = 1\n```\n```python\ndef f(", "interrupted")
    assert code_for_cell(broken) == "# unfinished: the answer is interrupted\nx = 1\n\n# ---\n\ndef f("
    assert code_for_cell(broken, 2) == "# unfinished: the answer is interrupted\ndef f("
    assert code_for_cell(broken, 1) == "x = 1"  # was there as a whole


def test_several_answers_have_the_names_that_stand_between_brackets() -> None:
    one, two = answer("1"), answer("2")
    assert replies_by_name({"demo:a": one}) == {"demo:a": one}
    assert replies_by_name([one, two]) == {"0": one, "1": two}
    assert (
        replies_by_name({"demo:a": 1})
        == replies_by_name([1])
        == replies_by_name(one)
        == replies_by_name(None)
        == {}
    )


@pytest.fixture(scope="module")
def shell() -> Iterator[Kernel]:
    """A kernel that nobody looks at, with answers in variables."""
    first = f"""%load_ext streamnb
%config StreamMagics.speed = 0
import streamnb
answer = streamnb.Reply({MIXED!r}, model="demo:test", state="complete")
words = streamnb.Reply("Just words.", model="demo:test", state="complete")
both = {{"demo:a": answer, "demo:b": words}}
number = 1"""
    with kernel(*first.splitlines()) as running:
        yield running


REFUSED = [
    ("code nobody", "code nobody: there is no answer of this name"),
    ("code number", "code number: there is no answer of this name"),
    ("code words", "code words: there is no code in the answer"),
    ("code answer 9", "code answer: there is no block 9"),
    ("code 9", "code answer: there is no block 9"),
    ("code answer first", "for example: %stream code answer 1"),
    ("code 1 2", "for example: %stream code answer 1"),
    ("code both", 'for example: %stream code both["demo:a"]'),
    ('code both["demo:c"]', 'for example: %stream code both["demo:a"]'),
    ('code both["demo:b"]', 'code both["demo:b"]: there is no code in the answer'),
    ("code a b c", "code takes [NAME] [N], for example: %stream code answer"),
]


@pytest.mark.parametrize(("line", "message"), REFUSED)
def test_a_refused_line_says_what_to_type(shell: Kernel, line: str, message: str) -> None:
    ran = shell.run(f"%stream {line}")
    assert message in ran.refusal
    assert not ran.reply.get("payload")


NOBODY = "no page is here to put a cell into; in JupyterLab or Notebook 7: %stream code "


def test_a_runner_of_notebooks_gets_one_line_that_says_what_to_type(shell: Kernel) -> None:
    ran = shell.run("%%stream demo:python -o made --code\nhi")
    assert ran.ok
    assert ran.stdout == f"--code: {NOBODY}made\n"
    assert shell.run("%stream code both['demo:a'] 2").stdout == f'%stream code: {NOBODY}both["demo:a"] 2\n'


def test_a_stream_in_the_background_says_so_before_it_begins(shell: Kernel) -> None:
    ran = shell.run("%%stream demo:python -o made --code --bg\nhi")
    assert ran.stdout == f"--code: {NOBODY}made\n"
    assert "--code" not in shell.run("made.wait(); import time; time.sleep(0.1)").stdout


def test_a_console_gets_its_next_input(shell: Kernel) -> None:
    ran = shell.run("%stream code answer", allow_stdin=True)
    (payload,) = ran.reply["payload"]
    assert payload == {"source": "set_next_input", "text": "x = 1\n\n# ---\n\nprint(x)", "replace": False}
    assert ran.stdout == "%stream code: the code is the next input\n"


@pytest.mark.parametrize(
    ("line", "stdout"),
    [
        ("demo:haiku --code", "--code: there is no code in the answer\n"),
        ("-m demo:haiku*2 --code", "--code: there is no code in the answers\n"),
        (
            "-m demo:python -m demo:haiku --code",
            '--code: 2 answers are side by side; %stream code kept["demo:python"] takes the code of one\n',
        ),
    ],
)
def test_an_answer_whose_code_cannot_be_taken_is_an_answer_all_the_same(
    shell: Kernel, line: str, stdout: str
) -> None:
    ran = shell.run(f"%%stream {line} -o kept\nhi")
    assert ran.ok
    assert ran.stdout == stdout


def test_many_answers_take_no_code_along(shell: Kernel) -> None:
    shell.run("several = ['a', 'b']")
    ran = shell.run("%%stream demo --each several --code\n{{ it }}")
    assert "--code is for one prompt" in ran.refusal


def test_tab_offers_the_answers(shell: Kernel) -> None:
    offered = shell.complete("%stream code ")
    assert {"answer", "words", "both"} <= set(offered)
    assert "number" not in offered
    assert "code" in shell.complete("%stream co")
    assert "--code" in shell.complete("%%stream --co")
