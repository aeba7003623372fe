"""A kernel and the test provider that its cells ask, with what the last request held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.kernels import Kernel
from tests.upstream import Upstream


@dataclass
class Notebook:
    """A kernel with the extension, and the provider that its cells ask."""

    shell: Kernel
    upstream: Upstream

    @property
    def line(self) -> str:
        """The options that send a cell to the provider."""
        return f"openai:test --base-url {self.upstream.openai_url}"

    @property
    def content(self) -> Any:
        """The content of the last prompt: a text, or a list of parts."""
        return self.upstream.requests[-1].json["messages"][-1]["content"]

    @property
    def prompt(self) -> str:
        """The last prompt as text."""
        return str(self.content)

    @property
    def details(self) -> list[str]:
        """The lines of the footer's details that name cells."""
        return [line for line in self.shell.value("list(answer.details)") if "cell" in line]

    def send_cells(self, *cells: str, number: str = "") -> str:
        """Run cells, then one that sends them; return its prompt."""
        for code in cells:
            self.shell.run(code)
        ran = self.shell.run(f"%%stream {self.line} --cells {number or len(cells)}\nGo on.")
        assert ran.ok, ran
        return self.prompt

    def send_error(self, code: str) -> str:
        """Run a cell that raises; return the prompt of the ``--error`` cell below it."""
        self.shell.run(code)
        self.shell.run("None")  # ipykernel 7 marks an awaited cell that follows a display which failed
        ran = self.shell.run(f"%%stream {self.line} --error\nWhy?")
        assert ran.ok, ran
        return self.prompt
