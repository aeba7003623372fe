"""``--error`` and ``%stream fix``: what of an error is in the request, and what must not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.kernels import CellResult, kernel
from tests.magic.notebook import Notebook
from tests.upstream import TEXT, ModelAnswer, Upstream, answer_request

pytestmark = pytest.mark.slow

SETUP = """
import numpy as np, pandas as pd
frame = pd.DataFrame({"city": ["Oslo", "Rome"], "sales": [1, 2]})
array = np.zeros((3, 4))
prices = [10, 20]
api_key = "c4n4ry-of-a-variable"

class Loud:
    read = 0
    @property
    def value(self):
        type(self).read += 1
        return 1
    def __repr__(self):
        raise RuntimeError("a repr that raises")
    def __len__(self):
        type(self).read += 1
        return 1
    __getattr__ = lambda self, name: setattr(Loud, "read", Loud.read + 1)

class Slow:
    def __repr__(self):
        import time; time.sleep(3600)

loud, slow = Loud(), Slow()
loud.__dict__["title"] = "shown"
huge, long_text = list(range(1_000_000)), "la" * 50_000
def mean(values, *, weight=slow):
    return sum(values) / len(values)
"""

MODULE = '''
def outer(x):
    """Go further down."""
    return inner(x)

def inner(x):
    note = "the line before"
    return 1 / x
'''

MACHINERY = ("IPython", "ipykernel", "streamnb", "interactiveshell", "run_code", "site-packages")


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("modules")
    (folder / "mine.py").write_text(MODULE)
    (folder / "script.py").write_text("values = {}\nvalues['missing']\n")
    (folder / "broken.py").write_text("def f(:\n    pass\n")
    environ = {"CANARY_API_KEY": "c4n4ry-of-the-environment", "IPYTHONDIR": str(folder / "ipython")}
    with (
        Upstream(lambda request: answer_request(request, ModelAnswer())) as upstream,
        kernel(
            f"import os, sys; os.chdir({str(folder)!r})\n{SETUP}", "%load_ext streamnb", **environ
        ) as shell,
    ):
        yield Notebook(shell, upstream)


@dataclass
class Kind:
    """A cell that raises, what must be in the request and what must not."""

    code: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()


KINDS = {
    "a plain error": Kind(
        "x = 1\nx / 0", ("ZeroDivisionError: division by zero", "line 2", "> x / 0", "x: int 1")
    ),
    "an error in a function of another cell": Kind(
        "mean([])",
        (
            "ZeroDivisionError",
            "in mean",
            "return sum(values) / len(values)",
            "def mean(values, *, weight=Slow)",
        ),
    ),
    "a data frame": Kind(
        'frame["town"]',
        ("KeyError: 'town'", "2 rows × 2 columns: city str, sales int64", "pandas/core/frame.py, line"),
        ("Oslo", "raise KeyError(key) from err", "def __getitem__"),
    ),
    "an array": Kind("array.reshape(5)", ("ValueError", "array: numpy.ndarray, shape (3, 4), float64")),
    "a repr that raises": Kind(
        "loud + 1", ("TypeError", "loud: Loud object with title='shown'"), ("a repr that",)
    ),
    "a repr that is slow": Kind("slow + 1", ("TypeError", "slow: Slow object")),
    "huge values": Kind(
        "huge + long_text",
        ("list of 1,000,000: [0, 1, 2", "str of 100,000 characters, beginning"),
        ("la" * 100,),
    ),
    "a key in the cell": Kind(
        'password = "hunter2hunter2"\nsk = "sk-0123456789abcdefghij"\n'
        'raise ValueError(os.environ["CANARY_API_KEY"], api_key)',
        ('password = "[key]"', "ValueError", "api_key: str, its value is not shown"),
        ("hunter2", "0123456789abcdefghij", "c4n4ry-of-the-environment"),
    ),
    "a syntax error": Kind(
        "prices = [1, 2\nprint(prices", ("SyntaxError", "print(prices", "prices: list of 2: [10, 20]")
    ),
    "an indentation error": Kind(
        "if prices:\nprint(1)", ("IndentationError: expected an indented block", "if prices:")
    ),
    "a wrong indent": Kind("x = 1\n  y = 2", ("IndentationError: unexpected indent",)),
    "a return outside of a function": Kind("return 1", ("SyntaxError: 'return' outside function",)),
    "an awaited cell": Kind(
        "import asyncio\nasync def wait():\n    await asyncio.sleep(0)\n"
        "    raise LookupError('late')\nawait wait()",
        ("LookupError: late", "in wait", "> await wait()", "wait: async def wait()"),
    ),
    "a cause": Kind(
        "try:\n    int('x')\nexcept ValueError as e:\n    raise RuntimeError('not read') from e",
        ("ValueError: invalid literal", "direct cause of", "RuntimeError: not read"),
    ),
    "an error while handling one": Kind(
        "try:\n    {}['a']\nexcept KeyError:\n    1 / 0",
        ("KeyError: 'a'", "During handling of", "ZeroDivisionError"),
    ),
    "a suppressed context": Kind(
        "try:\n    {}['hidden']\nexcept KeyError:\n    raise ValueError('only this') from None",
        ("ValueError: only this",),
        ("KeyError: 'hidden'", "During handling"),
    ),
    "notes": Kind(
        "e = ValueError('wrong')\ne.add_note('look at row 3')\nraise e",
        ("ValueError: wrong", "look at row 3"),
    ),
    "a group": Kind(
        "raise ExceptionGroup('two', [ValueError('a'), ExceptionGroup('in it', [TypeError('b')])])",
        ("ExceptionGroup: two (2 sub-exceptions)", "| ValueError: a", "|   | TypeError: b"),
    ),
    "a module of the person's own": Kind(
        "import mine\nmine.outer(0)",
        ("mine.py, line 4, in outer", "> ", 'note = "the line before"', "return 1 / x", "mine: module mine"),
    ),
    "a module with a syntax error": Kind("import broken", ("SyntaxError", "broken.py", "def f(:")),
    "a recursion": Kind(
        "def down(n):\n    return down(n + 1)\nlimit = sys.getrecursionlimit()\nsys.setrecursionlimit(220)\n"
        "try:\n    down(0)\nfinally:\n    sys.setrecursionlimit(limit)",
        ("RecursionError", "frames left out]", "in down"),
    ),
    "an interrupt": Kind("raise KeyboardInterrupt", ("KeyboardInterrupt", "The person interrupted the cell")),
    "an interrupt of an awaited cell": Kind(
        "import asyncio\nraise asyncio.CancelledError", ("The person interrupted the cell",)
    ),
    "half a character": Kind("raise ValueError('half \\ud83d')", ("ValueError: half \ufffd",)),
    "an exit": Kind("import sys\nsys.exit(3)", ("SystemExit: 3", "> sys.exit(3)")),
    "an assertion": Kind(
        "assert len(prices) == 3, 'three prices'", ("AssertionError: three prices", "prices: list of 2")
    ),
    "a script that was run": Kind(
        "%run script.py", ("KeyError: 'missing'", "script.py, line 2", "%run script.py")
    ),
    "a timed cell": Kind("%%time\ny = 0\n1 / y", ("ZeroDivisionError", "%%time", "y: int 0")),
    "a magic that there is not": Kind(
        "%nonsense", ("UsageError: Line magic function `%nonsense` not found", "%nonsense"), ("get_ipython",)
    ),
    "an object that cannot be told": Kind(
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E", ("raise E", "E: ")
    ),
    "a long message": Kind("raise ValueError('n' * 100_000)", ("ValueError: nnn", "characters left out]")),
    "escapes in a message": Kind("raise ValueError('\\x1b[31mred\\x1b[0m')", ("ValueError: red",), ("\x1b",)),
    "a display that fails": Kind(
        "class D:\n    def _repr_html_(self): raise OSError('no picture')\nD()",
        ("OSError: no picture", "in D._repr_html_"),
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_what_of_an_error_is_sent(notebook: Notebook, name: str) -> None:
    kind = KINDS[name]
    sent = notebook.send_error(kind.code)
    for text in kind.has:
        assert text in sent, sent
    for text in (*kind.lacks, *MACHINERY):
        assert text not in sent, sent
    assert sent.endswith("\n\nWhy?")
    assert len(sent) < 30_000
    assert notebook.shell.value("Loud.__dict__['read']") == 0


def test_the_cell_is_named_and_the_line_stays_as_it_is(notebook: Notebook) -> None:
    number = notebook.shell.run("1 / 0").reply["execution_count"]
    (Path(notebook.shell.value("os.getcwd()")) / "notes.txt").write_text("some notes")
    assert notebook.shell.run(
        f"%%stream {notebook.line} --error -a notes.txt\nWhy is {{{{ prices }}}} short?"
    ).ok
    assert f"raised by cell [{number}]" in notebook.prompt
    assert "Why is [\n 10,\n 20\n] short?" in notebook.prompt
    assert notebook.prompt.endswith("some notes")
    (detail,) = (line for line in notebook.shell.value("list(answer.details)") if "error" in line)
    assert detail.startswith(f"error of cell [{number}]: ZeroDivisionError: division by zero (")


def test_the_cell_of_a_function_that_it_went_through_is_sent_too(notebook: Notebook) -> None:
    defined = notebook.shell.run("def half(n):\n    # a remark\n    return n // 0\n").reply["execution_count"]
    failed = notebook.shell.run("half(3)").reply["execution_count"]
    assert notebook.shell.run(f"%%stream {notebook.line} --error\nWhy?").ok
    assert f"raised by cell [{failed}]:\n\n```python\nhalf(3)\n```" in notebook.prompt
    assert (
        f"Cell [{defined}], which it went through:\n\n```python\ndef half(n):\n    # a remark"
        in notebook.prompt
    )
    assert f"with cell [{defined}])" in notebook.shell.value("answer.details[0]")
    assert notebook.prompt.count("half(3)") == 2  # the cell, and the traceback


def test_fix_takes_the_last_error_until_there_is_a_newer_one(notebook: Notebook) -> None:
    notebook.shell.run("first_wrong / 1")
    notebook.shell.run("prices")  # runs well, and says nothing about the error
    ran = notebook.shell.run(f"%stream fix {notebook.line}")
    assert "NameError: name 'first_wrong' is not defined" in ran.stdout
    assert "first_wrong / 1" in notebook.prompt
    assert "give the corrected cell" in notebook.prompt
    assert TEXT in ran.shown
    notebook.shell.run(f"%stream fix {notebook.line}")
    assert "first_wrong / 1" in notebook.prompt  # by another model, say
    notebook.shell.run("second_wrong / 1")
    notebook.shell.run(f"%stream fix {notebook.line}")
    assert "second_wrong / 1" in notebook.prompt
    assert "first_wrong" not in notebook.prompt


def test_a_fault_of_a_stream_is_no_error_of_the_notebook(notebook: Notebook) -> None:
    notebook.shell.run("third_wrong / 1")
    assert not notebook.shell.run("%%stream demo:cut --speed 0\nhi").ok
    assert not notebook.shell.run("%%stream --nonsense\nhi").ok
    assert not notebook.shell.run("%stream nonsense").ok
    notebook.shell.run(f"%%stream {notebook.line} --error\n")
    assert "third_wrong / 1" in notebook.prompt
    assert "give the corrected cell" in notebook.prompt  # where the prompt is empty


def test_a_cell_that_ran_well_since_has_no_error_any_more(notebook: Notebook) -> None:
    notebook.shell.run("fourth_wrong / 1", cell="four")
    failed = notebook.shell.value("get_ipython().execution_count - 1")
    notebook.shell.run("fourth_wrong = 1", cell="four")
    count = len(notebook.upstream.requests)
    refused = notebook.shell.run(f"%stream fix {notebook.line}")
    expected = f"UsageError: %stream: there is no error to send: cell [{failed}] has run without one since"
    assert refused.refusal == f"{expected}, as [{failed + 1}]"
    assert not notebook.shell.run(f"%%stream {notebook.line} --error\nWhy?").ok
    assert len(notebook.upstream.requests) == count


def test_an_error_from_before_the_extension_was_loaded_is_known(notebook: Notebook) -> None:
    notebook.shell.run("fifth_wrong / 1")
    notebook.shell.run("%reload_ext streamnb")
    assert notebook.shell.run(f"%%stream {notebook.line} --error\nWhy?").ok
    assert "fifth_wrong / 1" in notebook.prompt
    assert "NameError" in notebook.prompt


def test_a_wrong_line_of_fix_is_one_line(notebook: Notebook) -> None:
    notebook.shell.run("sixth_wrong / 1")
    refused = notebook.shell.run("%stream fix one two")
    assert "'two' is one word too many after the model 'one'" in refused.refusal
    assert refused.stdout == ""


def test_fix_takes_no_cells(notebook: Notebook) -> None:
    notebook.shell.run("sixth_wrong / 1")
    refused: CellResult = notebook.shell.run(f"%stream fix {notebook.line} --cells 2")
    assert "leave out --error and --cells" in refused.refusal
