"""Insertion of an answer's code into a new cell below the one that asked for it; nothing is ever run.

A page of JupyterLab or Notebook 7 is asked to do it (``views/notebook_page``): it knows the cell that it made
again, and what is running.  A terminal, and a front end without such a page, get IPython's next input.
Where there is neither, one line says what to type.
"""

from __future__ import annotations

import ast
import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

from ..core.code_blocks import Code
from ..core.errors import UsageError
from ..core.events import FAULT_STATES
from ..core.reply import Reply
from ..core.text import sanitize_line
from ..views.choose import current_shell, is_console, is_page
from ..views.current_cell import current_cell
from ..views.notebook_page import CodeInsertion
from .state import MagicState

__all__ = ["CodeInserter", "code_for_cell", "replies_by_name", "split_subscript", "subscript_text"]

# What answers call the language of the notebook: python, py3, ipython3, python3.11, jupyter-python, pycon.
_NAMES_PYTHON = re.compile(r"(?:i|jupyter-)?py(?:thon|con)?(?:[23](?:\.\d+)*)?").fullmatch
_SESSION_PROMPT = re.compile(r"(?:>>>|\.\.\.|In \[\d+\]:| +\.\.\.:)(?: |$)")  # of a session that is shown

BLOCK_SEPARATOR = "\n\n# ---\n\n"
_QUOTES = "'\""
_SUBSCRIPT = re.compile(r"(?P<name>\w+)\[(?P<key>.+)\]", re.DOTALL)  # a line's quotes are gone
MAX_NAMED_BLOCKS = 12  # in a line about an answer's code
PAGE_TIMEOUT_S = 3.5  # how long a cell that awaits waits for a page of which nothing was heard yet


def code_for_cell(reply: Reply, number: int | None = None, variable: str = "NAME") -> str:
    """Return the code of an answer as the text of a cell.

    Parameters
    ----------
    reply
        the answer, finished or not
    number
        which of its blocks, from 1, whatever its language; ``None`` for all of the notebook's language
    variable
        what has the answer, for a comment on a block that finds no room

    Returns
    -------
    str
        The text without blank lines around it; a comment stands before it where the answer is not
        whole.

    Raises
    ------
    UsageError
        There is no such code; one line says which there is.
    """
    blocks = reply.code
    if not any(map(str.strip, blocks)):
        raise UsageError("there is no code in the answer")
    if number is None:
        selection = _python_blocks(blocks)
    elif 1 <= number <= len(blocks):
        selection = [blocks[number - 1]]
    else:
        raise UsageError(f"there is no block {number}: {_describe_blocks(blocks)}")
    if not selection:
        raise UsageError(
            f"no code of the answer is Python: {_describe_blocks(blocks)}; "
            "%stream code NAME 1 takes it all the same"
        )
    text = _join_blocks(selection, blocks, variable)
    is_whole = reply.state == "complete" or (number and number < len(blocks))
    return text if is_whole else f"# unfinished: the answer is {reply.state}\n{text}"


def _join_blocks(selection: Sequence[Code], blocks: Sequence[Code], variable: str) -> str:
    """Return blocks as one text; a cell magic stands above all, so among others it is only named."""
    texts = [_remove_prompts(block) for block in selection]
    if len(texts) > 1 and all(map(_is_cell_magic, texts)):
        raise UsageError(
            f"each of {len(texts)} blocks begins with %% and needs a cell of its own: "
            f"%stream code NAME {blocks.index(selection[0]) + 1} takes one"
        )
    if len(texts) > 1:
        texts = [
            f"# {text.split()[0]} needs a cell of its own: %stream code {variable} {blocks.index(block) + 1}"
            if _is_cell_magic(text)
            else text
            for text, block in zip(texts, selection, strict=True)
        ]
    return BLOCK_SEPARATOR.join(texts)


def _python_blocks(blocks: Sequence[Code]) -> list[Code]:
    """Return the blocks in Python; where none is called so, those without a name that read as Python."""
    python_blocks = [block for block in blocks if _NAMES_PYTHON(block.language or "") and block.strip()]
    return python_blocks or [
        block for block in blocks if block.language is None and _parses_as_python(_remove_prompts(block))
    ]


def _remove_prompts(block: str) -> str:
    """Return the typed lines of a session with ``>>>`` prompts; any other block as it is."""
    code = block.strip("\n")
    if not code.startswith((">>> ", "In [")) or not _SESSION_PROMPT.match(code):
        return code
    lines = code.split("\n")
    return "\n".join(line[match.end() :] for line in lines if (match := _SESSION_PROMPT.match(line)))


def _is_cell_magic(code: str) -> bool:
    return code.lstrip().startswith("%%")


def _parses_as_python(code: str) -> bool:
    try:
        ast.parse(TransformerManager().transform_cell(code))  # type: ignore[no-untyped-call]
    except (SyntaxError, ValueError):
        return False
    return bool(code.strip())


def _describe_blocks(blocks: Sequence[Code]) -> str:
    names = [sanitize_line(block.language or "", 20) or "unnamed" for block in blocks[:MAX_NAMED_BLOCKS]]
    languages = ", ".join(f"{number} {name}" for number, name in enumerate(names, 1))
    more = f" and {len(blocks) - len(names):,} more" if len(blocks) > len(names) else ""
    return f"the answer has {languages}{more}"


@dataclass(frozen=True, slots=True)
class CodeInserter:
    """Inserts an answer's code into a new cell below the one that runs now.

    Attributes
    ----------
    magics
        Whose page it is.
    variable
        What has the answer, as a person types it.
    cell_id
        The id of that cell; ``None`` where no page named it.
    background
        Whether the cell has ended when the code comes.
    """

    magics: MagicState
    variable: str
    cell_id: str | None
    background: bool = False

    @classmethod
    def below_current_cell(
        cls, magics: MagicState, variable: str, *, background: bool = False
    ) -> CodeInserter:
        """Return an inserter for the cell that runs now.

        Parameters
        ----------
        magics
            The defaults and the page of the notebook.
        variable
            The variable of the answer, as a person types it.
        background
            Whether the cell will have ended when the code comes (``--bg``).

        Returns
        -------
        CodeInserter
            Where the code goes when the answer has ended.
        """
        return cls(magics, variable, current_cell().cell, background)

    @property
    def may_reach_page(self) -> bool:
        """Whether a page named the cell, and so may put another below it."""
        return self.cell_id is not None and self.magics.page is not None

    def insert_code(self, reply: Reply, number: int | None = None, *, flag: str = "%stream code") -> None:
        """Insert an answer's code; raise ``UsageError`` where it has none.

        Parameters
        ----------
        reply
            The answer.
        number
            Which of its code blocks, from 1; ``None`` for all in Python.
        flag
            What the person typed to get it, for messages.
        """
        text = code_for_cell(reply, number, self.variable)
        retry = self._command(number)
        page = self.magics.page
        if page is not None and page.may_be_present and self.cell_id:
            line = f"{flag}: cells are running, so nothing was inserted; when they have ended: {retry}"
            page.insert_code(CodeInsertion(self.cell_id, text, line, retry, running=int(self.background)))
            return
        shell = current_shell()
        is_prompt = shell is not None and (not hasattr(shell, "kernel") or is_console(shell))
        if not self.background and (is_prompt or is_page(shell)):
            shell.set_next_input(text)
            print(f"{flag}: the code is the next input{'' if is_prompt else ', if this front end takes one'}")
        else:
            self.print_code_hint(flag, number)

    def print_code_hint(self, flag: str, number: int | None = None) -> None:
        """Print what to type in a page; ``flag`` is what the person typed, ``number`` the block."""
        retry = self._command(number)
        print(f"{flag}: no page is here to put a cell into; in JupyterLab or Notebook 7: {retry}")

    def _command(self, number: int | None) -> str:
        return " ".join(["%stream code", self.variable, *([str(number)] if number else [])])

    def insert_or_report(self, reply: Reply) -> None:
        """Insert an answer's code for ``--code``; where that is impossible, print one line."""
        try:
            self.insert_code(reply, flag="--code")
        except UsageError as error:
            # A cell that ends in a fault of its own has its line already.
            if reply.state != "interrupted" and reply.state not in FAULT_STATES:
                print(f"--code: {str(error).replace('NAME', self.variable)}")

    async def wait_for_page(self) -> None:
        """Wait until the page that was just opened has reported, a few seconds at most."""
        page, until = self.magics.page, time.monotonic() + PAGE_TIMEOUT_S
        with suppress(asyncio.CancelledError):  # the answer has come: an interrupt ends only this
            while page and page.may_come and not page.is_present and time.monotonic() < until:
                await asyncio.sleep(0.05)

    def print_answer_choice_hint(self, replies: Mapping[str, Reply]) -> None:
        """Print the command that inserts the code of one of several answers."""
        if names := [name for name, reply in replies.items() if reply.code]:
            command = f"%stream code {subscript_text(self.variable, names[0])}"
            print(f"--code: {len(replies)} answers are side by side; {command} takes the code of one")
        elif any(reply.state == "complete" for reply in replies.values()):
            print("--code: there is no code in the answers")


def subscript_text(variable: str, key: str) -> str:
    """Return ``answer["key"]``, one of several answers as a person types it."""
    return f'{variable}["{key}"]'


def split_subscript(text: str) -> tuple[str, str] | None:
    """Split ``answer["key"]`` into variable and key; ``None`` for a plain variable."""
    match = _SUBSCRIPT.fullmatch(text)
    return (match["name"], match["key"].strip(_QUOTES)) if match else None


def replies_by_name(value: object) -> dict[str, Reply]:
    """Return the replies of a dict or list by the key between brackets; empty for any other value."""
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    if isinstance(value, dict) and all(isinstance(item, Reply) for item in value.values()):
        return value
    return {}
